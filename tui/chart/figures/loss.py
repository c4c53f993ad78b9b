"""The loss over the iterations: how fast, how far, and whether it goes the right way."""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.training.run import Run
from engine.training.step_columns import Steps
from engine.training.theory import Theory
from tui.chart.figures.axes import Axis, sticky
from tui.chart.figures.frame import draw
from tui.chart.figures.plot import Curve, Mark, Plot, across
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene, done
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, Style
from tui.kit.spans import Picture

SAMPLES = 240
"""At how many points along x the predicted curve is known."""


def loss(scene: Scene, view: View) -> Picture:
    """Draw the loss of each kept iteration; logarithmic along y unless the view says otherwise."""
    theory, x = scene.theory, scene.timeline(view)
    ghosts = [
        _curve(ghost.history.steps, Role.GHOST, "" if i else "other runs")
        for i, ghost in enumerate(scene.shown_ghosts(view))
    ]
    here = _curve(scene.steps, Role.LOSS, "loss")
    y = sticky(here.ys, *(ghost.ys for ghost in ghosts), log=view.log_y is not False)
    least = [across(Role.OPTIMUM, x, theory.loss, f"least {theory.loss:.3e}")] if theory else []
    predicted = [_predicted(theory, scene.run, x)] if theory and view.predicted else []
    plot = Plot(
        title="Loss",
        readout=scene.readout(view),
        x_name="iterations",
        y_name="loss",
        x=x,
        y=y,
        curves=(*ghosts, *least, here, *predicted),
        marks=tuple(_marks(scene, view)),
        cursor=scene.cursor(view),
        stops=scene.stopped(),
        note="" if scene.steps else "no iteration is done yet",
    )
    return draw(plot, view)


def _marks(scene: Scene, view: View) -> Iterator[Mark]:
    """Where the run left another branch, and where it stands."""
    glyphs = CHART_GLYPHS[view.glyphs]
    if scene.inherited:
        last = scene.inherited[-1]
        yield Mark(Role.FORK, last.iteration + 1, last.loss, glyphs.fork, "branched")
    if step := scene.step(view):
        yield Mark(Role.CURRENT, step.iteration + 1, step.loss, glyphs.current)


def _curve(steps: Steps, role: Role, label: str) -> Curve:
    style: Style = "dotted" if role is Role.GHOST else "solid"
    return Curve(role, done(steps), steps.losses, style, label)


def _predicted(theory: Theory, run: Run, x: Axis) -> Curve:
    """What plain gradient descent will do, whatever the run does."""
    start, rate = run.history.start, run.problem.learning_rate
    first = start.iteration + 1
    counts = sorted({max(first, round(x.value(i / SAMPLES))) for i in range(SAMPLES + 1)})
    after = [count - first for count in counts]
    try:
        losses = theory.predicted_losses(start.w, start.b, rate, after)
    except (OverflowError, ValueError):
        losses = [math.nan] * len(counts)
    return Curve(Role.PREDICTED, counts, losses, "dashed", "predicted")
