"""w and b over the iterations, each with the optimum it goes to; their gradients on demand."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from tui.charts.axes import sticky
from tui.charts.cells import above, beside
from tui.charts.frame import LEAST, draw
from tui.charts.glyphs import GLYPHS
from tui.charts.numbers import number_text
from tui.charts.plot import Curve, Mark, Plot, across
from tui.charts.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.regression.run import Run
    from tui.charts.scene import Scene
    from tui.charts.view import View
    from tui.drawing.picture import Picture

WEIGHTS = (Role.W, Role.W2, Role.W3)
"""The first features are drawn; more lines than that cannot be told apart."""
Names = list[tuple[Role, str]]
WIDE = 100
"""From this width on gradients stand beside the parameters, not below."""


def params(scene: Scene, view: View) -> Picture:
    """The parameters, and their gradients too if the view asks for them."""
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
    names, now, theory = _names(scene), scene.state(view), scene.theory
    here, blank = _drawn(names, (*now.w, now.b)), [""] * len(names)
    best = _drawn(names, (*theory.w, theory.b)) if theory else []
    goals = [f" → {number_text(value)}" for value in best] or blank
    labels = [
        f"{name} {number_text(value)}{goal}"
        for (_, name), value, goal in zip(names, here, goals, strict=True)
    ]
    tracks = _walked(names, scene.run, labels)
    ghosts = chain.from_iterable(_walked(names, run, blank) for run in scene.shown_ghosts(view))
    base = _base(scene, view, "Parameters")
    return replace(
        base,
        readout=scene.readout(view),
        y=sticky(chain(best, *(track.ys for track in tracks))),
        curves=(
            *(replace(ghost, role=Role.GHOST, style="dotted") for ghost in ghosts),
            *(across(role, base.x, at) for (role, _), at in zip(names, best, strict=False)),
            *tracks,
        ),
        marks=_marks(names, now.iteration, here, view),
    )


def _gradients(scene: Scene, view: View) -> Plot:
    names, steps, step = _names(scene), scene.run.history.steps, scene.step(view)
    rows = [(*step.w_grad, step.b_grad) for step in steps]
    labels = [f"∂J/∂{name}" for _, name in names]
    tracks = _tracks(names, [step.iteration + 1 for step in steps], rows, labels)
    base = _base(scene, view, "Gradients")
    here = _drawn(names, (*step.w_grad, step.b_grad)) if step else []
    return replace(
        base,
        y=sticky(chain([0.0], *(track.ys for track in tracks))),
        curves=(across(Role.AXIS, base.x, 0.0), *tracks),
        marks=_marks(names, step.iteration + 1, here, view) if step else (),
    )


def _base(scene: Scene, view: View, title: str) -> Plot:
    features = scene.run.problem.features
    if features > len(WEIGHTS):
        title += f": the first {len(WEIGHTS)} of {features} w, and b"
    x = scene.timeline(view)
    note = "" if scene.run.history.steps else "no iteration is done yet"
    return Plot(
        title, "", "iterations", "", x, x,
        cursor=scene.cursor(view), stops=scene.stopped(), note=note,
    )  # fmt: skip


def _names(scene: Scene) -> Names:
    """Role and name of the parameters that are drawn, b the last."""
    features = scene.run.problem.features
    names = ["w"] if features == 1 else [f"w{i + 1}" for i in range(min(features, len(WEIGHTS)))]
    return [*zip(WEIGHTS, names, strict=False), (Role.B, "b")]


def _drawn(names: Names, numbers: Sequence[float]) -> list[float]:
    """Those that are drawn of one number for every w and b."""
    return [*numbers[: len(names) - 1], numbers[-1]]


def _walked(names: Names, run: Run, labels: Sequence[str]) -> list[Curve]:
    start, steps = run.history.start, run.history.steps
    counts = [start.iteration, *(step.iteration + 1 for step in steps)]
    rows = [(*start.w, start.b), *((*step.w, step.b) for step in steps)]
    return _tracks(names, counts, rows, labels)


def _tracks(
    names: Names, counts: Sequence[int], rows: Sequence[Sequence[float]], labels: Sequence[str]
) -> list[Curve]:
    """A curve for each parameter that is drawn, from rows of all of them."""
    columns = [*zip(*(_drawn(names, row) for row in rows), strict=True)] or [()] * len(names)
    return [
        Curve(role, counts, ys, label=label, letter=name[0])
        for (role, name), ys, label in zip(names, columns, labels, strict=True)
    ]


def _marks(names: Names, at: int, values: Sequence[float], view: View) -> tuple[Mark, ...]:
    glyph = GLYPHS[view.glyphs].current
    return tuple(Mark(role, at, v, glyph) for (role, _), v in zip(names, values, strict=True))
