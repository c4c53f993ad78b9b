"""The lines of a recording's file: where each part is, and what was decoded of it last.

Parts are decoded when what they hold is looked at; those looked at last stay.
"""

from __future__ import annotations

import bisect
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.autograd.graph import Backward, Graph
from engine.recording.file.codec import CodecError, decode
from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frames import Frame, RunFileError
from engine.recording.file.lazy_sequence import LazySequence
from engine.recording.records import Moment, SilentWrite

KEPT_BYTES = 32 << 20
"""What has been decoded stays while its parts have at most so many bytes unpacked.

As records they take about 15 times as much.
"""

T = TypeVar("T")
Contents = tuple[tuple[Moment, ...], tuple[Graph, ...], tuple[Backward, ...]]

_NO_MOMENT = Moment(1, 0, "", "", (), (), None, None)
"""Stands for a moment that the file has lost."""
_NO_GRAPH = Graph((), ())


@dataclass(frozen=True, slots=True)
class Part:
    """Where one frame of lines is, and what it has."""

    frame: Frame
    starts: tuple[int, int, int]
    counts: tuple[int, int, int]


class Parts:
    """The parts of a file, and those of their contents that were looked at last."""

    def __init__(self, frames: FrameReader) -> None:
        self._frames = frames
        self._parts: list[Part] = []
        self._kept: OrderedDict[int, Contents] = OrderedDict()
        self._lock = threading.Lock()
        self.late: dict[int, tuple[SilentWrite, ...]] = {}
        self.bad = 0

    def add(self, part: Part) -> None:
        """Add a part; raises ValueError for one that begins before the last one's end."""
        if self._parts:
            last = self._parts[-1]
            ends = [start + count for start, count in zip(last.starts, last.counts, strict=True)]
            if any(start < end for start, end in zip(part.starts, ends, strict=True)):
                raise ValueError("parts out of order")
        self._parts.append(part)

    @property
    def moments(self) -> Sequence[Moment]:
        """The moments, as far as there are parts now; so the others."""
        return self._sequence(0, _NO_MOMENT)

    @property
    def graphs(self) -> Sequence[Graph]:
        """The graphs that moments point at."""
        return self._sequence(1, _NO_GRAPH)

    @property
    def backwards(self) -> Sequence[Backward]:
        """The backward passes that moments point at."""
        return self._sequence(2, Backward(_NO_GRAPH, ()))

    def _sequence(self, which: int, missing: T) -> Sequence[T]:
        last = self._parts[-1] if self._parts else None
        length = last.starts[which] + last.counts[which] if last else 0
        return LazySequence(length, lambda index: self._get(which, index, missing))

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
        with self._lock:  # a recording that grows is read by who looks at it, too
            if at in self._kept:
                self._kept.move_to_end(at)
            else:
                self._kept[at] = self._decoded(at)
                self._let_go()
            return self._kept[at]

    def _decoded(self, at: int) -> Contents:
        try:
            data = self._frames.read(self._parts[at].frame)
            moments, graphs, backwards = tuple_of(decode(data))
            return tuple(moments), tuple(graphs), tuple(backwards)
        except (CodecError, RunFileError, ValueError, TypeError):
            self.bad += 1
            return (), (), ()

    def _let_go(self) -> None:
        """Forget the parts that were looked at longest ago, the last one never."""
        size = sum(self._parts[one].frame.size for one in self._kept)
        while len(self._kept) > 1 and size > KEPT_BYTES:
            oldest, _ = self._kept.popitem(last=False)
            size -= self._parts[oldest].frame.size


def tuple_of(thing: object) -> Any:
    """What was decoded, where it is a tuple; raises ValueError otherwise."""
    if not isinstance(thing, tuple):
        raise ValueError("no tuple")
    return thing
