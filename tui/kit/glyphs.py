"""Every character that is drawn with, for charts and for graphs, down to plain ASCII.

Each is one cell wide. What tells two things apart without colour differs in shape here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tui.kit.glyph_level import Level

Style = Literal["solid", "dashed", "dotted", "points"]
"""Of a curve: joined in three ways, or loose points."""


@dataclass(frozen=True, slots=True)
class ChartGlyphs:
    """The characters that charts are drawn with at one level."""

    marker: str
    """plotext's name of the marker, or the character itself."""
    across: int
    """Pixels a cell, along x."""
    up: int
    """Pixels a cell, along y."""
    samples: dict[Style, str]
    """How the legend shows a curve of each style."""
    axis: str
    """Vertical, horizontal, corner, tick on the vertical, tick on the horizontal."""
    grid: str
    shades: str
    """Few to many, for densities."""
    bars: str
    """An eighth of a cell to a whole one, lowest first; rough in ASCII."""
    half: str
    """The upper half of a cell; empty where there is none."""
    current: str
    start: str
    optimum: str
    stop: str
    fork: str
    arrows: str
    """Eight directions from east, anticlockwise."""
    above: str
    below: str


_SAMPLES: dict[Style, str] = {
    "solid": "━━", "dashed": "╍╍", "dotted": "┉┉", "points": "•",
}  # fmt: skip
_BRAILLE = ChartGlyphs(
    marker="braille",
    across=2,
    up=4,
    samples=_SAMPLES,
    axis="│─└┤┬",
    grid="┈",
    shades="░▒▓█",
    bars="▁▂▃▄▅▆▇█",
    half="▀",
    current="●",
    start="○",
    optimum="✕",
    stop="▼",
    fork="◆",
    arrows="→↗↑↖←↙↓↘",
    above="▲",
    below="▼",
)
_ASCII = ChartGlyphs(
    marker="*",
    across=1,
    up=1,
    samples={"solid": "*", "dashed": "-", "dotted": ".", "points": "o"},
    axis="|-+++",
    grid=".",
    shades=".:+#",
    bars=".:-=+*%#",
    half="",
    current="@",
    start="O",
    optimum="X",
    stop="v",
    fork="Y",
    arrows=">/^\\</v\\",
    above="^",
    below="v",
)
_BLOCK = replace(_BRAILLE, marker="hd", up=2, optimum="×")

CHART_GLYPHS: dict[Level, ChartGlyphs] = {"braille": _BRAILLE, "block": _BLOCK, "ascii": _ASCII}

_SPELT = str.maketrans(
    {"ŷ": "y^", "·": "*", "−": "-", "→": "->", "∂": "d", "…": "~", "λ": "lambda"},
)


def spelt(text: str, level: Level) -> str:
    """A text as a level can write it."""
    return text.translate(_SPELT) if level == "ascii" else text


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
class GraphGlyphs:
    """The characters that graphs are drawn with, each one cell wide."""

    lines: str
    """By the sum of the arms, from no arm to all four, where the arms are joined."""
    crossing: str
    """Where two lines pass without touching."""
    arrow_right: str
    arrow_down: str
    arrow_left: str
    arrow_up: str
    borders: dict[str, Border]
    """By kind: leaf, op, root, reduction."""
    marks: dict[str, str]
    """A node in the rails, by kind."""
    overflow: str
    """Lanes that are left out."""


UNICODE = GraphGlyphs(
    lines=" ╵╶╰╷│╭├╴╯─┴╮┤┬╋",
    crossing="┼",
    arrow_right="▶",
    arrow_down="▼",
    arrow_left="◀",
    arrow_up="▲",
    borders={
        "leaf": Border("╔╗╚╝", "═", "║", "╟", "╤"),
        "op": Border("╭╮╰╯", "─", "│", "├", "┬"),
        "root": Border("┏┓┗┛", "━", "┃", "┠", "┯"),
        "reduction": Border("┌┐└┘", "╌", "╎", "├", "┬"),
    },
    marks={"leaf": "◆", "op": "●", "root": "◉", "reduction": "Σ"},
    overflow="…",
)

ASCII = GraphGlyphs(
    lines=" |-+||++-+-+++++",
    crossing="|",
    arrow_right=">",
    arrow_down="v",
    arrow_left="<",
    arrow_up="^",
    borders={
        "leaf": Border("++++", "=", "|", "+", "+"),
        "op": Border("++++", "-", "|", "+", "+"),
        "root": Border("####", "#", "#", "#", "#"),
        "reduction": Border("....", ".", ":", "+", "+"),
    },
    marks={"leaf": "#", "op": "*", "root": "@", "reduction": "S"},
    overflow="~",
)
"""Without a junction at crossings: the line down passes over the line across."""


def graph_glyphs(level: Level) -> GraphGlyphs:
    """Return what graphs are drawn with at a level."""
    return ASCII if level == "ascii" else UNICODE
