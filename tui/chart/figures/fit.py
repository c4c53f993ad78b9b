"""The tutorial's picture: the points in red and the fitted line in blue, while it forms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.data.source import Synthetic
from engine.plurals import counted
from engine.training.density import Density, Grid
from engine.training.points import Points, Range
from engine.training.problem import State
from tui.chart.figures.axes import Axis, sticky
from tui.chart.figures.frame import Backdrop, draw, fits, layout, seen
from tui.chart.figures.numbers import number_text
from tui.chart.figures.plot import Curve, Mark, Plot
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene, predict
from tui.chart.figures.strokes import FEW, shade
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs
from tui.kit.spans import Picture

DEEP = 1.0
"""How far beyond the points, in their ranges, the frame goes to show the line at the start."""
STEPS = 8
"""Round numbers in the frame: finer than where limits have to follow a run."""
NOWHERE = (math.nan, math.nan)
MOST_RESIDUALS = 200
STRIPES = 24
"""Of the frame: where points crowd, the line leaves out every second one that has points on it."""
FAR = 10
"""How many heights of the frame are far."""


def fit(scene: Scene, view: View) -> Picture:
    """Draw points and line; with several features, what is predicted against what is true."""
    plot, known = _plot(scene, view), scene.density
    if known is None or known.grid != wanted(scene, view):
        return draw(plot, view)
    curves = (curve for curve in plot.curves if curve.style != "points")
    legend = ((f"{CHART_GLYPHS[view.glyphs].shades} ", Role.POINT), (_all(scene), Role.LABEL))
    plot = replace(plot, curves=tuple(curves), legend=legend)
    return draw(plot, view, _crowd(known))


def wanted(scene: Scene, view: View) -> Grid | None:
    """Return the grid on which to count the points; None where all of them can be drawn."""
    if scene.points is None or scene.points.total <= len(scene.points.y) or not fits(view):
        return None
    plot = seen(_plot(scene, view), view)
    area, _ = layout(plot, view)
    x, y = ((axis.low, axis.high) for axis in (plot.x, plot.y))
    if scene.run.problem.features == 1:
        x = scene.learned_range(x)
    return Grid(area.width, area.height, x, y)


def _plot(scene: Scene, view: View) -> Plot:
    several = scene.run.problem.features > 1
    return _several(scene, view) if several else _single(scene, view)


def _crowd(density: Density) -> Backdrop:
    """Shades of how many points there are."""

    def cells(
        x: Axis, y: Axis, width: int, height: int, glyphs: ChartGlyphs
    ) -> list[list[tuple[str, str]]]:
        most = max(map(max, density.counts))
        rows = [
            [(shade(n, most, glyphs), Role.POINT.value) if n else (" ", "") for n in row]
            for row in density.counts
        ]
        return rows[::-1]

    return cells


def _single(scene: Scene, view: View) -> Plot:
    """In the data's own units, also where x is standardised."""
    points, state, start = scene.points, *map(scene.own_state, (scene.state(view), scene.start))
    x = sticky(scene.x_range or (0.0, 1.0), steps=STEPS)
    ends = (x.value(0), x.value(1))
    framed = _line(ends, start) if points else (*_line(ends, start), *_line(ends, state))
    y = _height(points.y_range if points else NOWHERE, framed)
    shown = [
        Curve(
            Role.GHOST,
            ends,
            _line(ends, scene.own_state(ghost.state)),
            "dotted",
            "" if i else "other runs",
        )
        for i, ghost in enumerate(scene.shown_ghosts(view))
    ]
    known = scene.run.problem.truth
    if view.truth and known:
        truth = State(0, *known)
        label = f"true {_formula(truth)}"
        shown.append(Curve(Role.TRUTH, ends, _line(ends, truth), "dashed", label, "true"))
    xs = scene.own_xs(row[0] for row in points.x) if points else []
    if points and view.residuals:
        shown += _residuals(xs, points.y, [predict((at,), state) for at in xs])
    formula = _formula(state, scene.names[0])
    line = Curve(Role.LINE, ends, _line(ends, state), "solid", f"fitted {formula}", "fitted")
    if points is None:
        shown.append(line)
    else:
        dots = Curve(Role.POINT, xs, points.y, "points", _count(points))
        crowded = len(xs) > min(FEW, view.width)
        shown += [dots, _broken(line, dots, state, x, y, view)] if crowded else [line, dots]
    marks = (*_outside(state, x, y, view), *_outlier(scene, view))
    return Plot(
        "Fit", scene.readout(view), *scene.names, x, y, tuple(shown), marks,
        note="" if points else "the points are not there",
    )  # fmt: skip


def _outlier(scene: Scene, view: View) -> Iterator[Mark]:
    """The point that is moved, by how far."""
    source, points = scene.run.problem.source, scene.points
    if points is None or not isinstance(source, Synthetic) or source.outlier is None:
        return
    if points.total == len(points.y):
        at, glyph = source.outlier, CHART_GLYPHS[view.glyphs].current
        name = f"moved by {source.outlier_by:+g}"
        yield Mark(Role.POINT, points.x[at][0], points.y[at], glyph, name=name)


def _broken(line: Curve, dots: Curve, state: State, x: Axis, y: Axis, view: View) -> Curve:
    """The line over more points than can be drawn over it: with gaps in which those on it show."""
    xs = np.asarray(dots.xs, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        away = y.fractions(xs * state.w[0] + state.b) - y.fractions(np.asarray(dots.ys))
    stripes = x.pixels(xs[np.abs(away) * view.height < 1], STRIPES)
    edges = x.edges(STRIPES)
    pieces = [edges[:1]]
    for stripe in sorted({n for n in stripes.tolist() if n % 2 and 0 < n < STRIPES}):
        pieces[-1].append(edges[stripe])
        pieces.append([edges[stripe + 1]])
    pieces[-1].append(edges[-1])
    at = [v for start, end in pieces for v in (start, end, math.nan)]
    return replace(line, xs=at, ys=[predict((v,), state) for v in at], function=False)


def _several(scene: Scene, view: View) -> Plot:
    points, state = scene.points, scene.state(view)
    rows = points.x if points else ()
    x = sticky(points.y_range if points else (), steps=STEPS)
    y = _height(
        points.y_range if points else NOWHERE,
        [predict(row, scene.start) for row in rows],
    )
    ends = (x.value(0), x.value(1))
    shown = [Curve(Role.TRUTH, ends, ends, "dashed", "ŷ = y")]
    if points:
        predicted = [predict(row, state) for row in rows]
        if view.residuals:
            shown += _residuals(points.y, points.y, predicted)
        shown.append(Curve(Role.POINT, points.y, predicted, "points", _count(points)))
    name = scene.names[1]
    title = f"Fit of {scene.run.problem.features} features: predicted against true {name}"
    note = "" if points else "the points are not there"
    return Plot(title, scene.readout(view), f"true {name}", "ŷ", x, y, tuple(shown), note=note)


def _height(targets: Range, predicted: Sequence[float]) -> Axis:
    """Around the points and, within reason, what is predicted at the start: so it stands still."""
    low, high = targets
    start = [v for v in predicted if math.isfinite(v)]
    if not (math.isfinite(low) and math.isfinite(high)):
        return sticky(start)
    reach = DEEP * (high - low)
    return sticky(
        [low, high, *(min(max(v, low - reach), high + reach) for v in start)], steps=STEPS
    )


def _residuals(
    xs: list[float] | tuple[float, ...], ys: tuple[float, ...], ends: list[float]
) -> list[Curve]:
    """One short line each, evenly chosen if they are many, as a single curve with gaps."""
    lines = list(zip(xs, ys, ends, strict=True))
    lines = lines[:: math.ceil(len(lines) / MOST_RESIDUALS) or 1]
    x = [v for at, _, _ in lines for v in (at, at, math.nan)]
    y = [v for _, start, end in lines for v in (start, end, math.nan)]
    return [Curve(Role.RESIDUAL, x, y, "solid", "residuals", letter=":", function=False)]


def _outside(state: State, x: Axis, y: Axis, view: View) -> tuple[Mark, ...]:
    """An arrow and words where the whole line is above or below the frame, as after divergence."""
    glyphs = CHART_GLYPHS[view.glyphs]
    heights = [y.fraction(v) for v in _line((x.value(0), x.value(1)), state)]
    known = [h for h in heights if h is not None]
    if len(known) < len(heights) or (min(known) <= 1 and max(known) >= 0):
        return ()
    far = "far " if min(abs(h) for h in known) > FAR else ""
    up = known[0] > 1
    words = f"the line is {far}{'above' if up else 'below'}: {_formula(state)}"
    glyph = glyphs.above if up else glyphs.below
    return (Mark(Role.LINE, x.value(0.02), y.value(float(up)), glyph, name=words),)


def _line(ends: tuple[float, float], state: State) -> tuple[float, float]:
    return predict(ends[:1], state), predict(ends[1:], state)


def _formula(state: State, name: str = "x") -> str:
    sign = "−" if state.b < 0 else "+"
    return f"{number_text(state.w[0])}·{name} {sign} {number_text(abs(state.b))}"


def _all(scene: Scene) -> str:
    return counted(scene.run.problem.points, "point")


def _count(points: Points) -> str:
    if points.total == len(points.y):
        return counted(points.total, "point")
    return f"{len(points.y):,} of {points.total:,} points"
