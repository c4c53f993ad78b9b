"""The loss as a landscape over two parameters or eigenvectors, and the run's way on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.training.problem import State
from engine.training.step_columns import Steps
from tui.chart.figures.axes import CONSTANT, HUGE, Axis, Numbers, extent, sticky
from tui.chart.figures.cells import beside
from tui.chart.figures.frame import draw
from tui.chart.figures.heat import bands, contours, heat_map, scale, tags
from tui.chart.figures.pair import Eigenvectors, Pair, Parameters, parameters
from tui.chart.figures.plane import Plane, plane
from tui.chart.figures.plot import Curve, Mark, Plot, Tag
from tui.chart.figures.roles import Role
from tui.chart.figures.run_words import run_words
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, Style
from tui.kit.spans import Picture
from tui.kit.text import whole

MARGIN = 0.15
"""Room around what is shown, as a part of it."""
ARROW = 0.2
"""The longer side of the gradient's arrow, as a part of the frame."""

LABELS = (8, 4)
"""About so many columns and rows around a plane hold labels; a cell is twice as high as wide."""
MOST_TAGS = 5
"""At most so many other paths are named."""
TAGGED = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9, 0.42, 0.58, 0.27, 0.73, 0.15, 0.85)
"""Where along its way a path may be named, best first."""
WIDE = 72
"""From this width on the surfaces in both units stand side by side."""
LOSS = "loss"
NEGLIGIBLE = 0.01
"""A least loss below this part of the lowest band's edge is as good as none."""
NEAR = 0.01
"""A part of the frame too small to follow: no arrow this near the optimum, or to the edge."""


def surface(scene: Scene, view: View) -> Picture:
    """Draw heat map or contours of the loss, path, optimum, descent from here.

    Where the same data are learned from in other units too, both stand side by side: a ravine
    and a bowl, on axes of one scale, which alone show them as such.
    """
    twin = scene.twin
    if twin is None or view.width < WIDE:
        return _one(scene, view)
    half = view.width // 2
    raw, scaled = (twin, scene) if scene.units else (scene, twin)
    looks = {id(scene): view, id(twin): replace(view, cursor=None)}
    left = _one(raw, looks[id(raw)].sized(half, view.height), beside_other=True)
    right = looks[id(scaled)].sized(view.width - half, view.height)
    return beside(left, _one(scaled, right, beside_other=True))


def chosen(scene: Scene, view: View) -> Pair:
    """Return the directions that a view asks for; eigenvectors only where they are known."""
    if view.curvature and scene.theory is not None:
        return Eigenvectors(scene.theory)
    return parameters(view.across, view.up, len(scene.parameters))


def _one(scene: Scene, view: View, *, beside_other: bool = False) -> Picture:
    state, pair = scene.state(view), chosen(scene, view)
    kept = _followed(scene, state) if beside_other else state
    ground = plane(scene.theory, kept, pair) if scene.theory else None
    path = _path(pair, scene.start, scene.steps, Role.PATH, "solid", "path", "o")
    here = pair.place(state)
    x, y = _axes(path, pair.place(scene.start), ground)
    if beside_other and ground:
        x, y = _one_scale(pair.place(scene.start), ground, view) or (x, y)
    edges = bands(ground, x, y) if ground else []
    arrow = _arrow(ground, here, x, y) if ground else None
    hills = [] if ground is None or view.fill else contours(ground, edges)
    head = [_head(arrow, x, y, view)] if arrow else []
    x_name, y_name = _names(scene, pair)
    plot = Plot(
        title=_condition(scene) if beside_other else _title(scene, pair),
        readout=scene.readout(view),
        x_name=x_name,
        y_name=y_name,
        x=x,
        y=y,
        curves=(*hills, *_ghosts(pair, scene, view), path, *([arrow] if arrow else [])),
        marks=tuple(_marks(pair, scene, view, ground, head)),
        tags=(*_named(pair, scene, view, (x, y)), *(tags(ground, edges, view) if ground else ())),
        legend=scale(_height(scene, state, here, ground, edges), edges, view) if ground else (),
    )
    return draw(plot, view, heat_map(ground, edges) if ground and view.fill else None)


def _followed(scene: Scene, state: State) -> State:
    """The state whose other parameters the plane keeps: the start's for one that went astray."""
    known = scene.theory
    if known is None:
        return state
    here, first = (known.loss_at(one.w, one.b) for one in (state, scene.start))
    return state if here <= first else scene.start


def _names(scene: Scene, pair: Pair) -> tuple[str, str]:
    """What stands at the axes."""
    if isinstance(pair, Parameters):
        x, y = (scene.weights[at] for at in pair)
        return x, y
    values = scene.theory.eigenvalues if scene.theory else (math.nan,)
    return f"along λ {values[-1]:.3g}", f"λ {values[0]:.3g}"


def _title(scene: Scene, pair: Pair) -> str:
    if not isinstance(pair, Parameters):
        return f"Loss along the steepest and the flattest eigenvector{scene.units}"
    x, y = _names(scene, pair)
    others = ", the others as now" if len(scene.parameters) > 2 else ""
    return f"Loss over {x} and {y}{others}{scene.units}"


def _condition(scene: Scene) -> str:
    """What tells a ravine from a bowl."""
    kind = "Standardised" if scene.units else "Unscaled"
    condition = scene.theory.speed_condition if scene.theory else math.nan
    return f"{kind}: condition {whole(condition)}"


def _height(
    scene: Scene, state: State, here: tuple[float, float], ground: Plane, edges: list[float]
) -> str:
    """What the bands are edges of: the loss, where its least is too small to be seen in it."""
    if scene.theory is None:
        return LOSS
    least = scene.theory.loss
    if len(state.w) > 1:
        least = scene.theory.loss_at(state.w, state.b) - ground.excess(*here)
    return LOSS if abs(least) < NEGLIGIBLE * edges[0] else f"{LOSS} − least"


def _ghosts(pair: Pair, scene: Scene, view: View) -> list[Curve]:
    """The paths of other branches, the first with the label of all."""
    histories = [ghost.history for ghost in scene.shown_ghosts(view)]
    return [
        _path(pair, past.start, past.steps, Role.GHOST, "dotted", "" if i else "other runs", ".")
        for i, past in enumerate(histories)
    ]


def _named(pair: Pair, scene: Scene, view: View, axes: tuple[Axis, Axis]) -> Iterator[Tag]:
    """What the paths are of, beside them, where there are several that differ in it."""
    runs = (scene.run, *scene.shown_ghosts(view)[-MOST_TAGS:])
    problems = [run.problem for run in runs]
    words = [run_words(problem, problems) for problem in problems]
    if len({*words}) == 1:
        return
    for run, text in zip(runs, words, strict=True):
        apart = (len(text) / 2 + 2) / view.width, 2 / view.height
        yield Tag(text, tuple(_beside(pair, run.history.steps, axes, apart)))


def _beside(
    pair: Pair, steps: Steps, axes: tuple[Axis, Axis], apart: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    """Places at the sides of a path, at parts of its way through the frame, best first."""
    if not steps:
        return
    tracks = [np.asarray(track, np.float64) for track in pair.tracks(steps)]
    x, y = (
        (track - axis.value(0)) / (axis.value(1) - axis.value(0))
        for track, axis in zip(tracks, axes, strict=True)
    )
    way = np.concatenate(([0.0], np.hypot(np.diff(x), np.diff(y)).cumsum()))
    for at in np.searchsorted(way, np.array(TAGGED) * way[-1]).clip(max=len(way) - 1):
        for right, up in ((1, 0), (0, 1), (0, -1), (-1, 0)):
            yield (
                axes[0].value(float(x[at]) + right * apart[0]),
                axes[1].value(float(y[at]) + up * apart[1]),
            )


def _marks(
    pair: Pair, scene: Scene, view: View, ground: Plane | None, head: list[Mark]
) -> list[Mark]:
    """Where the run began, branched and stands, the optimum, and the head of the arrow."""
    fork, glyphs = scene.fork, CHART_GLYPHS[view.glyphs]
    marks = [Mark(Role.START, *pair.place(scene.start), glyphs.start, "start")]
    if fork:
        marks.append(Mark(Role.FORK, *pair.place(fork), glyphs.fork, "branched"))
    if ground:
        marks.append(Mark(Role.OPTIMUM, ground.x, ground.y, glyphs.optimum, "optimum"))
    return [*marks, *head, Mark(Role.CURRENT, *pair.place(scene.state(view)), glyphs.current)]


def _path(
    pair: Pair, start: State, steps: Steps, role: Role, style: Style, label: str, letter: str
) -> Curve:
    xs, ys = pair.tracks(steps) if steps else ((), ())
    first = pair.place(start)
    return Curve(role, xs, ys, style, label, letter=letter, function=False, first=first)


def _axes(path: Curve, start: tuple[float, float], ground: Plane | None) -> tuple[Axis, Axis]:
    """Around optimum, start and path, but not beyond where the loss exceeds the start's.

    A run whose loss never rises stays within; one that diverges is seen to leave.
    """
    x, y = start
    if ground is None:
        return sticky([x], path.xs), sticky([y], path.ys)
    reach = ground.reach(ground.excess(x, y))
    return _axis(x, path.xs, ground.x, reach[0]), _axis(y, path.ys, ground.y, reach[1])


def _axis(start: float, walked: Numbers, best: float, reach: float) -> Axis:
    reach = max(reach, abs(start - best)) if math.isfinite(start) else reach
    ends = [*extent([start]), *extent(walked)]
    near = [min(max(end, best - reach), best + reach) for end in ends]
    low, high = min([best, *near]), max([best, *near])
    margin = MARGIN * (high - low)
    return sticky([low - margin, high + margin])


def _one_scale(start: tuple[float, float], ground: Plane, view: View) -> tuple[Axis, Axis] | None:
    """Around the optimum as far as the start, the same length as long on both axes."""
    best = (ground.x, ground.y)
    reach = (1 + MARGIN) * max(abs(s - b) for s, b in zip(start, best, strict=True))
    if not CONSTANT * max(map(abs, best)) < reach < HUGE:
        return None
    wide, high = view.width - LABELS[0], 2 * (view.height - LABELS[1])
    less = max(min(wide, high), 1)
    x, y = (
        Axis(at - reach * part, at + reach * part)
        for at, part in zip(best, (max(wide / less, 1), max(high / less, 1)), strict=True)
    )
    return x, y


def _arrow(ground: Plane, state: tuple[float, float], x: Axis, y: Axis) -> Curve | None:
    """From the state along the negative gradient, within the frame; None where it has none."""
    here = (x.fraction(state[0]), y.fraction(state[1]))
    slopes = ground.gradient(*state)
    steps = [-g / (axis.high - axis.low) for g, axis in zip(slopes, (x, y), strict=True)]
    steep = max(map(abs, steps))
    if not (math.isfinite(steep) and steep > 0):
        return None
    size, away = ARROW / steep, 0.0
    offset = ground.offset(*state)
    for at, axis, off, step in zip(here, (x, y), offset, steps, strict=True):
        if at is None or not 0 <= at <= 1:
            return None
        away = max(away, abs(off) / (axis.high - axis.low))
        if step:
            size = min(size, ((1 - NEAR if step > 0 else NEAR) - at) / step)
    if away < NEAR or not 0 < size < math.inf:
        return None
    xs, ys = ((v, v - size * g) for v, g in zip(state, slopes, strict=True))
    return Curve(Role.GRADIENT, xs, ys, "solid", "-gradient", letter="+", function=False)


def _head(arrow: Curve, x: Axis, y: Axis, view: View) -> Mark:
    """Cells are about twice as high as wide."""
    (from_x, to_x), (from_y, to_y) = arrow.xs, arrow.ys
    right = (to_x - from_x) / (x.high - x.low) * view.width
    up = (to_y - from_y) / (y.high - y.low) * view.height * 2
    eighth = round(math.atan2(up, right) / (math.pi / 4)) % 8
    return Mark(Role.GRADIENT, to_x, to_y, CHART_GLYPHS[view.glyphs].arrows[eighth])
