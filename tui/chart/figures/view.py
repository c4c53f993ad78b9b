"""How to look at a chart: its size, its glyphs, what is switched on and which part is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.kit.glyph_level import Level

NARROWEST = 1 / 4096
"""The smallest part of an axis that a window shows."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a chart that is seen, as fractions of its whole axes (logarithmic or not)."""

    left: float = 0.0
    right: float = 1.0
    bottom: float = 0.0
    top: float = 1.0

    def zoom(self, factor: float, x: bool = True, y: bool = True) -> Window:
        """Return a window `factor` times as wide and high about its middle; below 1 zooms in."""
        left, right = _scale(self.left, self.right, factor if x else 1.0)
        bottom, top = _scale(self.bottom, self.top, factor if y else 1.0)
        return Window(left, right, bottom, top)

    def pan(self, x: float = 0.0, y: float = 0.0) -> Window:
        """Return a window moved by fractions of its own size, not beyond the whole axes' edges."""
        left, right = _move(self.left, self.right, x)
        bottom, top = _move(self.bottom, self.top, y)
        return Window(left, right, bottom, top)

    def around(self, x: float, room: float) -> Window:
        """Return a window moved along x by the least that keeps `x` off its edges by `room`."""
        size = self.right - self.left
        low, high = x - (1 - room) * size, x - room * size
        left, right = _within(min(max(self.left, low), high), size)
        return Window(left, right, self.bottom, self.top)


@dataclass(frozen=True, slots=True)
class View:
    """How to look; the same record for every chart, each takes from it what it knows."""

    width: int = 80
    height: int = 24
    glyphs: Level = "braille"
    cursor: int | None = None
    """After how many iterations to look; None: where the run stands."""
    window: Window | None = None
    """None: everything. Zooms the charts along x and y; histograms stay whole."""
    log_y: bool | None = None
    """None: as suits the chart, which is logarithmic for the loss."""
    log_x: bool = False
    """For charts over the iterations."""
    ghosts: bool = True
    truth: bool = True
    residuals: bool = False
    """In the fit: a line from each point to its prediction."""
    gradients: bool = False
    """In the parameters: their gradients too."""
    predicted: bool = False
    """In the loss: the curve that theory predicts."""
    across: int = 0
    """In the parameters the first w drawn; in the surface the one along x."""
    up: int = -1
    """In the surface: the parameter along y, b as the last."""
    curvature: bool = False
    """In the surface: along the eigenvectors of the largest and the least eigenvalue."""
    excess: bool = False
    """In the loss: how far it is above the least, J − J*."""
    fill: bool = True
    """In the surface: a heat map, which needs background colours; else contours."""

    def sized(self, width: int, height: int) -> View:
        """Return the same view in another size."""
        return replace(self, width=width, height=height)


def _scale(low: float, high: float, factor: float) -> tuple[float, float]:
    size = min(max((high - low) * factor, NARROWEST), 1.0)
    return _within((low + high - size) / 2, size)


def _move(low: float, high: float, part: float) -> tuple[float, float]:
    return _within(low + part * (high - low), high - low)


def _within(low: float, size: float) -> tuple[float, float]:
    low = min(max(low, 0.0), 1.0 - size)
    return low, low + size
