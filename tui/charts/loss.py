"""The loss over the iterations: how fast, how far, and whether it goes the right way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.charts.axes import Axis, sticky
from tui.charts.frame import draw
from tui.charts.glyphs import GLYPHS
from tui.charts.numbers import number_text
from tui.charts.plot import Curve, Mark, Plot, across
from tui.charts.roles import Role

if TYPE_CHECKING:
    from engine.regression.run import Run
    from engine.regression.theory import Theory
    from tui.charts.scene import Scene
    from tui.charts.view import View
    from tui.drawing.picture import Picture

SAMPLES = 240
"""At how many places along x the predicted curve is known."""


def loss(scene: Scene, view: View) -> Picture:
    """The loss of each kept iteration; logarithmic along y unless the view says otherwise."""
    run, theory = scene.run, scene.theory
    ghosts = scene.shown_ghosts(view)
    x = scene.timeline(view)
    losses = (step.loss for one in (run, *ghosts) for step in one.history.steps)
    y = sticky(losses, log=view.log_y is not False)
    curves = [
        _curve(ghost, Role.GHOST, "" if i else "other runs") for i, ghost in enumerate(ghosts)
    ]
    if theory:
        curves.append(across(Role.OPTIMUM, x, theory.loss, f"least {number_text(theory.loss)}"))
    curves.append(_curve(run, Role.LOSS, "loss"))
    if theory and view.predicted:
        curves.append(_predicted(theory, run, x))
    step = scene.step(view)
    current = GLYPHS[view.glyphs].current
    return draw(
        Plot(
            title="Loss",
            readout=scene.readout(view),
            x_name="iterations",
            y_name="loss",
            x=x,
            y=y,
            curves=tuple(curves),
            marks=(Mark(Role.CURRENT, step.iteration + 1, step.loss, current),) if step else (),
            cursor=scene.cursor(view),
            stops=scene.stopped(),
            note="" if run.history.steps else "no iteration is done yet",
        ),
        view,
    )


def _curve(run: Run, role: Role, label: str) -> Curve:
    steps = run.history.steps
    xs, ys = [step.iteration + 1 for step in steps], [step.loss for step in steps]
    return Curve(role, xs, ys, "dotted" if role is Role.GHOST else "solid", label)


def _predicted(theory: Theory, run: Run, x: Axis) -> Curve:
    """What plain gradient descent will do, whatever the run does."""
    start, rate = run.history.start, run.problem.learning_rate
    counts = sorted({max(1, round(x.value(i / SAMPLES))) for i in range(SAMPLES + 1)})
    try:
        losses = [theory.predicted(start.w, start.b, rate, count - 1).loss for count in counts]
    except (OverflowError, ValueError):
        losses = [math.nan] * len(counts)
    return Curve(Role.PREDICTED, counts, losses, "dashed", "predicted")
