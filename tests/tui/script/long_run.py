"""Recordings as a long run leaves them, made without running anything."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar, overload

from engine.autograd.graph import Backward, Edge, Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.run_file import RunJournal
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.records import Ending, Moment, Recording, SourceFile

T = TypeVar("T")
LINES = 4
"""A pass: the loss, backward, and two lines after it."""
SOURCE = (
    "for i in range(5000):\n    loss = w * w\n    loss.backward()\n    step()\n    w.grad = None\n"
)
ONE = Value((), "float32", (1.0,), ())


class Lazy(Sequence[T]):
    """A sequence that counts what is read of it, as one in a file has to read it."""

    def __init__(self, items: Sequence[T]) -> None:
        self._items = items
        self.read = 0

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        self.read += 1
        return self._items[index]

    def __iter__(self) -> Iterator[T]:
        raise AssertionError("a long recording is not read as a whole")


def graph() -> Graph:
    """A graph as it is read anew from a file: like another one, but not the same object."""
    nodes = (Node(0, "MulBackward0", name="loss", shape=()), Node(1, "AccumulateGrad", name="w"))
    return Graph(nodes, (Edge(0, 0, 1), Edge(0, 1, 1)))


def long_run(
    deep: Sequence[int] = (0, 1, 2, 4, 8, 16),
    count: int = 20,
    *,
    ending: Ending = "end",
    losses: Sequence[float] = (),
    after: int = 0,
) -> Recording:
    """A run of so many passes, of which some have lines; `after` of them after the last pass."""
    moments: list[Moment] = []
    graphs: list[Graph] = []
    backwards: list[Backward] = []
    windows: list[DeepPass] = []
    for index, number in enumerate(deep):
        made = graph()
        graphs += [graph(), made]
        gradients = (
            NodeGradient(0, (ONE,), (ONE, ONE)),
            NodeGradient(1, (ONE,), (), None, ONE),
        )
        backwards.append(Backward(made, gradients))
        windows.append(DeepPass(number, len(moments), len(moments) + LINES))
        moments += [_moment(2, number, 2 * index), _moment(3, number, 2 * index + 1, index)]
        moments += [_moment(line, number, 2 * index + 1) for line in (4, 5)]
    moments += [_moment(6, count, None) for _ in range(after)]
    table = losses or [1.0 / (n + 1) for n in range(count)]
    chunk = PassChunk(
        0,
        array("d", table),
        variables=(("i", tuple(range(count))),),
    )
    return Recording(
        "long.py",
        SOURCE,
        Lazy(moments),
        Lazy(graphs),
        Lazy(backwards),
        ending,
        files=(SourceFile("long.py", "/long.py", SOURCE), SourceFile("net.py", "/net.py", "x\n")),
        passes=PassTable((chunk,), windows),
    )


def read(recording: Recording) -> int:
    """How many moments have been read."""
    assert isinstance(recording.moments, Lazy)
    return recording.moments.read


def losses(count: int, broken: int) -> list[float]:
    """Losses that are not finite from a pass on."""
    return [1.0 if n < broken else math.inf for n in range(count)]


def _moment(line: int, number: int, graph: int | None, backward: int | None = None) -> Moment:
    variables = (("i", str(number)),)
    return Moment(
        line, 0, "<module>", "", (), (), graph, backward, number=number, variables=variables
    )


def saved(path: Path, numbers: range, ending: Ending | None) -> None:
    """Write a recording as a script would that has printed nothing."""
    journal = RunJournal(FrameWriter(path), "saved.py", SOURCE, {"argv": ["saved.py"], "pid": 0})
    journal.add_file(SourceFile("saved.py", "/saved.py", SOURCE))
    run = long_run(numbers, len(numbers))
    for index, number in enumerate(numbers):
        for graph in run.graphs[2 * index : 2 * index + 2]:
            journal.add_graph(graph)
        journal.add_backward(run.backwards[index])
        for moment in run.moments[LINES * index : LINES * (index + 1)]:
            journal.add_moment(moment)
        assert number == index
    if ending is not None:
        journal.end(ending, None, "")
    else:
        journal.flush()
