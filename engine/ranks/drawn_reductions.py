"""The all-reduce of every gradient as a node of the graph, where PyTorch has none.

DistributedDataParallel sums gradients behind autograd's back: to be seen, the sum is drawn by us
as one more node behind each leaf, into which the gradients of all ranks go, and out of which comes
what `.grad` holds. Its step in a backward pass is the one after the leaf's.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Literal

from engine.autograd.graph import Backward, Edge, Graph, Node, NodeGradient
from engine.ranks.averages import weighted_sum
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.same_pass import gradient_of, together
from engine.recording.file.lazy_sequence import LazySequence
from engine.recording.rank_records import RankPass, Reducer
from engine.recording.records import Recording

ALL_REDUCE = "all-reduce"
"""The op of the nodes that are drawn by us."""
KEPT = 32
"""Graphs and passes drawn so that are kept, so that each is the same object when asked again."""


@dataclass(frozen=True, slots=True)
class Reduced(NodeGradient):
    """What went into an all-reduce in one pass, and what came out: `grad_after`.

    `incoming` has one gradient for each of the `ranks`, None where that is not known.
    """

    leaf: str = ""
    number: int = 0
    """The number of the pass, from 0."""
    ranks: tuple[int, ...] = ()
    rank: int = 0
    """The rank whose backward pass this is in."""
    reducer: Reducer = ""
    """What reduced it in this pass; empty where nothing did."""
    operation: Literal["mean", "sum"] = "mean"

    @property
    def within(self) -> bool:
        """Whether it is part of backward, and no later call of the script's own."""
        return self.reducer in ("DistributedDataParallel", "DTensor")


def is_reduction(node: Node) -> bool:
    """Return whether a node is an all-reduce that was drawn by us."""
    return node.op == ALL_REDUCE


def with_reductions(run: DistributedRun, rank: int) -> Recording | None:
    """Return the recording of a rank with an all-reduce behind each leaf that has one.

    None where there is no recording of that rank; as it is, where nothing was reduced.
    """
    recording = run.ranks[rank] if 0 <= rank < len(run.ranks) else None
    if recording is None or not any(one.reducer for one in recording.rank_passes):
        return recording
    labels = _labels(recording.rank_passes)
    graphs, backwards = recording.graphs, recording.backwards
    return replace(
        recording,
        graphs=LazySequence(len(graphs), lambda index: drawn_graph(graphs[index], labels)),
        backwards=LazySequence(
            len(backwards), lambda index: _drawn_backward(run, rank, labels, index)
        ),
    )


def bucket_text(one: RankPass | None, leaf: str) -> str:
    """Return which bucket a leaf's gradient is reduced in, and its size: `bucket 0 · 8 bytes`."""
    part = gradient_of(one, leaf) if one else None
    if one is None or part is None or part.bucket is None:
        return ""
    known = 0 <= part.bucket < len(one.buckets)
    size = f" · {one.buckets[part.bucket].bytes:,} bytes" if known else ""
    return f"bucket {part.bucket}{size}"


@lru_cache(maxsize=KEPT)
def drawn_graph(graph: Graph, labels: tuple[tuple[str, str], ...]) -> Graph:
    """Return a graph with an all-reduce behind each leaf of these names, which have labels."""
    texts = dict(labels)
    if not any(_is_reduced(node, texts) for node in graph.nodes):
        return graph
    moved = _moved(graph, texts)
    nodes: list[Node] = []
    edges = [
        replace(edge, target=moved[edge.target], source=moved[edge.source]) for edge in graph.edges
    ]
    for node in graph.nodes:
        nodes.append(replace(node, id=moved[node.id]))
        if _is_reduced(node, texts):
            here = moved[node.id]
            edges.append(Edge(here, 0, here + 1))
            nodes.append(_reduction(node, here + 1, texts[node.name or ""]))
    return Graph(tuple(nodes), tuple(sorted(edges)), tuple(moved[root] for root in graph.roots))


def _reduction(leaf: Node, place: int, label: str) -> Node:
    return Node(
        place,
        ALL_REDUCE,
        name=f"{leaf.name}.grad",
        expression=label or None,
        module=leaf.module,
        shape=leaf.shape,
        dtype=leaf.dtype,
        device=leaf.device,
    )


def _is_reduced(node: Node, names: Container[str | None]) -> bool:
    return node.is_leaf and node.name in names


def _moved(graph: Graph, names: Container[str | None]) -> list[int]:
    """By id of a node its id once every leaf of these names has one more node behind it."""
    before = accumulate((_is_reduced(node, names) for node in graph.nodes), initial=0)
    return [node.id + shift for node, shift in zip(graph.nodes, before, strict=False)]


def _labels(passes: Sequence[RankPass]) -> tuple[tuple[str, str], ...]:
    """The leaves whose gradients are reduced, with the bucket that each is in by now."""
    latest = passes[-1]
    names = dict.fromkeys(
        gradient.leaf for one in (passes[0], latest) if one.reducer for gradient in one.gradients
    )
    return tuple((name, bucket_text(latest, name)) for name in names)


def _drawn_backward(
    run: DistributedRun, rank: int, labels: tuple[tuple[str, str], ...], index: int
) -> Backward:
    """The backward pass of a rank at an index, with the all-reduces of all ranks that have one."""
    recording = run.ranks[rank]
    assert recording is not None
    number = pass_of_backward(recording, index)
    passes = {} if number is None else together(run, number)
    where = _Where(number or 0, run.present, tuple(map(passes.get, run.present)), rank)
    return _drawn_pass(recording.backwards[index], labels, where)


@dataclass(frozen=True, slots=True, eq=False)
class _Where:
    """Of which ranks there is what in a pass, and in whose recording it is drawn.

    Equal to another one of the same passes: to compare all their numbers would take too long.
    """

    number: int
    ranks: tuple[int, ...]
    passes: tuple[RankPass | None, ...]
    rank: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Where) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self.number, self.ranks, tuple(map(id, self.passes)), self.rank


@lru_cache(maxsize=KEPT)
def _drawn_pass(backward: Backward, labels: tuple[tuple[str, str], ...], where: _Where) -> Backward:
    graph = drawn_graph(backward.graph, labels)
    if graph is backward.graph:
        return backward
    names = dict(labels)
    moved = _moved(backward.graph, names)
    gradients: list[NodeGradient] = []
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        gradients.append(replace(gradient, node=moved[gradient.node]))
        if _is_reduced(node, names):
            gradients.append(_reduced(gradient, node.name or "", moved[node.id] + 1, where))
    return replace(backward, graph=graph, gradients=tuple(gradients))


def _reduced(arrived: NodeGradient, leaf: str, place: int, where: _Where) -> Reduced:
    parts = [gradient_of(one, leaf) if one else None for one in where.passes]
    incoming = [part.local if part else None for part in parts]
    own = where.ranks.index(where.rank)
    one, mine = where.passes[own], parts[own]
    if incoming[own] is None:
        incoming[own] = next(iter(arrived.incoming), None)
    reducer = one.reducer if one else ""
    made = mine.reduced if mine else None
    if made is None and reducer == "DTensor":  # its shares are summed only when it is read
        shares = [value for value in incoming if value is not None]
        made = weighted_sum(shares, [1.0] * len(shares)) if len(shares) == len(incoming) else None
    return Reduced(
        place,
        tuple(incoming),
        (),
        grad_after=made,
        leaf=leaf,
        number=where.number,
        ranks=where.ranks,
        rank=where.rank,
        reducer=reducer,
        operation=one.operation if one else "mean",
    )


def pass_of_backward(recording: Recording, index: int) -> int | None:
    """Return the number of the pass that a backward pass is, by its index in the recording.

    None where no line that was recorded ran it.
    """
    deep, moments = recording.passes.deep, recording.moments
    if not deep:
        found = (one.number for one in moments if one.backward == index)
        return next(found, None)
    low, high, at = 0, len(deep) - 1, min(index, len(deep) - 1)
    while low <= high:
        window = deep[at]
        here = (moments[i].backward for i in range(window.end - 1, window.first - 1, -1))
        ran = next((one for one in here if one is not None), None)
        if ran is None or ran == index:
            return window.number
        low, high = (at + 1, high) if ran < index else (low, at - 1)
        at = (low + high) // 2
    return None
