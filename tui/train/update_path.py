"""From the gradient that arrives at a leaf to its `.grad` and its update, in one row a leaf.

All that is written are numbers and words of our own: each character has one cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_not
from typing import NamedTuple

from engine.autograd.graph import NodeGradient
from engine.autograd.values import Number, Value
from engine.training.loop_body import step_name
from engine.training.problem import Problem
from engine.training.theory import Theory
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.run.iteration import Inside
from tui.script.value_text import short

LEAVES = ("w", "b")
ARROW = " → "
AWAITED = "…"


class Part(NamedTuple):
    """One station of a gradient's way: what it is called, its numbers, whether it is reached."""

    label: str
    text: str
    role: str
    there: bool


class Wording(NamedTuple):
    """How much is written: where there is little room names are short and digits few."""

    gradient: str
    grad: str
    velocity: str
    step: str
    new: str
    digits: int = 4
    """Of gradients; of what they change there are more, as an update is often small beside it."""
    values: int = 26
    """At most so many columns for the gradient of several features."""
    whole: bool = True
    """Whether the update is written as a sum, and not as its result alone."""


WORDINGS = (
    Wording("gradient that arrived ", "{}.grad = ", "velocity ", "step ", "{} = "),
    Wording("gradient ", "{}.grad = ", "velocity ", "step ", "{} = "),
    Wording("g ", ".grad ", "velocity ", "step ", "{} = "),
    Wording("g ", ".grad ", "v ", "step ", ""),
    Wording("g ", ".grad ", "v ", "step ", "", digits=3, values=16),
    Wording("g ", ".grad ", "v ", "step ", "{} = ", digits=3, values=16, whole=False),
    Wording("", "", "v ", "s ", "{} = ", digits=3, values=12, whole=False),
)
MORE_DIGITS = 3


class UpdatePath(PictureView):
    """Shows the way of the gradients of w and b, as far as the iteration has come."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._known: tuple[Inside, Problem, Theory | None] | None = None

    def show_inside(self, inside: Inside | None, problem: Problem, theory: Theory | None) -> None:
        """Show an iteration of a problem, as far as one is in it; None clears."""
        known = None if inside is None else (inside, problem, theory)
        if known is None or self._known is None or any(map(is_not, known, self._known)):
            self._known = known
            self._draw()

    def on_resize(self) -> None:
        """Write the numbers anew, as many digits as there is room for."""
        self._draw()

    def _draw(self) -> None:
        if self._known is None or not self.size.area:
            self.show(Picture(1, ()))
            return
        inside, problem, theory = self._known
        rows = path_rows(inside, problem, self.size.width)
        all_points = problem.batch_size is None
        if theory is not None and all_points and self.size.height > len(rows):
            rows += formula_row(inside, theory, self.size.width)
        self.show(Picture(self.size.width, tuple(rows)))


def path_rows(inside: Inside, problem: Problem, width: int) -> list[Row]:
    """Return a row a leaf, in the most words that fit; columns stand below each other."""
    parts: list[list[Part]] = []
    for wording in WORDINGS:
        parts = [_parts(inside, problem, leaf, wording) for leaf in LEAVES]
        # As long as they will be: no words are exchanged when a number comes.
        whole = _aligned([[part._replace(there=True) for part in leaf] for leaf in parts])
        if max(sum(len(span.text) for span in row) for row in whole) <= width:
            break
    return _aligned(parts)


def formula_row(inside: Inside, theory: Theory, width: int) -> list[Row]:
    """Return what the formula says of the gradients, where there is room for it."""
    before = inside.traced.before
    w_grad, b_grad = theory.gradient_at(before.w, before.b)
    if len(w_grad) > 1:
        return []
    label = " by the formula  "
    w = f"2/m · Σ(ŷ - y)·x = {_number(w_grad[0], 4)}"
    b = f"2/m · Σ(ŷ - y) = {_number(b_grad, 4)}"
    if len(label + w + b) + 3 > width:
        return []
    return [(Span(label, "faint"), Span(f"{w}   {b}", "expression"))]


def _parts(inside: Inside, problem: Problem, leaf: str, wording: Wording) -> list[Part]:
    """The stations of one leaf's gradient: arrived, in `.grad`, in the velocity, in the leaf."""
    gradient = _gradient(inside, leaf)
    arrived = gradient is not None and _arrived(inside, gradient)
    come, after = (None, None) if gradient is None else (gradient.incoming[0], gradient.grad_after)
    parts = [
        Part(wording.gradient, _text(come, wording), "gradient", arrived),
        Part(wording.grad.format(leaf), _kept(gradient, wording), "gradient", arrived),
    ]
    factor = _text(after, wording)
    name = step_name(problem, leaf)
    if name != f"{leaf}.grad":
        label = wording.velocity if name.endswith("velocity") else wording.step
        factor = _text(_made(inside, name), wording)
        parts.append(Part(label, factor, "value", _changed(inside, name)))
    new = _updated(inside, leaf, f"{problem.learning_rate:g}", name, factor, wording)
    role = "leaf" if leaf == "b" else "op"
    return [*parts, Part(wording.new.format(leaf), new, role, _changed(inside, leaf))]


def _aligned(leaves: Sequence[Sequence[Part]]) -> list[Row]:
    """The parts as rows: what is still to come has its room, and an ellipsis in it."""
    widths = [max(len(part.text) for part in parts) for parts in zip(*leaves, strict=True)]
    rows: list[Row] = []
    for leaf, parts in zip(LEAVES, leaves, strict=True):
        spans = [Span(f" {leaf}  ", "title")]
        for at, (part, width) in enumerate(zip(parts, widths, strict=True)):
            lit = part.there
            if at:
                spans.append(Span(ARROW, "way-arrow" if lit else "faint"))
            spans.append(Span(part.label, "expression" if lit else "faint"))
            text = part.text if lit else AWAITED
            room = width if at < len(parts) - 1 else 0
            spans.append(Span(text.ljust(room), part.role if lit else "faint"))
        rows.append(tuple(spans))
    return rows


def _gradient(inside: Inside, leaf: str) -> NodeGradient | None:
    """What arrives at a leaf in the iteration's pass, wherever in it one is."""
    backwards = inside.traced.recording.backwards
    if not backwards:
        return None
    nodes = backwards[0].graph.nodes
    return next((one for one in backwards[0].gradients if nodes[one.node].name == leaf), None)


def _arrived(inside: Inside, gradient: NodeGradient) -> bool:
    if inside.backward_lines is None:
        return False
    passed = inside.traced.recording.backwards[0].gradients[: inside.position.nodes]
    return gradient in passed


def _kept(gradient: NodeGradient | None, wording: Wording) -> str:
    """What `.grad` holds; a sum, where something was in it before."""
    if gradient is None:
        return _text(None, wording)
    before, after = gradient.grad_before, _text(gradient.grad_after, wording)
    if before is None or not any(before.numbers) or not wording.whole:
        return after
    return f"{_text(before, wording)} + {_signed(_text(gradient.incoming[0], wording))} = {after}"


def _changed(inside: Inside, name: str) -> bool:
    """Whether the iteration has assigned to a variable since backward."""
    first = inside.backward_lines
    if first is None or inside.position.nodes is not None:
        return False
    moments = inside.traced.recording.moments[first : inside.position.lines]
    return any(name in moment.changed for moment in moments)


def _made(inside: Inside, name: str) -> Value | None:
    """What the loop has made of a leaf's gradient, by its name in the loop."""
    for moment in reversed(inside.traced.recording.moments):
        for tensor in moment.tensors:
            if tensor.name == name:
                return tensor.value
    return None


def _updated(inside: Inside, leaf: str, rate: str, name: str, factor: str, wording: Wording) -> str:
    """The update as a sum, in as many more digits as show what a small one changes."""
    before, step = inside.traced.before, inside.traced.step
    if leaf == "w" and len(before.w) > 1:
        return f"w - {rate} · {name}"
    pair = (before.w[0], step.w[0]) if leaf == "w" else (before.b, step.b)
    old, new = (_number(number, wording.digits + MORE_DIGITS) for number in pair)
    return f"{old} - {rate} · {_signed(factor)} = {new}" if wording.whole else new


def _text(value: Value | None, wording: Wording) -> str:
    if value is not None and len(value.numbers) == 1:
        return _number(value.numbers[0], wording.digits)
    return short(value, wording.values, wording.digits)


def _number(number: Number, digits: int) -> str:
    """With its last zeros, so that it keeps its width from iteration to iteration."""
    return f"{number:#.{digits}g}" if number else "0"


def _signed(text: str) -> str:
    """In brackets where it is below 0."""
    return f"({text})" if text.startswith("-") else text
