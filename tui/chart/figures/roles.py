"""What the parts of a chart are called, so that one widget can give each its colour.

A role is one of `Role`, `level0` … `level7` (heat map, lowest loss first), or two of them as
`front@back`: a cell whose background has a meaning too, as a path over a heat map. An empty
front is a blank cell of that background.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

LEVELS = 8
"""How many bands a heat map has."""


class Role(StrEnum):
    """The tutorial's picture sets the first two: points in red, the fitted line in blue."""

    POINT = "point"
    LINE = "line"
    TRUTH = "truth"
    """The line the data were made from; the diagonal of predicted against true."""
    GHOST = "ghost"
    """Another branch of the training; faint."""
    RESIDUAL = "residual"
    LOSS = "loss"
    PREDICTED = "predicted"
    """What theory says the curve will be."""
    W = "w"
    W2 = "w2"
    W3 = "w3"
    B = "b"
    OPTIMUM = "optimum"
    PATH = "path"
    START = "start"
    FORK = "fork"
    """Where a branch left the one that it came from."""
    CURRENT = "current"
    """The position of the run after its latest iteration."""
    GRADIENT = "gradient"
    """The direction of steepest descent."""
    CURSOR = "cursor"
    STOP = "stop"
    TITLE = "title"
    LABEL = "label"
    TAG = "tag"
    """What a contour or the edge of a band stands for."""
    AXIS = "axis"
    GRID = "grid"


def level(number: int) -> str:
    """Return the role of a heat map's band, 0 the lowest."""
    return f"level{number}"


@cache
def over(front: str, there: str) -> str:
    """Return the role of a cell once something of role `front` is drawn over one of role `there`.

    The background stays, unless `front` has one of its own.
    """
    back = split(there)[1]
    return f"{front}@{back}" if back and "@" not in front else front


def split(role: str) -> tuple[str, str]:
    """Return front and background of a role; empty where it has none."""
    front, _, back = role.partition("@")
    return front, back
