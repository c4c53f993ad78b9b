"""A script's run over its passes: the loss, and of its leaves gradients, values and updates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.plurals import counted
from tui.chart.figures.axes import Axis, extent, iterations, sticky
from tui.chart.figures.frame import APART, draw, fits
from tui.chart.figures.kinds import PassChart
from tui.chart.figures.numbers import number_text
from tui.chart.figures.plot import Curve, Mark, Plot, across
from tui.chart.figures.rank_passes import RankScene, rank_curves
from tui.chart.figures.roles import Role
from tui.chart.figures.small import logs, small
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS
from tui.kit.short_names import apart, shortened
from tui.kit.spans import Picture
from tui.kit.text import fit, safe
from tui.script.passes.norm_block import Measure
from tui.script.passes.pass_history import PassHistory, Series
from tui.script.passes.rank_history import Quantity

ROLES = (Role.W, Role.W2, Role.W3, Role.B)
"""Of the leaves that are drawn, those with the largest numbers; more could not be told apart."""
MEASURES: dict[PassChart, Measure] = {
    PassChart.GRADIENT: "gradient",
    PassChart.VALUE: "value",
    PassChart.RATIO: "ratio",
}
USUAL = 1e-3
"""What update over value usually is."""
COMPARED = "1e-3"
NAME = 24
"""Most columns of a leaf's name in the legend."""
BESIDE, ENTRY = 10, 6
"""Columns of a legend before its entries, and of an entry beside its name."""


@dataclass(frozen=True, eq=False)
class PassScene:
    """Everything that the charts of a script's run may show."""

    history: PassHistory
    here: int
    """The pass that is looked at."""
    follows: bool = True
    """Whether that is the newest, also when more come."""
    ranks: RankScene | None = None
    """All ranks of the run; None where it is of one process."""


def passes(chart: PassChart, scene: PassScene, view: View) -> Picture:
    """Draw a chart in exactly the view's size, from 1×1 on; without room for a frame in numbers."""
    if not fits(view):
        losses = scene.history.losses
        text = f"loss {scene.history.table.loss(scene.here):.3e}"
        return small(text, losses if view.log_y is False else logs(losses), Role.LOSS, view)
    return draw(_chosen(chart, scene, view), view)


def _chosen(chart: PassChart, scene: PassScene, view: View) -> Plot:
    ranks = scene.ranks
    if chart is PassChart.LOSS:
        return _loss(scene, view) if ranks is None else _losses_of_ranks(ranks, scene, view)
    if ranks is not None and ranks.lens.every:
        return _leaf_on_ranks(chart, ranks, scene, view)
    return _leaves(chart, scene, view)


def _losses_of_ranks(ranks: RankScene, scene: PassScene, view: View) -> Plot:
    curves, readout = rank_curves(ranks, scene.here, "loss")
    note = "" if scene.history.knows_losses else "no pass has a loss of one number"
    return _plot("Loss, a curve a rank", "loss", curves, scene, view, note, readout)


def _leaf_on_ranks(chart: PassChart, ranks: RankScene, scene: PassScene, view: View) -> Plot:
    """The leaf with the largest numbers: its gradient before the reduction, or another measure."""
    what: Quantity = MEASURES[chart]
    leaf = next(iter(scene.history.largest(MEASURES[chart], 1)), "")
    title = f"{chart.caption} of {fit(safe(leaf), NAME).rstrip()}, a curve a rank"
    if chart is PassChart.GRADIENT and ranks.history.has_local:
        what = "local"
        title = f"Gradient of {fit(safe(leaf), NAME).rstrip()} on each rank, before the all-reduce"
    curves, readout = rank_curves(ranks, scene.here, what, leaf)
    if what == "local":
        numbers, norms = scene.history.series(leaf, "gradient")
        xs = numbers.astype(np.float64)
        made = Curve(Role.LOSS, xs, np.abs(norms), "dashed", "after it", "after", "=")
        curves = [made, *curves]
    note = "" if any(len(curve.xs) for curve in curves) else "no norms were recorded"
    return _plot(title, "", curves, scene, view, note, readout)


def _loss(scene: PassScene, view: View) -> Plot:
    losses = scene.history.losses
    curve = Curve(Role.LOSS, range(len(losses)), losses, label="loss")
    note = "" if scene.history.knows_losses else "no pass has a loss of one number"
    return _plot("Loss", "loss", [curve], scene, view, note)


def _leaves(chart: PassChart, scene: PassScene, view: View) -> Plot:
    what, history = MEASURES[chart], scene.history
    leaves = history.largest(what, len(ROLES))
    ratio = chart is PassChart.RATIO
    taken = BESIDE + (len(COMPARED) + ENTRY if ratio else 0)
    room = max((view.width - taken) // len(ROLES) - ENTRY, 4)
    short = shortened(map(safe, apart(leaves)), room)
    curves = [
        _curve(place, name, history.series(name, what), scene.here, short[safe(key)])
        for place, (name, key) in enumerate(zip(leaves, apart(leaves), strict=True))
    ]
    title = chart.caption
    if scene.ranks is not None:
        title += f", rank {scene.ranks.lens.rank:,}"
    if len(history.leaves) > len(leaves):
        title += f": the {len(leaves)} largest of {counted(len(history.leaves), 'leaf', 'leaves')}"
    note = "" if any(len(curve.xs) for curve in curves) else "no norms were recorded"
    if ratio:
        line = across(Role.GHOST, _passes_axis(scene, view), USUAL, f"usual {COMPARED}")
        curves = [replace(line, short=COMPARED), *curves]
    return _plot(title, "", curves, scene, view, note)


def _curve(place: int, name: str, series: Series, here: int, short: str) -> Curve:
    """One leaf, in the legend with its number here, or by a short name where there is no room."""
    numbers, norms = series
    at = int(numbers.searchsorted(here, "right")) - 1
    now = f" {number_text(abs(float(norms[at])))}" if at >= 0 else ""
    shown = fit(safe(name), NAME).rstrip()
    return Curve(
        ROLES[place], numbers, np.abs(norms, out=norms),
        label=f"{shown}{now}", short=short, letter=str(place + 1),
    )  # fmt: skip


def _plot(
    title: str,
    y_name: str,
    curves: Sequence[Curve],
    scene: PassScene,
    view: View,
    note: str,
    readout: str = "",
) -> Plot:
    x = _passes_axis(scene, view)
    broken = scene.history.first_broken()
    wrong = "" if broken is None else f"✗ not finite first at pass {broken:,}"
    return Plot(
        title=title,
        readout=APART.join(filter(None, (wrong, readout))),
        x_name="passes",
        y_name=y_name,
        x=x,
        y=_y_axis(curves, view),
        curves=tuple(curves),
        marks=tuple(_marks(curves, scene.here, view)),
        cursor=None if scene.follows else float(scene.here),
        stops=() if broken is None else (float(broken),),
        note=note,
    )


def _passes_axis(scene: PassScene, view: View) -> Axis:
    last = max(scene.history.table.count - 1, 1)
    return iterations(last, last, log=view.log_x)


def _y_axis(curves: Sequence[Curve], view: View) -> Axis:
    """Logarithmic unless the view says otherwise, or something finite is not above zero."""
    ends = [end for curve in curves for end in extent(curve.ys)]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    log = high > 0 and (low >= 0 if view.log_y is None else view.log_y)
    return sticky(*(curve.ys for curve in curves), log=log)


def _marks(curves: Sequence[Curve], here: int, view: View) -> list[Mark]:
    """Where each curve is at the pass that is looked at."""
    glyph, marks = CHART_GLYPHS[view.glyphs].current, []
    for curve in curves:
        if curve.style == "solid" and len(curve.xs):
            at = bisect_right(curve.xs, here) - 1
            if at >= 0:
                x, y = float(curve.xs[at]), float(curve.ys[at])
                marks.append(Mark(Role(curve.role), x, y, glyph))
    return marks
