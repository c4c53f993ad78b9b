"""Parameters that one rank, or none, uses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.ranks.faults import faults
from engine.recording.rank_records import RankPass
from engine.recording.records import ScriptError
from tests.engine.ranks.built import (
    LINE,
    SIGTERM,
    SIZES,
    built,
    call,
    changed_gradient,
    first_of_two_models,
    only,
    with_ranks,
)


@SIZES
def test_a_parameter_that_one_rank_does_not_use(size: int) -> None:
    def unused(rank: int, one: RankPass) -> RankPass:
        here = rank == 1 and one.number in (1, 3)
        return changed_gradient(one, "b", local_norm=None, local=None) if here else one

    one = only(built(size, change=unused))
    assert (one.kind, one.ranks, one.leaves) == ("unused", (1,), ("b",))
    assert (one.number, one.passes) == (1, 2)
    assert one.what == "b gets no gradient on rank 1 in pass 1."


@SIZES
def test_a_parameter_that_no_rank_uses_is_named_in_the_first_pass(size: int) -> None:
    def unused(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "b", local_norm=None, local=None, norm=None, digest=0)

    run = built(size, passes=1, change=unused)
    live = with_ranks(run, **{f"rank_{rank}": {"ending": "running"} for rank in range(size)})
    one = only(live)
    assert (one.kind, one.ranks, one.leaves) == ("unused", tuple(range(size)), ("b",))


def test_a_model_that_is_trained_later_is_not_unused() -> None:
    run = built(2, passes=5, change=first_of_two_models)
    assert faults(with_ranks(run, rank_0={"ending": "running"})) == ()
    one = only(run)
    assert one.leaves == ("b",), "nor was it ever"
    assert "DistributedDataParallel waits for it" in one.why

    def by_hand(rank: int, one: RankPass) -> RankPass:
        return replace(first_of_two_models(rank, one), reducer="all_reduce")

    assert only(built(2, passes=5, change=by_hand)).why == "No loss depends on it."


def test_a_rank_that_all_others_wait_for_names_what_it_did_not_use() -> None:
    """Without `find_unused_parameters` the others hang in a pass that they never record."""

    def unused(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "b", local_norm=None, local=None) if rank == 1 else one

    message = "Expected to have finished reduction in the prior iteration. This error indicates"
    lost: dict[str, Any] = {"ending": "error", "error": SIGTERM, "rank_passes": ()}
    lost["collective"] = call("all_reduce", LINE, 0)
    died = {"ending": "error", "error": ScriptError("RuntimeError", message, 9)}
    run = built(4, passes=1, change=unused)
    run = with_ranks(run, rank_0=lost, rank_1=died, rank_2=lost, rank_3=lost)
    first, second = faults(run)
    assert (first.kind, first.ranks, first.leaves, first.number) == ("unused", (1,), ("b",), 0)
    assert (second.kind, second.ranks) == ("died", (1,))
    assert second.what.endswith(": Expected to have finished reduction in the prior iteration.")
