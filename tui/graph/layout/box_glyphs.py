"""The characters of graph drawings, in Unicode and in ASCII."""

from __future__ import annotations

from dataclasses import dataclass

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8
"""Arms of a line character, as bits."""


@dataclass(frozen=True, slots=True)
class Border:
    """The frame of one kind of box."""

    corners: str
    """Top left, top right, bottom left, bottom right."""
    across: str
    down: str
    exit_right: str
    """In the right side, where an edge leaves."""
    exit_down: str
    """In the lower side, where an edge leaves."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One character each."""

    lines: str
    """By the sum of the arms, from no arm to all four, where the arms are joined."""
    crossing: str
    """Where two lines pass without touching."""
    arrow_right: str
    arrow_down: str
    borders: dict[str, Border]
    """By kind: leaf, op, root."""
    marks: dict[str, str]
    """A node in the rails, by kind."""
    overflow: str
    """Lanes that are left out."""


UNICODE = Glyphs(
    lines=" ╵╶╰╷│╭├╴╯─┴╮┤┬╋",
    crossing="┼",
    arrow_right="▶",
    arrow_down="▼",
    borders={
        "leaf": Border("╔╗╚╝", "═", "║", "╟", "╤"),
        "op": Border("╭╮╰╯", "─", "│", "├", "┬"),
        "root": Border("┏┓┗┛", "━", "┃", "┠", "┯"),
    },
    marks={"leaf": "◆", "op": "●", "root": "◉"},
    overflow="…",
)

ASCII = Glyphs(
    lines=" |-+||++-+-+++++",
    crossing="|",
    arrow_right=">",
    arrow_down="v",
    borders={
        "leaf": Border("++++", "=", "|", "+", "+"),
        "op": Border("++++", "-", "|", "+", "+"),
        "root": Border("####", "#", "#", "#", "#"),
    },
    marks={"leaf": "#", "op": "*", "root": "@"},
    overflow="~",
)
"""Without a junction at crossings: the line down passes over the line across."""
