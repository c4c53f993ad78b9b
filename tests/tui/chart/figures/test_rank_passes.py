"""A run of several ranks in charts: a curve a rank, the extremes of many."""

from __future__ import annotations

import pytest

from engine.ranks.distributed_run import DistributedRun
from tests.engine.ranks.hand_made import run
from tests.hostile import PAYLOADS, unsafe
from tests.tui.hostile_records import ranks
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import PassChart
from tui.chart.figures.passes import PassScene
from tui.chart.figures.rank_passes import RankScene
from tui.chart.figures.view import View
from tui.script.passes.rank_history import RankHistories
from tui.script.rank_lens import RankLens
from tui.train.rank_rows import rank_rows


def scene(of: DistributedRun, rank: int = 0, *, every: bool = True, here: int = 3) -> PassScene:
    history = RankHistories().of(of)
    lens = RankLens(of, rank, every)
    return PassScene(history.histories[rank], here, ranks=RankScene(history, lens))


def text(chart: PassChart, shown: PassScene, view: View = View(110, 20)) -> str:  # noqa: B008
    return picture(chart, shown, view).text


def test_every_rank_has_its_curve_of_the_loss() -> None:
    drawn = text(PassChart.LOSS, scene(run(), every=False))
    legend = drawn.split("\n")[1]
    assert "rank 0 0." in legend
    assert "rank 1 0." in legend
    assert "ranks from 0." in drawn, "how far they are apart"
    plain = text(PassChart.LOSS, scene(run()), View(60, 20, glyphs="ascii")).split("\n")[1]
    assert "0 rank 0" in plain
    assert "1 rank 1" in plain, "each drawn with its own character"


def test_the_gradient_of_each_rank_is_that_before_the_reduction() -> None:
    drawn = text(PassChart.GRADIENT, scene(run()))
    assert "Gradient of b on each rank, before the all-reduce" in drawn
    assert "after it" in drawn
    one = text(PassChart.GRADIENT, scene(run(), every=False))
    assert "Gradient norms, rank 0" in one


def test_of_many_ranks_the_extremes_are_drawn_between_their_bounds() -> None:
    legend = text(PassChart.LOSS, scene(run(64), rank=5)).split("\n")[1]
    assert [word in legend for word in ("bounds", "rank 5", "most", "least")] == [True] * 4
    assert legend.count("rank") + legend.count("most") <= 8


def test_a_rank_that_is_behind_counts_only_as_far_as_it_has_come() -> None:
    of = run(3, 8, behind=(2,))
    history = RankHistories().of(of)
    rows = rank_rows(history, RankLens(of, 0), 7, 80, 8)
    written = ["".join(span.text for span in row) for row in rows]
    assert "at pass 3" in written[3]
    assert "at pass" not in written[2]


def test_the_history_of_a_rank_goes_on_from_what_was_known() -> None:
    histories = RankHistories()
    first = histories.of(run(2, 2))
    assert histories.of(first.run) is first
    assert histories.of(run(2, 4)).value(1, 3, "loss") > 0


@pytest.mark.parametrize("chart", PassChart)
def test_nothing_hostile_is_drawn(chart: PassChart) -> None:
    for payload in PAYLOADS.values():
        drawn = text(chart, scene(ranks(payload), rank=1, here=0))
        assert not unsafe(drawn.replace("\n", ""))
