"""The loss as a landscape over w and b, and the way the run walks on it."""

from __future__ import annotations

import math

from engine.training.problem import State
from engine.training.step_columns import Steps
from tui.chart.figures.axes import Axis, Numbers, extent, sticky
from tui.chart.figures.frame import draw
from tui.chart.figures.heat import bands, contours, heat_map, scale, tags
from tui.chart.figures.plane import Plane, plane
from tui.chart.figures.plot import Curve, Mark, Plot
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, Style
from tui.kit.spans import Picture

MARGIN = 0.15
"""Room around what is shown, as a part of it."""
ARROW = 0.2
"""The longer side of the gradient's arrow, as a part of the frame."""

LOSS = "loss"
NEGLIGIBLE = 0.01
"""A least loss below this part of the lowest band's edge is as good as none."""
NEAR = 0.01
"""A part of the frame too small to follow: no arrow this near the optimum, or to the edge."""


def surface(scene: Scene, view: View) -> Picture:
    """Draw heat map or contours of the loss, path, optimum, descent from here."""
    state, several = scene.state(view), len(scene.start.w) > 1
    ground = plane(scene.theory, state) if scene.theory else None
    path = _path(scene.start, scene.steps, Role.PATH, "solid", "path", "o")
    x, y = _axes(path, scene.start, ground)
    edges = bands(ground, x, y) if ground else []
    arrow = _arrow(ground, state, x, y) if ground else None
    hills = [] if ground is None or view.fill else contours(ground, edges)
    head = [_head(arrow, x, y, view)] if arrow else []
    marks = _marks(scene, view, ground, head)
    plot = Plot(
        title="Loss over w1 and b, the other w as now" if several else "Loss over w and b",
        readout=scene.readout(view),
        x_name="w1" if several else "w",
        y_name="b",
        x=x,
        y=y,
        curves=(*hills, *_ghosts(scene, view), path, *([arrow] if arrow else [])),
        marks=tuple(marks),
        tags=tags(ground, edges, view) if ground else (),
        legend=scale(_height(scene, state, ground, edges), edges, view) if ground else (),
    )
    return draw(plot, view, heat_map(ground, edges) if ground and view.fill else None)


def _height(scene: Scene, state: State, ground: Plane, edges: list[float]) -> str:
    """What the bands are edges of: the loss, where its least is too small to be seen in it."""
    if scene.theory is None:
        return LOSS
    least = scene.theory.loss_at((ground.w, *state.w[1:]), ground.b)
    return LOSS if abs(least) < NEGLIGIBLE * edges[0] else f"{LOSS} − least"


def _ghosts(scene: Scene, view: View) -> list[Curve]:
    """The paths of other branches, the first with the label of all."""
    histories = [ghost.history for ghost in scene.shown_ghosts(view)]
    return [
        _path(past.start, past.steps, Role.GHOST, "dotted", "" if i else "other runs", ".")
        for i, past in enumerate(histories)
    ]


def _marks(scene: Scene, view: View, ground: Plane | None, head: list[Mark]) -> list[Mark]:
    """Where the run began, branched and stands, the optimum, and the head of the arrow."""
    start, state, fork = scene.start, scene.state(view), scene.fork
    glyphs = CHART_GLYPHS[view.glyphs]
    marks = [Mark(Role.START, start.w[0], start.b, glyphs.start, "start")]
    if fork:
        marks.append(Mark(Role.FORK, fork.w[0], fork.b, glyphs.fork, "branched"))
    if ground:
        marks.append(Mark(Role.OPTIMUM, ground.w, ground.b, glyphs.optimum, "optimum"))
    return [*marks, *head, Mark(Role.CURRENT, state.w[0], state.b, glyphs.current)]


def _path(start: State, steps: Steps, role: Role, style: Style, label: str, letter: str) -> Curve:
    ws, first = steps.w[0] if steps else (), (start.w[0], start.b)
    return Curve(role, ws, steps.b, style, label, letter=letter, function=False, first=first)


def _axes(path: Curve, start: State, ground: Plane | None) -> tuple[Axis, Axis]:
    """Around optimum, start and path, but not beyond where the loss exceeds the start's.

    A run whose loss never rises stays within; one that diverges is seen to leave.
    """
    w, b = start.w[0], start.b
    if ground is None:
        return sticky([w], path.xs), sticky([b], path.ys)
    reach = ground.reach(ground.excess(w, b))
    return _axis(w, path.xs, ground.w, reach[0]), _axis(b, path.ys, ground.b, reach[1])


def _axis(start: float, walked: Numbers, best: float, reach: float) -> Axis:
    reach = max(reach, abs(start - best)) if math.isfinite(start) else reach
    ends = [*extent([start]), *extent(walked)]
    near = [min(max(end, best - reach), best + reach) for end in ends]
    low, high = min([best, *near]), max([best, *near])
    margin = MARGIN * (high - low)
    return sticky([low - margin, high + margin])


def _arrow(ground: Plane, state: State, x: Axis, y: Axis) -> Curve | None:
    """From the state along the negative gradient, within the frame; None where it has none."""
    here = (x.fraction(state.w[0]), y.fraction(state.b))
    slopes = ground.gradient(state.w[0], state.b)
    steps = [-g / (axis.high - axis.low) for g, axis in zip(slopes, (x, y), strict=True)]
    steep = max(map(abs, steps))
    if not (math.isfinite(steep) and steep > 0):
        return None
    size, away = ARROW / steep, 0.0
    offset = ground.offset(state.w[0], state.b)
    for at, axis, off, step in zip(here, (x, y), offset, steps, strict=True):
        if at is None or not 0 <= at <= 1:
            return None
        away = max(away, abs(off) / (axis.high - axis.low))
        if step:
            size = min(size, ((1 - NEAR if step > 0 else NEAR) - at) / step)
    if away < NEAR or not 0 < size < math.inf:
        return None
    ws, bs = ((v, v - size * g) for v, g in zip((state.w[0], state.b), slopes, strict=True))
    return Curve(Role.GRADIENT, ws, bs, "solid", "-gradient", letter="+", function=False)


def _head(arrow: Curve, x: Axis, y: Axis, view: View) -> Mark:
    """Cells are about twice as high as wide."""
    (w, to_w), (b, to_b) = arrow.xs, arrow.ys
    right = (to_w - w) / (x.high - x.low) * view.width
    up = (to_b - b) / (y.high - y.low) * view.height * 2
    eighth = round(math.atan2(up, right) / (math.pi / 4)) % 8
    return Mark(Role.GRADIENT, to_w, to_b, CHART_GLYPHS[view.glyphs].arrows[eighth])
