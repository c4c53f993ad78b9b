"""A recording while it is written to a file: what the script's process does.

The kinds of frames, each whole in itself, in the order in which things happened:

    head    JSON: the format, the script and its arguments, machine, process, time
    file    a source file of the project, as `SourceFile`
    part    JSON: which moments, graphs, backward passes and passes the next frame has
    line    the moments, graphs and backward passes themselves
    pass    scalars of consecutive passes, as `PassChunk`
    at      the number of a line that begins, among the first ones
    late    a moment's index and its silent writes, found out later
    rank    which process of a distributed run this is, as `RankPlace`, as far as known by then
    sync    what the ranks made of the gradients of consecutive passes, as `RankPass` each
    call    the collective that was reached last, as `Collective`
    note    a line that whoever reads the recording must know
    end     JSON: how the script ended, and when

Nothing in a file is ever executed: there is JSON, arrays of numbers, and records by their fields.
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from collections.abc import Mapping
from dataclasses import asdict

# Not by their modules: a script may put its own there, as one that freezes time.
from json import dumps
from pathlib import Path
from time import monotonic, time
from typing import Any

from engine.autograd.graph import Backward, Graph
from engine.plurals import counted
from engine.recording.file.codec import CodecError, encode
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.findings import Finding
from engine.recording.journal import Journal
from engine.recording.pass_chunk import PassChunk
from engine.recording.rank_records import Collective, RankPass, RankPlace
from engine.recording.records import Ending, Moment, ScriptError, SilentWrite, SourceFile
from engine.uncollected import uncollected

SINGLE_LINES = 10
"""So many lines are written one by one, so that a script that dies early is seen to its end."""
CAREFUL_LINES = 60
"""Of so many it is written that they begin, and what they have done as soon as they take long."""
CUT = "the recording ends here"
"""What is printed where it cannot be written on."""
CAREFUL_SECONDS = 0.01
"""After that, lines after the single ones are written together, while they are careful ones."""
FLUSH_SECONDS = 0.2
"""After that, all others are, at least so often while lines end."""


class RunJournal(Journal):
    """A journal that writes every entry to a file and keeps only what it still needs.

    A file that cannot be written any more ends the recording, never the script.
    """

    def __init__(
        self, writer: FrameWriter, name: str, source: str, about: Mapping[str, Any]
    ) -> None:
        super().__init__(name, source)
        self._writer: FrameWriter | None = writer
        self._lock = threading.RLock()
        self._flushing = threading.RLock()
        """Held until what was taken is written: parts are in order."""
        self._thread = threading.get_ident()
        self._written = (0, 0, 0)
        self._flushed = monotonic()
        self._append("head", dumps({**machine(), **about, "name": name}).encode())

    def begin(self, line: int) -> None:
        """Keep the line's number, and write it among the first ones."""
        super().begin(line)
        if self.moment_count <= CAREFUL_LINES:
            at = () if self.moment_count == CAREFUL_LINES else (("at", str(line).encode()),)
            with self._flushing:
                lines = self._taken() if self._is_time() else ()
                self._write(*lines, *at, compress=False)

    def returned(self) -> None:
        """Write what is kept among the first lines: none begins at once."""
        if self.moment_count <= CAREFUL_LINES:
            self._flush_in_time()

    def add_file(self, file: SourceFile) -> int:
        """Write the file; returns its index."""
        self._append("file", encode(file))
        return super().add_file(file)

    def add_graph(self, graph: Graph) -> None:
        """Keep the graph until the moment that shows it is written."""
        with self._lock:
            super().add_graph(graph)

    def add_backward(self, backward: Backward) -> None:
        """Keep the backward pass until the moment of its line is written."""
        with self._lock:
            super().add_backward(backward)

    def add_moment(self, moment: Moment) -> None:
        """Keep the moment; it is written when the next line begins, or with others in time."""
        with self._lock:
            super().add_moment(moment)
        if self.moment_count > CAREFUL_LINES:
            self._flush_in_time()

    def blame(self, index: int, silent: tuple[SilentWrite, ...]) -> None:
        """Write the silent writes of an earlier moment."""
        with self._lock:
            first = self._written[0]
            if index >= first:
                super().blame(index - first, silent)
            else:
                self._append("late", encode((index, silent)))

    def note(self, text: str) -> None:
        """Write a line about the recording, unless it is written already."""
        if text not in self.notes:
            super().note(text)
            self._append("note", text.encode(errors="replace"))

    def add_finding(self, finding: Finding) -> bool:
        """Write what is wrong, unless it has been said of the same line."""
        new = super().add_finding(finding)
        if new:
            self._append("find", dumps(asdict(finding)).encode())
        return new

    def add_passes(self, chunk: PassChunk) -> None:
        """Write the scalars of consecutive passes as a frame of their own.

        Measured numbers are hardly made smaller by compression, which costs more than all else
        that is done for a pass in a loop of hundreds of thousands.
        """
        payload = chunk.encoded()
        numbers = chunk.loss.itemsize * len(chunk.loss) + chunk.norms.itemsize * len(chunk.norms)
        self._write(("pass", payload), compress=len(payload) > 2 * numbers)

    def set_place(self, place: RankPlace) -> None:
        """Write which process of a distributed run this is."""
        super().set_place(place)
        self._append("rank", encode(place))

    def add_rank_passes(self, passes: tuple[RankPass, ...]) -> None:
        """Write what the ranks made of the gradients of consecutive passes."""
        self._append("sync", encode(passes))

    def reached(self, collective: Collective) -> None:
        """Write which collective was reached last."""
        super().reached(collective)
        self._append("call", encode(collective))

    def window_ended(self) -> None:
        """Write what is kept, if it is time; whoever has the journal writes it soon."""
        self._flush_in_time()

    def flush(self, *, last: bool = False) -> None:
        """Write the moments, graphs and backward passes that are kept."""
        with self._flushing:
            self._write(*self._taken())

    def _flush_in_time(self) -> None:
        if self._is_time():
            self.flush()

    def _is_time(self) -> bool:
        if self.moment_count <= SINGLE_LINES:
            return True
        wait = CAREFUL_SECONDS if self.moment_count <= CAREFUL_LINES else FLUSH_SECONDS
        return monotonic() - self._flushed > wait

    def _taken(self) -> tuple[tuple[str, bytes], ...]:
        """The frames of what is kept, which is kept no more."""
        with self._lock:
            self._flushed = monotonic()
            if not self.moments and not self.graphs and not self.backwards:
                return ()
            content = tuple(self.moments), tuple(self.graphs), tuple(self.backwards)
            count = len(self.moments)
            part = {
                "moments": (self._written[0], count),
                "graphs": (self._written[1], len(self.graphs)),
                "backwards": (self._written[2], len(self.backwards)),
                "passes": _passes(self._written[0], self.moments),
            }
            self._written = self.moment_count, self.graph_count, self.backward_count
            self.moments, self.graphs, self.backwards = [], [], []
        # More may be added meanwhile. Only its own thread may keep the script's garbage from it.
        mine = threading.get_ident() == self._thread
        try:
            with uncollected() if mine else contextlib.nullcontext():
                lines = encode(content)
                del content  # or all of it would be searched for garbage at once
        except CodecError as error:
            self.note(f"{counted(count, 'line')} could not be kept: {error}")
            return ()
        return ("part", dumps(part).encode()), ("line", lines)

    def end(self, ending: Ending, error: ScriptError | None, trailing: str) -> None:
        """Write how the script ended; nothing is written after that."""
        self.flush()
        self._append("end", end_frame(ending, error, trailing))
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _append(self, kind: str, payload: bytes) -> None:
        self._write((kind, payload))

    def _write(self, *frames: tuple[str, bytes], compress: bool = True) -> None:
        if not frames:
            return
        with self._lock:
            if self._writer is None:
                return
            try:
                self._writer.append_all(frames, compress)
            except OSError as error:
                self._writer = None
                # The script goes on; whoever waits for its recording must know at once.
                reason = error.strerror or type(error).__name__
                with contextlib.suppress(OSError):
                    os.write(2, f"linreg-tui: {CUT}: {reason}\n".encode())
            except ValueError as error:  # too much for one frame
                if frames[0][0] != "note":
                    self.note(f"something could not be kept: {error}")


def end_frame(
    ending: Ending, error: ScriptError | None, trailing: str = "", when: float | None = None
) -> bytes:
    """The payload of the frame that says how a script ended, and `when`: now, without one."""
    plain = asdict(error) if error is not None else None
    when = time() if when is None else when
    end = {"ending": ending, "error": plain, "trailing": trailing, "time": when}
    return dumps(end).encode()


def append_end(
    path: Path, ending: Ending, error: ScriptError | None, when: float | None = None
) -> None:
    """Say how a script ended whose process did not; raises OSError."""
    writer = FrameWriter.resume(path)
    writer.append("end", end_frame(ending, error, when=when))
    writer.close()


def machine() -> dict[str, Any]:
    """Where and when a recording is made."""
    return {
        "host": platform.node(),
        "pid": os.getpid(),
        "python": platform.python_version(),
        "started": time(),
    }


def _passes(first: int, moments: list[Moment]) -> list[tuple[int, int, int, bool]]:
    """For every pass: its number, first and end moment here, and whether its backward ran here."""
    found: list[tuple[int, int, int, bool]] = []
    for index, moment in enumerate(moments, first):
        ran = moment.backward is not None
        if found and found[-1][0] == moment.number:
            number, start, _, already = found[-1]
            found[-1] = (number, start, index + 1, already or ran)
        else:
            found.append((moment.number, index, index + 1, ran))
    return found
