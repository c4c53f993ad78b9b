"""What became different from one run of a script to another: lines, tensors, nodes of the graph.

Numbers are compared as they are, to the last bit, but nan is nan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from engine.autograd.graph import DETAILS_LIMIT, Graph, Node, NodeGradient
from engine.autograd.values import Number, TensorView, Value
from engine.recording.source_lines import source_lines

What = Literal["value", "grad", "shape", "requires_grad", "is_leaf", "grad_fn", "device"]
"""What of a tensor may differ."""

EMPTY: Mapping[int, int] = MappingProxyType({})


class Side(NamedTuple):
    """What there is at one position of a recording."""

    source: str = ""
    tensors: Sequence[TensorView] = ()
    graph: Graph | None = None
    gradients: Sequence[NodeGradient] = ()
    """Of the nodes that the backward pass has run up to here."""


@dataclass(frozen=True, slots=True)
class TensorChange:
    """A tensor in scope that differs, or that is in scope on one side only."""

    name: str
    before: TensorView | None
    after: TensorView | None
    what: tuple[What, ...] = ()
    """What differs, where both are there."""


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node of the graph that differs, or that is in the graph of one side only."""

    before: int | None
    """Its id in the graph before; None where it is new."""
    after: int | None
    """Its id in the graph after; None where it is gone."""
    value: bool = False
    """Whether the forward values differ."""
    gradient: bool = False
    """Whether the gradients differ, as far as both passes have come."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two sides; empty where nothing does."""

    lines: tuple[int, ...] = ()
    """The lines of the source after, from 1, that are new or changed."""
    gaps: tuple[int, ...] = ()
    """The lines of the source after, from 1, before which lines are gone."""
    tensors: tuple[TensorChange, ...] = ()
    nodes: tuple[NodeChange, ...] = ()

    @property
    def marked(self) -> frozenset[int]:
        """The ids, in the graph after, of the nodes that are new or differ."""
        return frozenset(one.after for one in self.nodes if one.after is not None)

    @property
    def gone(self) -> int:
        """The number of nodes that only the graph before has."""
        return sum(one.after is None for one in self.nodes)

    def tensor(self, name: str) -> TensorChange | None:
        """What differs of the tensor of a name; None where nothing does."""
        return next((one for one in self.tensors if one.name == name), None)

    def node(self, after: int) -> NodeChange | None:
        """What differs of the node of an id in the graph after; None where nothing does."""
        return next((one for one in self.nodes if one.after == after), None)


def differences(before: Side, after: Side) -> Differences:
    """Return what of `after` differs from `before`."""
    lines, gaps = changed_lines(before.source, after.source)
    tensors = tuple(_tensors(before.tensors, after.tensors))
    return Differences(lines, gaps, tensors, tuple(_nodes(before, after)))


@lru_cache(maxsize=16)
def line_pairs(before: str, after: str) -> Mapping[int, int]:
    """Return for lines of one text, from 1, those that stand for them in the other.

    A line that was changed stands for the one it was.
    """
    one, other = source_lines(before), source_lines(after)
    return MappingProxyType(_paired(one, other, changed=True, first=1))


@lru_cache(maxsize=16)
def changed_lines(before: str, after: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the lines of a text, from 1, that are new or changed, and those after a gap.

    Where lines at the end are gone, the last line stands for the gap.
    """
    one, other = source_lines(before), source_lines(after)
    kept = set(_paired(one, other, changed=False, first=1).values())
    lines = tuple(number for number in range(1, len(other) + 1) if number not in kept)
    stands, following, gaps = line_pairs(before, after), len(other), set[int]()
    for number in range(len(one), 0, -1):
        if number in stands:
            following = stands[number]
        else:
            gaps.add(following)
    return lines, tuple(sorted(gaps - {0, *lines}))


@lru_cache(maxsize=16)
def node_pairs(before: Graph, after: Graph) -> Mapping[int, int]:
    """Return for the nodes of one graph, by id, the same ones of another.

    That is by their operations, and leaves by their names, in backward order.
    """
    if max(len(before.nodes), len(after.nodes)) > DETAILS_LIMIT:
        return EMPTY
    one, other = ([_kind(node) for node in graph.nodes] for graph in (before, after))
    return MappingProxyType(_paired(one, other, changed=False))


def same_value(one: Value | None, other: Value | None) -> bool:
    """Whether two values have the same shape and numbers; nan is nan."""
    if one is None or other is None:
        return one is other
    if (one.shape, one.dtype, one.corner) != (other.shape, other.dtype, other.corner):
        return False
    summaries = [
        () if value.summary is None
        else (
            value.summary.norm, value.summary.minimum, value.summary.maximum,
            value.summary.mean, value.summary.non_finite,
        )
        for value in (one, other)
    ]  # fmt: skip
    return _same(one.numbers, other.numbers) and _same(*summaries)


def _same(one: Sequence[Number], other: Sequence[Number]) -> bool:
    return one == other or (len(one) == len(other) and all(map(_same_number, one, other)))


def _same_number(one: Number, other: Number) -> bool:
    if isinstance(one, complex) and isinstance(other, complex):
        return _same((one.real, one.imag), (other.real, other.imag))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def _tensors(before: Sequence[TensorView], after: Sequence[TensorView]) -> Iterator[TensorChange]:
    """Those that differ, in the order of the scope after, then those that are gone."""
    earlier = {tensor.name: tensor for tensor in before}
    for tensor in after:
        was = earlier.pop(tensor.name, None)
        what = () if was is None else tuple(_what(was, tensor))
        if was is None or what:
            yield TensorChange(tensor.name, was, tensor, what)
    for name, tensor in earlier.items():
        yield TensorChange(name, tensor, None)


def _what(before: TensorView, after: TensorView) -> Iterator[What]:
    if before.shape != after.shape or before.dtype != after.dtype:
        yield "shape"
    elif not same_value(before.value, after.value):
        yield "value"
    if not same_value(before.grad, after.grad):
        yield "grad"
    flags: tuple[What, ...] = ("requires_grad", "is_leaf", "grad_fn", "device")
    yield from (flag for flag in flags if getattr(before, flag) != getattr(after, flag))


def _nodes(before: Side, after: Side) -> Iterator[NodeChange]:
    """The nodes after that are new or differ, then those that are gone."""
    if before.graph is None or after.graph is None:
        return
    if max(len(before.graph.nodes), len(after.graph.nodes)) > DETAILS_LIMIT:
        return
    pairs = node_pairs(before.graph, after.graph)
    was = {new: old for old, new in pairs.items()}
    then = {gradient.node: gradient for gradient in before.gradients}
    now = {gradient.node: gradient for gradient in after.gradients}
    for node in after.graph.nodes:
        old = was.get(node.id)
        if old is None:
            yield NodeChange(None, node.id)
            continue
        value = not same_value(before.graph.nodes[old].value, node.value)
        gradient = _gradient_differs(then.get(old), now.get(node.id))
        if value or gradient:
            yield NodeChange(old, node.id, value, gradient)
    yield from (NodeChange(n.id, None) for n in before.graph.nodes if n.id not in pairs)


def _gradient_differs(before: NodeGradient | None, after: NodeGradient | None) -> bool:
    """Whether a gradient differs that is there on both sides."""
    if before is None or after is None:
        return False
    one, other = (
        (*gradient.incoming, gradient.grad_before, gradient.grad_after)
        for gradient in (before, after)
    )
    return len(one) != len(other) or not all(map(same_value, one, other))


def _kind(node: Node) -> tuple[str, str | None]:
    return node.op, node.name if node.is_leaf else None


def _paired(
    before: Sequence[object], after: Sequence[object], *, changed: bool, first: int = 0
) -> dict[int, int]:
    """For positions, counted from `first`, of one sequence those of the same in another.

    With `changed` also of what stands in place of another.
    """
    head = _alike(zip(before, after, strict=False))
    room = min(len(before), len(after)) - head
    tail = _alike(zip(reversed(before[len(before) - room :]), reversed(after), strict=False))
    ends = len(before) - tail, len(after) - tail
    inner = SequenceMatcher(None, before[head : ends[0]], after[head : ends[1]], autojunk=False)
    pairs = {first + n: first + n for n in range(head)}
    for tag, start, stop, other, end in inner.get_opcodes():
        if tag == "equal" or (tag == "replace" and changed):
            for n in range(min(stop - start, end - other)):
                pairs[first + head + start + n] = first + head + other + n
    for n in range(tail):
        pairs[first + ends[0] + n] = first + ends[1] + n
    return pairs


def _alike(pairs: Iterable[tuple[object, object]]) -> int:
    """How many pairs are alike before the first that is not."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
