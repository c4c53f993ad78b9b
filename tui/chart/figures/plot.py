"""What every chart is made of: curves and marks on two axes, under a title and a legend."""

from __future__ import annotations

from dataclasses import dataclass

from tui.chart.figures.axes import Axis, Numbers
from tui.chart.figures.roles import Role
from tui.kit.glyphs import Style


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in the units of the axes; where one cannot be placed the curve has a gap."""

    role: str
    xs: Numbers
    ys: Numbers
    style: Style = "solid"
    label: str = ""
    """In the legend; empty: not there."""
    short: str = ""
    """The same where there is no room for it."""
    letter: str = ""
    """The character that draws it in ASCII, if not its style's."""
    function: bool = True
    """Whether x ascends, so that it can be thinned by columns."""
    first: tuple[float, float] | None = None
    """A point before all others."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One glyph at a position, over all curves; not drawn outside the frame."""

    role: Role
    x: float
    y: float
    glyph: str
    label: str = ""
    """In the legend; empty: not there."""
    name: str = ""
    """Text beside the mark's glyph; empty for none."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A text over a curve or the edge of an area, where it covers no other curve or text."""

    text: str
    places: tuple[tuple[float, float], ...]
    """Where its middle may be, best first."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart before it has a size."""

    title: str
    readout: str
    """Numbers at the right of the title."""
    x_name: str
    y_name: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    """Curves in drawing order: the last is on top."""
    marks: tuple[Mark, ...] = ()
    tags: tuple[Tag, ...] = ()
    cursor: float | None = None
    """Where on x a line is drawn from bottom to top."""
    stops: tuple[float, ...] = ()
    """Where on x a run stopped, marked at the top."""
    legend: tuple[tuple[str, str], ...] = ()
    """Texts with their roles that the legend begins with."""
    note: str = ""
    """Across the empty middle: why there is nothing to see."""


def across(role: Role, x: Axis, height: float, label: str = "") -> Curve:
    """Return a dashed line at one height over the whole of the x axis."""
    return Curve(role, (x.value(0), x.value(1)), (height, height), "dashed", label)
