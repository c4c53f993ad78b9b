"""The characters charts are made of, at three levels: braille, block elements, plain ASCII.

All are one cell wide. What tells two things apart without colour differs in shape here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Level = Literal["braille", "block", "ascii"]
Style = Literal["solid", "dashed", "dotted", "points"]
"""Of a curve: joined in three ways, or loose points."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One level's characters."""

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
_BRAILLE = Glyphs(
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
_ASCII = Glyphs(
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

GLYPHS: dict[Level, Glyphs] = {"braille": _BRAILLE, "block": _BLOCK, "ascii": _ASCII}

_SPELT = str.maketrans(
    {"ŷ": "y^", "·": "*", "−": "-", "→": "->", "∂": "d", "…": "~"},
)


def spelt(text: str, level: Level) -> str:
    """A text as a level can write it."""
    return text.translate(_SPELT) if level == "ascii" else text
