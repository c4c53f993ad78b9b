"""The loss over the iterations: how fast, how far, and whether it goes the right way."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from engine.plurals import counted
from engine.training.run import Run
from engine.training.step_columns import Steps
from engine.training.theory import Theory
from tui.chart.figures.axes import Axis, Numbers, sticky
from tui.chart.figures.frame import draw
from tui.chart.figures.plot import Curve, Mark, Plot, Tag, across
from tui.chart.figures.roles import Role
from tui.chart.figures.run_words import run_words
from tui.chart.figures.scene import Scene, done
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, Style
from tui.kit.spans import Picture

MOST_TAGS = 6
"""At most so many curves are named where they are."""
TAGGED = (0.5, 0.7, 0.3, 0.85, 0.15, 0.95, 0.05)
"""Where along a curve its name may stand, best first."""
BESIDE = 0.06
"""How far from its curve, as a part of the frame's height."""
ROWS = 2.0
"""And in rows at least."""
SAMPLES = 240
"""At how many points along x the predicted curve is known."""


def loss(scene: Scene, view: View) -> Picture:
    """Draw the loss of each kept iteration; logarithmic along y unless the view says otherwise.

    Where the view wants its excess it is J - J*, how far the loss is above the least.
    """
    theory, x = scene.theory, scene.timeline(view)
    floor = theory.loss if theory and view.excess else 0.0
    others = scene.shown_ghosts(view)
    ghosts = [
        _curve(ghost.history.steps, Role.GHOST, "" if i else "other runs", floor)
        for i, ghost in enumerate(others)
    ]
    here = _curve(scene.steps, Role.LOSS, "loss", floor)
    y = sticky(here.ys, *(ghost.ys for ghost in ghosts), log=view.log_y is not False)
    least = []
    if theory and not view.excess:
        least = [across(Role.OPTIMUM, x, theory.loss, f"least {theory.loss:.3e}")]
    predicted = [_predicted(theory, scene.run, x, floor)] if theory and view.predicted else []
    runs = [*zip(others, ghosts, strict=True), (scene.run, here)] if others else []
    plot = Plot(
        title=_title(scene, floor) if theory and view.excess else _title(scene),
        readout=scene.readout(view),
        x_name="iterations",
        y_name="J - J*" if theory and view.excess else "loss",
        x=x,
        y=y,
        curves=(*ghosts, *least, here, *predicted),
        marks=tuple(_marks(scene, view, floor)),
        tags=tuple(_tag(run, curve, y, view) for run, curve in runs[-MOST_TAGS:]),
        cursor=scene.cursor(view),
        stops=scene.stopped(),
        note="" if scene.steps else "no iteration is done yet",
    )
    return draw(plot, view)


def _title(scene: Scene, floor: float | None = None) -> str:
    size = scene.run.problem.batch_size
    of = "" if size is None else f" of each batch of {counted(size, 'point')}"
    return f"Loss{of}" if floor is None else f"Loss{of} above the least, {floor:.4g}"


def _tag(run: Run, curve: Curve, y: Axis, view: View) -> Tag:
    """The words of a run, above or below its curve where nothing else is."""
    count = len(curve.xs)
    apart = max(BESIDE, ROWS / view.height)
    places: list[tuple[float, float]] = []
    for part in TAGGED:
        at = min(int(part * count), count - 1)
        height = y.fraction(curve.ys[at]) if count else None
        heights = [] if height is None else [height + apart, height - apart]
        places += [(curve.xs[at], y.value(there)) for there in heights if 0 <= there <= 1]
    return Tag(run_words(run.problem), tuple(places))


def _marks(scene: Scene, view: View, floor: float) -> Iterator[Mark]:
    """Where the run left another branch, and where it stands."""
    glyphs = CHART_GLYPHS[view.glyphs]
    if scene.inherited:
        last = scene.inherited[-1]
        yield Mark(Role.FORK, last.iteration + 1, last.loss - floor, glyphs.fork, "branched")
    if step := scene.step(view):
        yield Mark(Role.CURRENT, step.iteration + 1, step.loss - floor, glyphs.current)


def _curve(steps: Steps, role: Role, label: str, floor: float) -> Curve:
    style: Style = "dotted" if role is Role.GHOST else "solid"
    return Curve(role, done(steps), _above(steps.losses, floor), style, label)


def _above(losses: Numbers, floor: float) -> Numbers:
    """Losses above a floor; themselves, uncopied, where that is 0."""
    if not floor:
        return losses
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(losses, np.float64) - floor


def _predicted(theory: Theory, run: Run, x: Axis, floor: float) -> Curve:
    """What plain gradient descent will do, whatever the run does."""
    start, rate = run.history.start, run.problem.learning_rate
    first = start.iteration + 1
    counts = sorted({max(first, round(x.value(i / SAMPLES))) for i in range(SAMPLES + 1)})
    after = [count - first for count in counts]
    try:
        losses = theory.predicted_losses(start.w, start.b, rate, after)
    except (OverflowError, ValueError):
        losses = [math.nan] * len(counts)
    return Curve(Role.PREDICTED, counts, _above(losses, floor), "dashed", "predicted")
