"""Recordings in files, written without running a script."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from pathlib import Path

from engine.autograd.graph import LEAF_OP, Backward, Edge, Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.run_file import RunJournal
from engine.recording.findings import Finding
from engine.recording.pass_chunk import PassChunk
from engine.recording.rank_records import Collective, RankPass, RankPlace
from engine.recording.records import Ending, Moment, ScriptError, SourceFile

MAIN = "for i in range(9):\n    loss = net(w)\n    loss.backward()\n"
NET = "def net(w):\n    return torch.tanh(w) * gain\n"
DEEP = (0, 1, 2, 4, 8)


def number(value: float) -> Value:
    return Value((), "float32", (value,), ())


def backward(loss: float, error: str | None = None) -> Backward:
    """A pass through `loss = net(w)`, whose product another file made."""
    gain = "torch.tanh(w) * gain"
    callers = ("main.py:2  loss = net(w)",)
    nodes = (
        Node(
            0, "MulBackward0", "loss", gain, 2, value=number(loss), file="net.py", callers=callers
        ),
        Node(1, LEAF_OP, "w", value=number(1.0)),
    )
    one = number(1.0)
    ran = (NodeGradient(0, (one,), (one,)), NodeGradient(1, (one,), (), None, one))
    return Backward(Graph(nodes, (Edge(0, 0, 1),)), ran, error)


def write(
    path: Path,
    *,
    passes: int = 10,
    deep: Sequence[int] = DEEP,
    ending: Ending | None = "end",
    error: ScriptError | None = None,
    failed: str | None = None,
    printed: str = "",
    notes: Sequence[str] = (),
    findings: Sequence[Finding] = (),
    pid: int | None = None,
    place: RankPlace | None = None,
    rank_passes: Sequence[RankPass] = (),
    collective: Collective | None = None,
) -> Path:
    """A run of so many passes; without an ending nothing says how it ended.

    `failed`: why the last deep pass stopped; `printed` comes from its first line.
    """
    about = {} if pid is None else {"pid": pid}
    journal = RunJournal(FrameWriter(path), "main.py", MAIN, about)
    journal.add_file(SourceFile("main.py", os.fspath(path.parent / "main.py"), MAIN))
    journal.add_file(SourceFile("net.py", os.fspath(path.parent / "net.py"), NET))
    if place is not None:
        journal.set_place(place)
    for one in deep:
        _lines(journal, one, failed if one == deep[-1] else None, printed)
    chunk = PassChunk(
        0,
        array("d", [one / 10 for one in range(passes)]),
        variables=(("i", tuple(range(passes))),),
    )
    if passes:
        journal.add_passes(chunk)
    journal.add_rank_passes(tuple(rank_passes))
    if collective is not None:
        journal.reached(collective)
    for note in notes:
        journal.note(note)
    for finding in findings:
        journal.add_finding(finding)
    journal.flush()
    if ending is not None:
        journal.end(ending, error, "")
    return path


def _lines(journal: RunJournal, one: int, failed: str | None, printed: str) -> None:
    """The two lines of a pass: the one that computes, and the one that runs backward."""
    ran = backward(one / 10, failed)
    journal.add_graph(ran.graph)
    journal.add_backward(ran)
    graph, index = journal.graph_count - 1, journal.backward_count - 1
    variables = (("i", str(one)),)
    computed = Moment(2, 0, "", printed, (), ("loss",), graph, None, number=one)
    journal.add_moment(computed)
    journal.add_moment(
        Moment(3, 0, "", "", (), ("w",), graph, index, number=one, variables=variables)
    )
