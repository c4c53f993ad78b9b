"""Runs of several ranks as records, made without torch and without a process.

Each rank fits y = 3x + 0.8 to points of its own, one step a pass, and DistributedDataParallel
averages the gradients of w and b.
"""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.autograd.graph import LEAF_OP, Backward, Edge, Graph, Node, NodeGradient
from engine.autograd.values import TensorView, Value
from engine.ranks.distributed_run import DistributedRun
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.run_file import RunJournal
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.rank_records import Bucket, RankGradient, RankPass, RankPlace
from engine.recording.records import Ending, Moment, Recording, SourceFile

SOURCE = """\
import torch

model = torch.nn.parallel.DistributedDataParallel(Line())
for step in range(4):
    prediction = model(x)
    loss = ((prediction - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
"""
RATE = 0.2
LINES = 5
"""Of a pass: prediction, loss, backward, the update, and the zeros."""


def scalar(number: float) -> Value:
    """A tensor of one element."""
    return Value((), "float32", (number,), ())


def points(rank: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The points of a rank: those of later ranks lie farther right."""
    xs = tuple(0.25 * k + 0.5 * (rank % 4) for k in range(4 if rank else 5))
    return xs, tuple(3 * x + 0.8 for x in xs)


def run(
    world_size: int = 2,
    passes: int = 4,
    *,
    missing: Sequence[int] = (),
    behind: Sequence[int] = (),
    ending: Ending = "end",
) -> DistributedRun:
    """A run in which every pass has lines; of `missing` ranks there is no recording.

    Ranks that are `behind` have not come farther than half of the passes.
    """
    w = b = 0.0
    kept: list[list[tuple[float, ...]]] = [[] for _ in range(world_size)]
    for _ in range(passes):
        local = [_local(rank, w, b) for rank in range(world_size)]
        mean = tuple(sum(one[k] for one in local) / world_size for k in (1, 2))
        for rank, (loss, *own) in enumerate(local):
            kept[rank].append((loss, w, b, *own, *mean))
        w, b = w - RATE * mean[0], b - RATE * mean[1]
    ranks = [
        None
        if rank in missing
        else recording(
            rank,
            world_size,
            kept[rank][: passes // 2 if rank in behind else passes],
            "running" if rank in behind else ending,
        )
        for rank in range(world_size)
    ]
    return DistributedRun("ranks.run", world_size, ranks)


def recording(
    rank: int, world_size: int, rows: Sequence[Sequence[float]], ending: Ending = "end"
) -> Recording:
    """The recording of one rank: by pass its loss, w, b, local gradients and averaged ones."""
    moments: list[Moment] = []
    graphs: list[Graph] = []
    backwards: list[Backward] = []
    windows: list[DeepPass] = []
    for number, row in enumerate(rows):
        graph = _graph(rank, row)
        graphs.append(graph)
        backwards.append(Backward(graph, tuple(_gradients(row))))
        windows.append(DeepPass(number, len(moments), len(moments) + LINES))
        moments += _moments(number, row)
    return Recording(
        "train.py",
        SOURCE,
        tuple(moments),
        tuple(graphs),
        tuple(backwards),
        ending,
        files=(SourceFile("train.py", "/train.py", SOURCE),),
        passes=_table(rows, windows),
        place=RankPlace(rank, world_size, rank, "node-a", "launch", "gloo", f"cuda:{rank}"),
        rank_passes=tuple(_rank_pass(rank, number, row) for number, row in enumerate(rows)),
    )


def with_part(one: RankPass, leaf: str, **fields: object) -> RankPass:
    """A pass of a rank in which what is known of one leaf differs."""
    parts = (replace(part, **fields) if part.leaf == leaf else part for part in one.gradients)  # type: ignore[arg-type]
    return replace(one, gradients=tuple(parts))


def _local(rank: int, w: float, b: float) -> tuple[float, float, float]:
    """The loss of a rank, and its gradients."""
    xs, ys = points(rank)
    wrong = [w * x + b - y for x, y in zip(xs, ys, strict=True)]
    slope = sum(2 * e * x for e, x in zip(wrong, xs, strict=True)) / len(xs)
    return sum(e * e for e in wrong) / len(xs), slope, sum(2 * e for e in wrong) / len(xs)


def _graph(rank: int, row: Sequence[float]) -> Graph:
    loss, w, b, *_ = row
    xs, ys = points(rank)
    many = (len(xs), 1)

    def column(numbers: Sequence[float]) -> Value:
        return Value(many, "float32", tuple(numbers), many)

    scaled = [w * x for x in xs]
    guess = [one + b for one in scaled]
    wrong = [one - y for one, y in zip(guess, ys, strict=True)]
    device = f"cuda:{rank}"
    made = ("float32", device)
    nodes = (
        Node(0, "MeanBackward0", "loss", "((prediction - y) ** 2).mean()", 6, None, (), *made,
             scalar(loss)),
        Node(1, "PowBackward0", None, "(prediction - y) ** 2", 6, None, many, *made,
             column([one * one for one in wrong])),
        Node(2, "SubBackward0", None, "prediction - y", 6, None, many, *made, column(wrong)),
        Node(3, "AddBackward0", "prediction", "w * x + b", 5, None, many, *made, column(guess)),
        Node(4, "MulBackward0", None, "w * x", 5, None, many, *made, column(scaled)),
        Node(5, LEAF_OP, "w", None, None, None, (), *made, scalar(w)),
        Node(6, LEAF_OP, "b", None, None, None, (), *made, scalar(b)),
    )  # fmt: skip
    edges = tuple(Edge(k, 0, k + 1) for k in range(5))
    return Graph(nodes, tuple(sorted((*edges, Edge(3, 1, 6)))))


def _gradients(row: Sequence[float]) -> list[NodeGradient]:
    slope, offset = row[3:5]
    one = scalar(1.0)
    passed = [NodeGradient(node, (one,), (one,)) for node in range(5)]
    leaves = ((5, slope), (6, offset))
    return passed + [
        NodeGradient(node, (scalar(local),), (), None, scalar(local)) for node, local in leaves
    ]


def _moments(number: int, row: Sequence[float]) -> list[Moment]:
    _, w, b, _, _, *mean = row

    def scope(grads: Sequence[float] | None) -> tuple[TensorView, ...]:
        return tuple(
            TensorView(name, scalar(value), "cuda", True, True, None, grad, 0, place)
            for place, (name, value, grad) in enumerate(
                zip("wb", (w, b), map(scalar, grads) if grads else (None, None), strict=True)
            )
        )

    return [
        Moment(
            line, 0, "<module>", "", scope(mean if line in (7, 8) else None),
            ("w",) * (line in (7, 9)),
            number, number if line == 7 else None, number=number,
            variables=(("step", str(number)),),
        )
        for line in (5, 6, 7, 8, 9)
    ]  # fmt: skip


def _table(rows: Sequence[Sequence[float]], windows: Sequence[DeepPass]) -> PassTable:
    norms = array("f")
    for row in rows:
        _, w, b, _, _, *mean = row
        for value, gradient in zip((w, b), mean, strict=True):
            norms.extend((value, gradient, -RATE * gradient))
    count = len(rows)
    losses = array("d", (row[0] for row in rows))
    steps = (("step", tuple(range(count))),)
    chunk = PassChunk(0, losses, ("w", "b"), array("q", range(count)), norms, steps)
    return PassTable((chunk,), tuple(windows))


def _rank_pass(rank: int, number: int, row: Sequence[float]) -> RankPass:
    _, w, b, *gradients = row
    local, mean = gradients[:2], gradients[2:]
    parts = tuple(
        RankGradient(
            name, abs(own), abs(both), abs(value), _digest(both), _digest(value),
            scalar(own), scalar(both), 0,
        )
        for name, value, own, both in zip("wb", (w, b), local, mean, strict=True)
    )  # fmt: skip
    bucket = Bucket(("w", "b"), 8)
    samples = len(points(rank)[0])
    return RankPass(number, "DistributedDataParallel", "mean", parts, (bucket,), samples)


def _digest(number: float) -> int:
    return 1 + int(math.fmod(abs(number) * 1e9, 1e9))


def saved(folder: Path, of: DistributedRun) -> Path:
    """Write the recordings of a run into a folder, as its processes would."""
    folder.mkdir(exist_ok=True)
    for rank in of.present:
        one = of.ranks[rank]
        assert one is not None
        writer = FrameWriter(folder / f"rank-{rank}.run")
        alive = os.getpid() if one.ending == "running" else 0
        journal = RunJournal(writer, one.name, one.source, {"argv": ["train.py"], "pid": alive})
        if one.place is not None:
            journal.set_place(one.place)
        for file in one.files:
            journal.add_file(file)
        for chunk in one.passes.chunks:
            journal.add_passes(chunk)
        for graph, backward in zip(one.graphs, one.backwards, strict=True):
            journal.add_graph(graph)
            journal.add_backward(backward)
        for moment in one.moments:
            journal.add_moment(moment)
        journal.add_rank_passes(tuple(one.rank_passes))
        if one.collective is not None:
            journal.reached(one.collective)
        if one.ending == "running":
            journal.flush()
        else:
            journal.end(one.ending, one.error, "")
    return folder
