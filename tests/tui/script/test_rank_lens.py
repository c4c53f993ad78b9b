"""Which rank is seen, and turning from one to another at the same position."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.ranks.rank_fault import RankFault
from tests.engine.ranks.hand_made import LINES, run
from tui.script.advice import advice_at
from tui.script.few_ranks import few_ranks
from tui.script.player import Player
from tui.script.position import Position, end
from tui.script.rank_lens import RankLens
from tui.script.rank_recording import recording_of
from tui.script.rank_turn import turned
from tui.script.scope import scope_at

DIED = RankFault("died", (1,), (), 2, "Rank 1 died.", "It was killed.", "Look at its output.")


def test_ranks_come_one_after_the_other_and_then_all() -> None:
    lens = RankLens(run(3, missing=(1,)), 0)
    assert lens.words == "rank 0 of 3 · cuda:0"
    lens = lens.turned()
    assert (lens.rank, lens.every) == (2, False), "rank 1 has no recording"
    lens = lens.turned()
    assert lens.words == "all 3 ranks · at rank 0"
    assert lens.turned() == RankLens(lens.run, 0)


def test_a_rank_that_is_behind_says_so_and_the_next_one_is_where_one_was() -> None:
    lens = RankLens(run(3, behind=(1,)), 0)
    start = Player(recording_of(lens), Position(3 * LINES + 3, 6), lens=lens)
    behind = turned(start, lens.at(1))
    assert behind.why == "rank 1 has not come to pass 3; this is its pass 1"
    there = turned(start, lens.at(2))
    assert (there.player.position, there.why) == (start.position, "")


def test_within_the_pass_grad_is_what_the_ranks_have_made_of_it() -> None:
    lens = RankLens(run(), 0)
    recording = recording_of(lens)
    assert recording is not None
    own, both = (
        next(one.grad for one in scope_at(recording, Position(3, nodes)).tensors)
        for nodes in (6, 7)
    )
    reduced = recording.backwards[0].gradients[6]
    assert own == reduced.incoming[0]
    assert both == reduced.grad_after


def test_a_rank_that_died_is_said_wherever_one_is() -> None:
    lens = RankLens(run(), 0, faults=(DIED,))
    recording = recording_of(lens)
    assert recording is not None

    def said(position: Position) -> str:
        return "".join(span.text for one in advice_at(recording, position) for span in one)

    assert "Rank 1 died." in said(Position(2))
    assert said(end(recording)).count("Rank 1 died.") == 1
    assert recording_of(replace(lens, every=True)) is recording
    shards = replace(DIED, kind="unequal shards", ranks=(0, 1), leaves=("w",))
    several = replace(lens, faults=(shards, DIED))
    assert several.alarm == "rank 1 died, 1 more"
    assert several.faults_of_passes == (shards,)


def test_of_many_ranks_the_extremes_the_median_and_ones_own_are_chosen() -> None:
    assert few_ranks((0, 1), {}, 0) == {0: "", 1: ""}
    sizes = {rank: float(rank * rank) for rank in range(64)} | {9: math.nan}
    words = few_ranks(range(64), sizes, 5)
    assert words == {0: "least", 5: "", 32: "median", 63: "most"}
