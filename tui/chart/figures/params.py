"""w and b over the iterations, each with the optimum it goes to; their gradients on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from engine.training.problem import State
from engine.training.step_columns import Steps
from tui.chart.figures.axes import Numbers, sticky
from tui.chart.figures.cells import above, beside
from tui.chart.figures.frame import LEAST, draw
from tui.chart.figures.numbers import number_text
from tui.chart.figures.plot import Curve, Mark, Plot, across
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene, done
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS
from tui.kit.spans import Picture

WEIGHTS = (Role.W, Role.W2, Role.W3)
"""The roles of the features drawn, from the first; more lines could not be distinguished."""
T = TypeVar("T")
WIDE = 100
"""From this width on gradients stand beside the parameters, not below."""


class Plotted(NamedTuple):
    """A parameter that is drawn."""

    role: Role
    name: str
    place: int
    """Its place among the parameters; b is the last."""


def params(scene: Scene, view: View) -> Picture:
    """Draw the parameters, and their gradients too if the view asks for them."""
    values = _plot(scene, view)
    if not view.gradients:
        return draw(values, view)
    gradients = _gradients(scene, view)
    if view.width >= WIDE:
        half = view.width // 2
        left = draw(values, view.sized(half, view.height))
        return beside(left, draw(gradients, view.sized(view.width - half, view.height)))
    if view.height >= 2 * LEAST[1]:
        half = view.height // 2
        top = draw(values, view.sized(view.width, half))
        return above(top, draw(gradients, view.sized(view.width, view.height - half)))
    return draw(gradients, view)


def _plot(scene: Scene, view: View) -> Plot:
    names, now, theory = _names(scene, view), scene.state(view), scene.theory
    here, blank = _drawn(names, (*now.w, now.b)), [""] * len(names)
    best = _drawn(names, (*theory.w, theory.b)) if theory else []
    goals = [f" → {number_text(value)}" for value in best] or blank
    labels = [
        f"{name} {number_text(value)}{goal}"
        for (_, name, _), value, goal in zip(names, here, goals, strict=True)
    ]
    tracks = _walked(names, scene.start, scene.steps, labels)
    ghosts = (
        track
        for run in scene.shown_ghosts(view)
        for track in _walked(names, run.history.start, run.history.steps, blank)
    )
    base = _base(scene, view, "Parameters")
    return replace(
        base,
        readout=scene.readout(view),
        y=sticky(best, _drawn(names, (*scene.start.w, scene.start.b)), *(t.ys for t in tracks)),
        curves=(
            *(replace(ghost, role=Role.GHOST, style="dotted") for ghost in ghosts),
            *(across(one.role, base.x, at) for one, at in zip(names, best, strict=False)),
            *tracks,
        ),
        marks=(*_forks(names, scene, view), *_marks(names, now.iteration, here, view)),
    )


def _gradients(scene: Scene, view: View) -> Plot:
    names, steps, step = _names(scene, view), scene.steps, scene.step(view)
    labels = [f"∂loss/∂{one.name}" for one in names]
    tracks = _tracks(names, steps, (*steps.w_grad, steps.b_grad), labels)
    base = _base(scene, view, "Gradients")
    here = _drawn(names, (*step.w_grad, step.b_grad)) if step else []
    return replace(
        base,
        y=sticky([0.0], *(track.ys for track in tracks)),
        curves=(across(Role.AXIS, base.x, 0.0), *tracks),
        marks=_marks(names, step.iteration + 1, here, view) if step else (),
    )


def _base(scene: Scene, view: View, title: str) -> Plot:
    features = scene.run.problem.features
    title += scene.units
    if features > len(WEIGHTS):
        title += f": {len(WEIGHTS)} of {features} w, and b"
    x = scene.timeline(view)
    note = "" if scene.steps else "no iteration is done yet"
    return Plot(
        title, "", "iterations", "", x, x,
        cursor=scene.cursor(view), stops=scene.stopped(), note=note,
    )  # fmt: skip


def _names(scene: Scene, view: View) -> list[Plotted]:
    """The parameters that are drawn: some w from the one that the view has across on, and b."""
    features, names = scene.run.problem.features, scene.parameters
    first = 0 if features <= len(WEIGHTS) else view.across
    some = [(first + i) % features for i in range(min(features, len(WEIGHTS)))]
    weights = zip(WEIGHTS, some, strict=False)
    return [
        *(Plotted(role, names[i], i) for role, i in weights),
        Plotted(Role.B, "b", features),
    ]


def _drawn(names: Sequence[Plotted], everything: Sequence[T]) -> list[T]:
    """What is drawn of something for every w and b."""
    return [everything[one.place] for one in names]


def _walked(
    names: Sequence[Plotted], start: State, steps: Steps, labels: Sequence[str]
) -> list[Curve]:
    """The parameters from where they were at the start."""
    tracks = _tracks(names, steps, (*steps.w, steps.b), labels)
    here = _drawn(names, (*start.w, start.b))
    return [
        replace(track, first=(start.iteration, value))
        for track, value in zip(tracks, here, strict=True)
    ]


def _tracks(
    names: Sequence[Plotted],
    steps: Steps,
    columns: Sequence[Numbers],
    labels: Sequence[str],
) -> list[Curve]:
    """A curve for each parameter that is drawn, of something known of all at each step."""
    counts = done(steps)
    drawn = _drawn(names, columns) if steps else [()] * len(names)
    return [
        Curve(role, counts, ys, label=label, short=name if label else "", letter=name[0])
        for (role, name, _), ys, label in zip(names, drawn, labels, strict=True)
    ]


def _forks(names: Sequence[Plotted], scene: Scene, view: View) -> list[Mark]:
    fork, glyph = scene.fork, CHART_GLYPHS[view.glyphs].fork
    if fork is None:
        return []
    values = _drawn(names, (*fork.w, fork.b))
    return [
        Mark(Role.FORK, fork.iteration, value, glyph, "" if i else "branched")
        for i, value in enumerate(values)
    ]


def _marks(
    names: Sequence[Plotted], at: int, values: Sequence[float], view: View
) -> tuple[Mark, ...]:
    glyph = CHART_GLYPHS[view.glyphs].current
    return tuple(
        Mark(role, at, value, glyph, name=name)
        for (role, name, _), value in zip(names, values, strict=True)
    )
