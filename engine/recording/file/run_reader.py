"""Reading a recording from its file: at random, also while it is written.

A reader holds where things are, and decodes what is looked at; the parts looked at last stay.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from engine.plurals import counted
from engine.recording.file.codec import CodecError, decode
from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frames import DamagedFrameError, Frame
from engine.recording.file.run_file import CAREFUL_LINES
from engine.recording.file.run_parts import Part, Parts, tuple_of
from engine.recording.findings import Finding, finding_of
from engine.recording.joined_chunks import JoinedChunks
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.rank_records import Collective, RankPass, RankPlace
from engine.recording.records import (
    Ending,
    Recording,
    ScriptError,
    SourceFile,
)

T = TypeVar("T")


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
        self._findings: list[Finding] = []
        self._chunks = JoinedChunks()
        self._deep: dict[int, DeepPass] = {}
        self._ran: set[int] = set()
        self._end: dict[str, Any] | None = None
        self._announced: dict[str, Any] | None = None
        self._place: RankPlace | None = None
        self._rank_passes: list[RankPass] = []
        self._collective: Collective | None = None
        self._line = 1
        """The line that began last, as far as that was written."""
        self._bad = 0
        self._parts = Parts(self._frames)
        self.refresh()

    @property
    def head(self) -> dict[str, Any]:
        """The script, its arguments, the machine and the process, as they were written."""
        return dict(self._head)

    @property
    def place(self) -> RankPlace | None:
        """Which process of a distributed run it is of, as far as that is written."""
        return self._place

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
        moments = self._parts.moments
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
            moments=self._parts.moments,
            graphs=self._parts.graphs,
            backwards=self._parts.backwards,
            ending=ending,
            error=error,
            trailing_output=str(self._end.get("trailing", "")) if self._end else "",
            files=tuple(self._files),
            passes=self._passes(),
            findings=tuple(self._findings),
            notes=self._all_notes(),
            place=self._place,
            rank_passes=tuple(self._rank_passes),
            collective=self._collective,
            ended=self._time_of_end(),
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
            self._chunks.add(PassChunk.decoded(data))
        elif kind == "part":
            self._announced = json.loads(data)
        elif kind == "file":
            self._files.append(_expect(decode(data), SourceFile))
        elif kind == "at":
            self._line = int(data)
        elif kind == "note":
            self._notes.append(data.decode(errors="replace"))
        elif kind == "find":
            self._findings.append(finding_of(dict(json.loads(data))))
        elif kind == "rank":
            self._place = _expect(decode(data), RankPlace)
        elif kind == "sync":
            self._rank_passes += (_expect(one, RankPass) for one in tuple_of(decode(data)))
        elif kind == "call":
            self._collective = _expect(decode(data), Collective)
        elif kind == "late":
            index, silent = tuple_of(decode(data))
            self._parts.late[int(index)] = tuple(silent)
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
        self._parts.add(Part(frame, starts, counts))
        for number, first, end, ran in part["passes"]:
            known = self._deep.get(number)
            start = first if known is None else min(known.first, first)
            self._deep[number] = DeepPass(number, start, end)
            if ran:
                self._ran.add(number)

    def _passes(self) -> PassTable:
        deep = (self._deep[number] for number in sorted(self._ran))
        return PassTable(self._chunks.look(), tuple(deep))

    def _ending(self) -> tuple[Ending, ScriptError | None]:
        if self._end is None:
            return ("running" if self.running else "killed"), None
        error = self._end.get("error")
        if error is not None:
            error = ScriptError(**{**error, "way": tuple(error.get("way", ()))})
        return self._end["ending"], error

    def _time_of_end(self) -> float | None:
        ended = self._end.get("time") if self._end else None
        return float(ended) if isinstance(ended, float | int) else None

    def _all_notes(self) -> tuple[str, ...]:
        bad = self._bad + self._frames.damaged + self._parts.bad
        if not bad:
            return tuple(self._notes)
        places = counted(bad, "place")
        return (*self._notes, f"{self.path.name} is damaged in {places}; what is whole is shown")


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
