"""A run of several ranks over its passes: one curve a rank, and how far apart they are."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tui.chart.figures.numbers import number_text
from tui.chart.figures.plot import Curve
from tui.chart.figures.roles import Role
from tui.script.few_ranks import few_ranks
from tui.script.passes.rank_history import Quantity, RankHistory
from tui.script.rank_lens import RankLens, every_rank

ROLES = (Role.W, Role.B, Role.W2, Role.W3)
"""Of the curves of ranks: no two alike, also in sixteen colours."""
CURVES = len(ROLES)
"""Of more ranks that of the one shown, the median and the extremes are drawn."""


class RankScene(NamedTuple):
    """The ranks of a run, and which of them is shown."""

    history: RankHistory
    lens: RankLens


class RankCurves(NamedTuple):
    """What is drawn of a quantity on all ranks."""

    curves: list[Curve]
    readout: str
    """How far apart the ranks are at the pass that is looked at."""


def rank_curves(scene: RankScene, here: int, what: Quantity, leaf: str = "") -> RankCurves:
    """Return a curve for every rank; of many, of the extremes, with the bounds of all behind."""
    history, own = scene.history, scene.lens.rank
    ranks = [rank for rank in history.ranks if len(history.series(rank, what, leaf)[0])]
    values = {rank: history.value(rank, here, what, leaf) for rank in ranks}
    few = few_ranks(ranks, values, own, CURVES)
    curves = _bounds(scene, what, leaf) if len(few) < len(ranks) else []
    for place, (rank, word) in enumerate(few.items()):
        numbers, series = history.series(rank, what, leaf)
        name = f"rank {rank:,}{f' {word}' if word else ''}"
        curves.append(
            Curve(
                ROLES[place], numbers.astype(np.float64), series,
                label=f"{name} {number_text(values[rank])}",
                short=f"{word or 'rank'} {rank:,}", letter=str(rank)[-1],
            )
        )  # fmt: skip
    return RankCurves(curves, _apart(scene, here, what, leaf))


def _bounds(scene: RankScene, what: Quantity, leaf: str) -> list[Curve]:
    spread = scene.history.spread(what, leaf)
    if spread is None:
        return []
    xs = spread.numbers.astype(np.float64)
    words = every_rank(len(scene.history.ranks))
    return [
        Curve(Role.GHOST, xs, spread.least, "dotted", f"bounds of {words}", "bounds"),
        Curve(Role.GHOST, xs, spread.most, "dotted"),
    ]


def _apart(scene: RankScene, here: int, what: Quantity, leaf: str) -> str:
    history = scene.history
    ranks = [rank for rank in history.ranks if history.has_come(rank, here, what, leaf)]
    values = [history.value(rank, here, what, leaf) for rank in ranks]
    known = [value for value in values if math.isfinite(value)]
    if len(known) < 2:
        return ""
    return f"ranks from {number_text(min(known))} to {number_text(max(known))}"
