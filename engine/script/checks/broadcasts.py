"""(n, 1) against (n,): a prediction and a target that were broadcast to (n, n) before the loss.

Torch is right to do so, and a table of differences may be wanted. It is a mistake where one of
the two alone requires grad, both have as many elements, and all of the table is reduced to the
loss in one go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import prod
from types import FrameType
from typing import Any, NamedTuple

import torch

from engine.autograd.capture import Walk
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import requires_grad
from engine.autograd.tensor_reader import shape_of
from engine.autograd.values import shape_text
from engine.recording.findings import Finding
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words

SPREAD_KEY = "linreg-tui spread"
"""The key of the `Spread` in the metadata of the node that broadcasting has made."""
LOSSES = frozenset(
    {
        "mse_loss",
        "l1_loss",
        "smooth_l1_loss",
        "huber_loss",
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy",
    }
)
"""Functions that compare two tensors element by element, and reduce that."""
_ELEMENTWISE = re.compile(r"(Pow|Abs|Mul|Div|Neg|Sqrt|Square|Clamp\w*|Log\w*|Add|Sub|Rsub)Backward")
_SCALING = re.compile(_ELEMENTWISE.pattern.replace("|Add|Sub|Rsub", ""))
"""The same after a product: one of all pairs that is compared with something is a matrix."""
_NEW_DIMENSION = re.compile(r"\bNone\b|\bnewaxis\b")
"""How somebody asks for all pairs in the expression itself."""
_WHOLE = re.compile(r"(Mean|Sum)Backward0")


class Spread(NamedTuple):
    """Two tensors that were spread over each other."""

    made: tuple[int, ...]
    """The shape of what they made together."""
    tracked: str
    """The one that requires grad, in words."""
    other: str
    place: Place
    name: str | None
    """Of the one that requires grad."""
    reduced: bool
    """Whether the call has already made one number of it."""


def spread_of(
    func: Callable[..., Any], args: tuple[Any, ...], places: Places, frame: FrameType
) -> Spread | None:
    """Return what a call has spread over each other; None for most calls."""
    one, other = args[0], args[1]
    shapes = shape_of(one), shape_of(other)
    if len(shapes[0]) == len(shapes[1]) or prod(shapes[0]) != prod(shapes[1]):
        return None
    compares = getattr(func, "__name__", "") in LOSSES
    if requires_grad(one) == requires_grad(other) and not (compares and requires_grad(one)):
        return None
    try:
        made = tuple(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]
    except RuntimeError:
        return None
    place = places.here(frame)
    if prod(made) <= prod(shapes[0]) or place is None:
        return None
    if not requires_grad(one):
        one, other = other, one
    words = [_words(tensor, places, frame) for tensor in (one, other)]
    name = places.name_of(one, frame)
    return Spread(made, words[0], words[1], place, name, reduced=compares)


def _words(tensor: torch.Tensor, places: Places, frame: FrameType) -> str:
    name = places.name_of(tensor, frame)
    shape = shape_text(shape_of(tensor))
    return f"{name} ({shape})" if name else f"a tensor ({shape})"


def broadcasts(walked: Walk) -> Iterator[Finding]:
    """Yield what was spread in the graph of a pass, and then reduced as a whole."""
    users: dict[int, list[int]] = {}
    for edge in walked.edges:
        users.setdefault(edge.source, []).append(edge.target)
    for position, node in enumerate(walked.nodes):
        spread: Spread | None = node.metadata.get(SPREAD_KEY)
        if spread is None or not (spread.reduced or _is_reduced(position, walked, users)):
            continue
        note: Note | None = node.metadata.get(NOTE_KEY)
        if note and note.expression and _NEW_DIMENSION.search(note.expression):
            continue
        made = shape_text(spread.made)
        which = spread.name or "the prediction"
        expression = f"`{note.expression}`" if note and note.expression else "a loss"
        yield Words(
            f"{spread.tracked} against {spread.other} became {made} in {expression}, "
            f"{spread.place.said}.",
            "Every element was compared with every other one, and the loss is the mean of all "
            "these pairs: it fits the mean of the targets.",
            f"Give both one shape: `.squeeze(1)` or `.view_as(…)` of {which}.",
            spread.place,
        ).finding("broadcast")


def _is_reduced(position: int, walked: Walk, users: dict[int, list[int]]) -> bool:
    """Whether nothing but element by element follows, and then one number of the whole."""
    multiplied = type(walked.nodes[position]).__name__.startswith("Mul")
    allowed = _SCALING if multiplied else _ELEMENTWISE
    while True:
        following = set(users.get(position, ()))
        if len(following) != 1:
            return False
        (position,) = following
        name = type(walked.nodes[position]).__name__
        if _WHOLE.fullmatch(name):
            return True
        if not allowed.match(name):
            return False
