"""One leaf at one pass as a row of text: norms, their ratio, and how they went over the passes."""

from __future__ import annotations

import math
from typing import NamedTuple

from rich.cells import cell_len

from engine.autograd.values import shape_text
from tui.chart.figures.numbers import four_digits
from tui.kit.spans import Row, Span
from tui.kit.text import fit, safe

NUMBERS = ("value", "gradient", "update", "upd/value")
NUMBER = 11
"""Columns of a number, with the gap before it."""
SHAPE = 11
NAME = (8, 26, 44)
"""Columns of a name: at least, at most, and at most where there is much room."""
SPARK = (8, 60)
"""Columns of a sparkline: at least and at most."""
WIDE, WIDER = 96, 140
"""From so many columns on there is room for shapes, and for a second sparkline."""
USUAL, FAR = 1e-3, 100.0
"""What update over value usually is, and how many times off is far."""
BROKEN, HIGH, LOW = "!", "↑", "↓"


class Widths(NamedTuple):
    """How many columns the parts of a row have; 0: there is no room for it."""

    name: int
    numbers: int
    """So many of the numbers, the first ones."""
    shape: int
    spark: int
    second: int
    """The other sparkline."""


class Leaf(NamedTuple):
    """What is known of a leaf at a pass; nan where there is no number."""

    name: str
    """As short as there is room for."""
    shape: tuple[int, ...] | None
    value: float
    gradient: float
    update: float
    ratio: float
    broken: bool
    """Whether value or gradient is nan or infinite, not only missing."""


def widths(width: int, names: int, *, shapes: bool) -> Widths:
    """Return the columns for a table so wide, whose longest name has so many cells."""
    numbers = max(min((width - 3 - NAME[0]) // NUMBER, len(NUMBERS)), 1)
    room = width - 2 - numbers * NUMBER - 1
    shape = SHAPE if shapes and width >= WIDE else 0
    most = NAME[2] if width >= WIDER else NAME[1]
    name = max(min(names, most, room - shape), min(NAME[0], max(room, 1)))
    if room - shape - name - 2 < SPARK[0]:
        return Widths(max(name, min(names, room - shape)), numbers, shape, 0, 0)
    room -= shape + name + 2
    if width < WIDER:
        return Widths(name, numbers, shape, min(room, SPARK[1]), 0)
    half = min((room - 2) // 2, SPARK[1])
    return Widths(name, numbers, shape, half, half)


def header(columns: Widths) -> Row:
    """Return the names of the columns."""
    shape = fit("  shape", columns.shape)
    text = f"  {fit('leaf', columns.name)}{shape}"
    for name in NUMBERS[: columns.numbers]:
        text += f"{name:>{NUMBER}}"
    for width, name in ((columns.spark, "gradient"), (columns.second, "update/value")):
        if width:
            text += "   " if name == "gradient" else "  "
            text += fit(f"{name} over the passes" if width >= 28 else name, width)
    return (Span(text, "faint"),)


def leaf_spans(leaf: Leaf, columns: Widths) -> Row:
    """Return a row up to the sparklines."""
    shape = "" if leaf.shape is None else shape_text(leaf.shape)
    wrong = "error" if leaf.broken else ""
    numbers = (
        _number(leaf.value, "value", broken=leaf.broken),
        _number(leaf.gradient, "gradient", broken=leaf.broken),
        _number(leaf.update, "value", broken=False),
        ratio_span(leaf.ratio),
    )
    return (
        Span(f"{BROKEN if leaf.broken else ' '} ", "error"),
        Span(fit(leaf.name, columns.name), wrong or "leaf"),
        Span(fit(f"  {shape}", columns.shape), "note"),
        *numbers[: columns.numbers],
    )


def ratio_span(ratio: float) -> Span:
    """Return update over value, marked where it is far from usual."""
    mark, role = " ", "title"
    if math.isfinite(ratio) and ratio > USUAL * FAR:
        mark, role = HIGH, "warning"
    elif ratio < USUAL / FAR:
        mark, role = LOW, "warning"
    text = "–" if math.isnan(ratio) else f"{ratio:.1e}"
    return Span(f"{text:>{NUMBER}}{mark}", role if text != "–" else "faint")


def name_width(name: str) -> int:
    """Return how many cells a name takes on the screen."""
    return cell_len(safe(name))


def _number(number: float, role: str, *, broken: bool) -> Span:
    if math.isfinite(number):
        return Span(f"{four_digits(number):>{NUMBER}}", role)
    if math.isnan(number) and not broken:
        return Span(f"{'–':>{NUMBER}}", "faint")
    return Span(f"{four_digits(number):>{NUMBER}}", "error")
