"""Reading a recording from its file: at random, also while it is written.

A reader holds where things are, and decodes what is looked at; the parts looked at last stay.
"""

from __future__ import annotations

import bisect
import json
import os
import platform
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from engine.autograd.graph import Backward, Graph
from engine.recording.codec import CodecError, decode
from engine.recording.frame_reader import FrameReader
from engine.recording.frames import DamagedFrameError, Frame, RunFileError
from engine.recording.pass_table import DeepPass, PassChunk, PassTable
from engine.recording.records import (
    Ending,
    Moment,
    Recording,
    ScriptError,
    SilentWrite,
    SourceFile,
)
from engine.recording.run_file import CAREFUL_LINES

KEPT_PARTS = 64
KEPT_BYTES = 64 << 20
"""What has been decoded stays while there are at most so many parts, and so many bytes of them."""

T = TypeVar("T")
Contents = tuple[tuple[Moment, ...], tuple[Graph, ...], tuple[Backward, ...]]


@dataclass(frozen=True, slots=True)
class _Part:
    """Where one frame of lines is, and what it has."""

    frame: Frame
    starts: tuple[int, int, int]
    counts: tuple[int, int, int]


class RunReader:
    """A recording in a file; raises RunFileError where it is none.

    `refresh` reads what has been written since, and `recording` gives what there is as a record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._frames = FrameReader(path)
        self._head: dict[str, Any] = {}
        self._files: list[SourceFile] = []
        self._notes: list[str] = []
        self._chunks: list[PassChunk] = []
        self._deep: dict[int, DeepPass] = {}
        self._ran: set[int] = set()
        self._end: dict[str, Any] | None = None
        self._announced: dict[str, Any] | None = None
        self._line = 1
        """The line that began last, as far as that was written."""
        self._bad = 0
        self._store = _Store(self._frames)
        self.refresh()

    @property
    def head(self) -> dict[str, Any]:
        """The script, its arguments, the machine and the process, as they were written."""
        return dict(self._head)

    @property
    def running(self) -> bool:
        """Whether the script may still be running: no end is written, and its process is there."""
        if self._end is not None:
            return False
        if not self._head:  # begun just now, or lost
            return not self._bad and not self._frames.damaged
        return self._head.get("host") != platform.node() or _is_alive(self._head.get("pid"))

    @property
    def has_end(self) -> bool:
        """Whether the recording says how the script ended."""
        return self._end is not None

    @property
    def last_line(self) -> int:
        """The number of the line that began last, as far as that is known."""
        moments = self._store.sequence(0, _NO_MOMENT)
        return self._line if len(moments) < CAREFUL_LINES or not moments else moments[-1].line

    def ended(self, ending: Ending, error: ScriptError | None, printed: str) -> None:
        """Say how the script ended and what it printed past its streams; the file stays as it is.

        The error of a process that died is at the line that began last.
        """
        self._end = self._end or {"trailing": ""}
        plain = self._end.get("error")
        if error is not None:
            plain = asdict(replace(error, line=self.last_line))
        self._end |= {"ending": ending, "error": plain}
        self.printed(printed)

    def printed(self, text: str) -> None:
        """Add what the script printed past its streams to what it printed at last."""
        self._end = self._end or {"ending": "killed"}
        self._end["trailing"] = str(self._end.get("trailing", "")) + text

    def refresh(self) -> bool:
        """Read what is new; whether anything was."""
        new = self._frames.refresh()
        for frame in new:
            try:
                self._take(frame)
            except (CodecError, DamagedFrameError, ValueError, LookupError, TypeError):
                self._bad += 1
        return bool(new)

    def recording(self) -> Recording:
        """The recording as far as it is written; what it has is read when it is looked at."""
        ending, error = self._ending()
        name = str(self._head.get("name", self.path.name))
        return Recording(
            name=name,
            source=self._files[0].text if self._files else "",
            moments=self._store.sequence(0, _NO_MOMENT),
            graphs=self._store.sequence(1, Graph((), ())),
            backwards=self._store.sequence(2, Backward(Graph((), ()), ())),
            ending=ending,
            error=error,
            trailing_output=str(self._end.get("trailing", "")) if self._end else "",
            files=tuple(self._files),
            passes=self._passes(),
            notes=self._all_notes(),
        )

    def close(self) -> None:
        """Close the file; nothing can be read any more."""
        self._frames.close()

    def _take(self, frame: Frame) -> None:
        kind = frame.kind
        if kind == "line":
            self._take_lines(frame)
            return
        data = self._frames.read(frame)
        if kind == "pass":
            self._chunks.append(PassChunk.decoded(data))
        elif kind == "part":
            self._announced = json.loads(data)
        elif kind == "file":
            self._files.append(_expect(decode(data), SourceFile))
        elif kind == "at":
            self._line = int(data)
        elif kind == "note":
            self._notes.append(data.decode(errors="replace"))
        elif kind == "late":
            index, silent = _contents(decode(data))
            self._store.late[int(index)] = tuple(silent)
        elif kind == "head" and not self._head:
            self._head = dict(json.loads(data))
        elif kind == "end":
            self._end = dict(json.loads(data))

    def _take_lines(self, frame: Frame) -> None:
        part, self._announced = self._announced, None
        if part is None:
            raise ValueError("lines without a word of which")
        spans = [tuple(map(int, part[name])) for name in ("moments", "graphs", "backwards")]
        starts, counts = zip(*spans, strict=True)
        self._store.add(_Part(frame, starts, counts))
        for number, first, end, ran in part["passes"]:
            known = self._deep.get(number)
            start = first if known is None else min(known.first, first)
            self._deep[number] = DeepPass(number, start, end)
            if ran:
                self._ran.add(number)

    def _passes(self) -> PassTable:
        deep = (self._deep[number] for number in sorted(self._ran))
        return PassTable(self._chunks, tuple(deep))

    def _ending(self) -> tuple[Ending, ScriptError | None]:
        if self._end is None:
            return ("running" if self.running else "killed"), None
        error = self._end.get("error")
        if error is not None:
            error = ScriptError(**{**error, "way": tuple(error.get("way", ()))})
        return self._end["ending"], error

    def _all_notes(self) -> tuple[str, ...]:
        bad = self._bad + self._frames.damaged + self._store.bad
        if not bad:
            return tuple(self._notes)
        places = "1 place" if bad == 1 else f"{bad} places"
        return (*self._notes, f"{self.path.name} is damaged in {places}; what is whole is shown")


class _Store:
    """The parts of a file, and those of their contents that were looked at last."""

    def __init__(self, frames: FrameReader) -> None:
        self._frames = frames
        self._parts: list[_Part] = []
        self._kept: OrderedDict[int, Contents] = OrderedDict()
        self.late: dict[int, tuple[SilentWrite, ...]] = {}
        self.bad = 0

    def add(self, part: _Part) -> None:
        if self._parts:
            last = self._parts[-1]
            ends = [start + count for start, count in zip(last.starts, last.counts, strict=True)]
            if any(start < end for start, end in zip(part.starts, ends, strict=True)):
                raise ValueError("parts out of order")
        self._parts.append(part)

    def sequence(self, which: int, missing: T) -> Sequence[T]:
        """The moments, graphs or backward passes, as far as there are parts now."""
        last = self._parts[-1] if self._parts else None
        length = last.starts[which] + last.counts[which] if last else 0
        return _Lazy(length, lambda index: self._get(which, index, missing))

    def _get(self, which: int, index: int, missing: Any) -> Any:
        at = bisect.bisect_right(self._parts, index, key=lambda part: part.starts[which]) - 1
        while at > 0 and not self._parts[at].counts[which]:
            at -= 1
        if at < 0:  # the first part is lost
            return missing
        part = self._parts[at]
        inside = index - part.starts[which]
        things = self._contents(at)[which] if inside < part.counts[which] else ()
        thing = things[inside] if inside < len(things) else missing
        if which == 0 and index in self.late:
            return replace(thing, silent=self.late[index])
        return thing

    def _contents(self, at: int) -> Contents:
        if at in self._kept:
            self._kept.move_to_end(at)
            return self._kept[at]
        try:
            moments, graphs, backwards = _contents(decode(self._frames.read(self._parts[at].frame)))
            contents: Contents = tuple(moments), tuple(graphs), tuple(backwards)
        except (CodecError, RunFileError, ValueError, TypeError):
            self.bad += 1
            contents = (), (), ()
        self._kept[at] = contents
        size = sum(self._parts[one].frame.length for one in self._kept)
        while len(self._kept) > 1 and (len(self._kept) > KEPT_PARTS or size > KEPT_BYTES):
            oldest, _ = self._kept.popitem(last=False)
            size -= self._parts[oldest].frame.length
        return contents


class _Lazy(Sequence[T], Generic[T]):
    """A sequence whose items are read when they are asked for."""

    def __init__(self, length: int, get: Callable[[int], T]) -> None:
        self._length = length
        self._get = get

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step != 1:
                return [self._get(i) for i in range(start, stop, step)]
            return _Lazy(max(stop - start, 0), lambda i: self._get(start + i))
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._get(index % self._length)


_NO_MOMENT = Moment(1, 0, "", "", (), (), None, None)
"""Stands for a moment that the file has lost."""


def _contents(thing: object) -> Any:
    if not isinstance(thing, tuple):
        raise ValueError("no tuple")
    return thing


def _expect(thing: object, kind: type[T]) -> T:
    if type(thing) is not kind:
        raise ValueError(f"no {kind.__name__}")
    return thing


def _is_alive(pid: object) -> bool:
    if type(pid) is not int or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:  # one that has ended and was not waited for is no longer running
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True
