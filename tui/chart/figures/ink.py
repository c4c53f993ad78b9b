"""The colours of a chart: one table from roles to the theme's tokens, for screen and files."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

from tui.chart.figures.roles import LEVELS, Role, level, split

TOKENS: dict[str, str] = {
    Role.POINT: "point",
    Role.LINE: "line",
    Role.TRUTH: "faint",
    Role.GHOST: "faint",
    Role.RESIDUAL: "point",
    Role.LOSS: "gradient",
    Role.PREDICTED: "secondary",
    Role.W: "operation",
    Role.W2: "secondary",
    Role.W3: "warning",
    Role.B: "leaf",
    Role.OPTIMUM: "leaf",
    Role.PATH: "gradient",
    Role.START: "foreground",
    Role.FORK: "secondary",
    Role.CURRENT: "foreground",
    Role.GRADIENT: "error",
    Role.CURSOR: "warning",
    Role.STOP: "error",
    Role.TITLE: "foreground",
    Role.LABEL: "muted",
    Role.AXIS: "muted",
    Role.GRID: "faint",
    **{level(i): f"level{i}" for i in range(LEVELS)},
}
BOLD = {Role.LINE, Role.OPTIMUM, Role.CURRENT, Role.CURSOR, Role.TITLE}
CONTOURS = ("leaf", "leaf", "operation", "operation", "muted", "muted", "faint", "faint")
"""Of a level that is a line: the tokens of areas are too near to the background's."""


FEW = {
    "line": ("#5555ff", "#0000aa"),
    "operation": ("#5555ff", "#0000aa"),
    "secondary": ("#ff55ff", "#00aaaa"),
    "gradient": ("#ffff55", "#aa00aa"),
    "warning": ("#55ffff", "#aa0000"),
    "leaf": ("#55ff55", "#00aa00"),
    "point": ("#ff5555", "#aa0000"),
    "error": ("#ff5555", "#aa0000"),
}
"""Of a terminal's sixteen colours those that are meant, on dark and on light ground.

The nearest ones, which would be shown else, are white for half of them.
"""


def sixteen(tokens: Mapping[str, str], *, light: bool) -> dict[str, str]:
    """A theme's colours by name for a terminal that has sixteen."""
    return {**tokens, **{name: pair[light] for name, pair in FEW.items()}}


def style(role: str, tokens: Mapping[str, str]) -> Style:
    """The style of a role, from what a theme calls its colours."""
    front, back = split(role)
    token = TOKENS.get(front)
    if token and not back and front.startswith("level"):
        token = CONTOURS[int(front.removeprefix("level"))]
    return Style(
        color=tokens[token] if token else None,
        bgcolor=tokens[TOKENS[back]] if back in TOKENS else None,
        bold=front in BOLD or None,
    )
