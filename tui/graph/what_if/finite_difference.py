"""How far the root of a graph has moved with one element of a leaf, beside what autograd says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.autograd.graph import Graph
from engine.autograd.values import Number, Value, number_text
from engine.recording.records import Recording
from engine.script.interventions import Nudge
from tui.graph.what_if.leaf_element import known, number_at, place_of
from tui.graph.what_if.sameness import difference, same_graph
from tui.graph.what_if.supposition import Passing, passing
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.beside import counterpart
from tui.script.player import Player
from tui.script.position import Position

EPSILON = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}
"""By dtype, the distance from 1 to the next number."""
ROUNDINGS = 4
"""So many roundings of the root are taken for what a few operations add up to."""
LARGE = 0.3
"""A difference of more than this part of the gradient may be more than curvature."""


@dataclass(frozen=True)
class Moved:
    """What came of a nudge."""

    root: str
    """What is measured: `out`, or a sum over the elements of a root with several."""
    moved: float
    step: float
    """By how much the element has really moved: ε as far as its dtype can hold it."""
    gradient: float
    """What autograd says: the gradient that arrived at that element."""
    rounding: float
    """How far rounding alone can move the root."""
    dtype: str

    @property
    def quotient(self) -> float:
        """The finite difference: how far it moved, over ε."""
        return self.moved / self.step

    @property
    def predicted(self) -> float:
        """How far the gradient says that the root moves."""
        return self.gradient * self.step


def moved_by(change: Nudge, run: Passing, recording: Recording, use: int) -> Moved:
    """Return how far the root has moved; raises ValueError with one line where that is no answer.

    `use`: how many lines lie behind in the original once the leaf's first use has run.
    """
    differs = difference(run.recording, use - 1, recording)
    if differs:
        raise ValueError(f"not the same run, so nothing follows: {differs}")
    there = counterpart(run.recording, Position(run.lines), recording)
    if there is None or not same_graph(run.recording, recording, Position(run.lines)):
        raise ValueError("with that number the script goes another way: there is no derivative")
    again = passing(Player(recording, there))
    before, after = run.backward.graph, again.backward.graph
    leaf = next((one for one in before.leaves if one.name == change.name), None)
    gradient = run.gradient(leaf.id) if leaf is not None else None
    if leaf is None or gradient is None or gradient.incoming[0] is None:
        raise ValueError(f"no gradient has arrived at {change.name}")
    step = _step(change, before, after)
    slope = gradient.incoming[0]
    if not known(slope, change.element):
        raise ValueError("the gradient of this element was not read")
    name, moved, rounding = _root(run, after)
    dtype = leaf.dtype or ""
    return Moved(name, moved, step, number_at(slope, change.element), rounding, dtype)


def _step(change: Nudge, before: Graph, after: Graph) -> float:
    """By how much the element has moved, and that no other element of any leaf has."""
    step = 0.0
    for one, other in zip(before.leaves, after.leaves, strict=True):
        if one.value is None or other.value is None:
            raise ValueError(f"the numbers of {one.name or 'a leaf'} were not read")
        mine, theirs = list(one.value.numbers), list(other.value.numbers)
        if one.name == change.name and known(one.value, change.element):
            place = place_of(one.value, change.element)
            step = float(theirs[place].real - mine[place].real)
            mine[place] = theirs[place]
        if repr(mine) != repr(theirs):
            name = one.name or "another leaf"
            raise ValueError(f"more of {name} moved than that element: there is no derivative")
    if not step:
        raise ValueError(f"{change.name} was written again, or ε is too small for its dtype")
    return step


def _root(run: Passing, after: Graph) -> tuple[str, float, float]:
    """What the root is called, how far it moved along the gradient into it, and its rounding."""
    graph, moved, rounding, names = run.backward.graph, 0.0, 0.0, []
    for root in graph.roots:
        gradient = run.gradient(root)
        weights = gradient.incoming[0] if gradient else None
        one, other = graph.nodes[root].value, after.nodes[root].value
        if not _whole(one) or not _whole(other) or not _whole(weights):
            raise ValueError("the numbers of the graph's root were not all read")
        assert one is not None and other is not None and weights is not None
        unit = EPSILON.get(one.dtype, EPSILON["float32"])
        for g, a, b in zip(weights.numbers, one.numbers, other.numbers, strict=True):
            moved += _real(g * (b - a))
            rounding += abs(g) * max(abs(a), abs(b)) * unit * ROUNDINGS
        name = graph.nodes[root].name or graph.nodes[root].title
        names.append(name if weights.numbers == (1.0,) else f"Σ g · {name}")
    return " + ".join(names), moved, rounding


def _whole(value: Value | None) -> bool:
    return value is not None and value.whole


def _real(number: Number) -> float:
    return float(number.real)


def finding(moved: Moved) -> Paragraph:
    """Return the figures of a nudge, and why they differ where they do."""
    out = safe(moved.root)
    return (
        Span(f"{out} moved by "),
        Span(_text(moved.moved), "value"),
        Span(" · autograd says grad · ε = "),
        Span(_text(moved.predicted), "gradient"),
        Span("\nfinite difference "),
        Span(_text(moved.quotient), "value"),
        Span(" · autograd "),
        Span(_text(moved.gradient), "gradient"),
        *_why(moved),
    )


def _why(moved: Moved) -> Iterator[Span]:
    if abs(moved.moved - moved.predicted) <= moved.rounding:
        words = f"\n✓ they agree, as far as {moved.dtype} can tell: ± {moved.rounding:.1g}"
        yield Span(words, "leaf")
        return
    apart = abs(moved.quotient - moved.gradient)
    words = f" · {apart:.2g} apart\ncurvature: the rule is exact only in the limit ε → 0"
    if apart > LARGE * abs(moved.gradient):
        words += "; if a smaller ε does not help, a kink, a hook or a cut in the graph"
    yield Span(words, "faint")


def _text(number: float) -> str:
    return number_text(number, 6)
