"""Which element of which leaf is nudged, by how much, and before which line of the script."""

from __future__ import annotations

import math
from typing import NamedTuple

from engine.autograd.graph import Node
from engine.autograd.values import Value, number_text
from engine.script.interventions import Nudge
from tui.graph.what_if.supposition import Passing, Supposition
from tui.script.windows import window_at

RELATIVE = 1e-2
"""ε over the element: small enough for the rule, large enough for the digits of float32."""
DIGITS = 12
"""Sums of ε are rounded to so many digits, so that as many steps back are none at all."""


class Aim(NamedTuple):
    """An element of a leaf, and what one press of a key adds to it."""

    leaf: str
    element: tuple[int, ...]
    step: float


def aim_at(node: Node | None, before: Aim | None) -> Aim:
    """Return the aim at the selected leaf: as it was before, else its first element.

    Raises ValueError with one line where the node is no leaf that can be nudged.
    """
    if node is None or not node.is_leaf:
        raise ValueError("+ and - nudge a leaf: select one, in a double frame")
    if node.name is None:
        raise ValueError("this leaf has no name in the script: it cannot be found there")
    value = node.value
    if value is None or not value.numbers or not (node.dtype or "").startswith(("float", "bfloat")):
        raise ValueError(f"the numbers of {node.name} are not there to be nudged")
    if before is not None and before.leaf == node.name and known(value, before.element):
        return before
    first = (0,) * len(value.shape)
    return Aim(node.name, first, step_of(number_at(value, first)))


def step_of(number: float) -> float:
    """Return an ε for a number: a hundredth of it, rounded to one digit; of 0, 0.01."""
    size = abs(number) * RELATIVE
    return float(f"{size:.0e}") if size and math.isfinite(size) else RELATIVE


def known(value: Value, element: tuple[int, ...]) -> bool:
    """Return whether an element is among the numbers that were read."""
    corner = value.corner
    return len(element) == len(corner) and all(map(int.__lt__, element, corner))


def place_of(value: Value, element: tuple[int, ...]) -> int:
    """Return where an element stands among the numbers that were read."""
    place = 0
    for index, size in zip(element, value.corner, strict=True):
        place = place * size + index
    return place


def number_at(value: Value, element: tuple[int, ...]) -> float:
    """Return an element that was read."""
    return float(value.numbers[place_of(value, element)].real)


def element_text(name: str, element: tuple[int, ...]) -> str:
    """Return an element as the script would write it: `x[0, 1]`."""
    return f"{name}[{', '.join(map(str, element))}]" if element else name


def nudged(aim: Aim, amount: float, run: Passing, node: Node) -> Supposition:
    """Return a leaf with something added; raises ValueError where the line is not known."""
    file, line = first_use(run, node)
    amount = float(f"{amount:.{DIGITS}g}")
    change = Nudge(run.number, aim.leaf, file, line, aim.element, amount)
    sign = "+" if amount > 0 else "-"
    name = element_text(aim.leaf, aim.element)
    return Supposition(change, f"nudged: {name} {sign} {number_text(abs(amount), 6)}")


def first_use(run: Passing, leaf: Node) -> tuple[str | None, int]:
    """Return the file and number of the first line of the pass in which its graph uses a leaf.

    Raises ValueError with one line where that is not known.
    """
    return _place(run, first_line(run, leaf))


def first_line(run: Passing, leaf: Node) -> int:
    """Return how many lines lie behind when that line has run; raises ValueError as above."""
    graph, recording = run.backward.graph, run.recording
    users = [graph.nodes[edge.target] for edge in graph.out_of[leaf.id]]
    lines = {(node.file, node.line) for node in users}
    window = window_at(recording, run.lines - 1)
    if users and all(node.line is not None for node in users):
        for lines_behind in range(window.first + 1, run.lines + 1):
            if _place(run, lines_behind) in lines:
                return lines_behind
    raise ValueError(f"the line that uses {leaf.name} was not recorded: it cannot be nudged")


def _place(run: Passing, lines: int) -> tuple[str | None, int]:
    moment = run.recording.moments[lines - 1]
    files = run.recording.files
    file = files[moment.file].name if 0 < moment.file < len(files) else None
    return file, moment.line
