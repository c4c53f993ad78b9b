"""The colours of a chart: one table from roles to the theme's tokens, for screen and files."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

from tui.chart.figures.roles import LEVELS, Role, level, split
from tui.kit.styles import inked

INK: dict[str, str] = {
    Role.POINT: "point",
    Role.LINE: "bold line",
    Role.TRUTH: "faint",
    Role.GHOST: "faint",
    Role.RESIDUAL: "point",
    Role.LOSS: "gradient",
    Role.PREDICTED: "secondary",
    Role.W: "operation",
    Role.W2: "secondary",
    Role.W3: "warning",
    Role.B: "leaf",
    Role.OPTIMUM: "bold leaf",
    Role.PATH: "gradient",
    Role.START: "foreground",
    Role.FORK: "secondary",
    Role.CURRENT: "bold foreground",
    Role.GRADIENT: "error",
    Role.CURSOR: "bold warning",
    Role.STOP: "error",
    Role.TITLE: "bold foreground",
    Role.LABEL: "muted",
    Role.TAG: "foreground",
    Role.AXIS: "muted",
    Role.GRID: "faint",
    **{level(i): f"level{i}" for i in range(LEVELS)},
}
"""Written as `tui.kit.styles.INK` is."""
CONTOURS = ("leaf", "leaf", "operation", "operation", "muted", "muted", "faint", "faint")
"""Of a level that is a line: the tokens of areas are too near to the background's."""


def style(role: str, tokens: Mapping[str, str]) -> Style:
    """Return the style of a role, or of `front@back`, from the theme's colours by name."""
    front, back = split(role)
    ink = INK.get(front, "")
    if ink and not back and front.startswith("level"):
        ink = CONTOURS[int(front.removeprefix("level"))]
    return inked(f"{ink} on {INK[back]}" if back in INK else ink, tokens)
