"""Each fault between ranks, planted into a run that is right; and runs with nothing wrong."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import Any

import pytest

from engine.autograd.values import Value
from engine.ranks.averages import weighted_mean
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.faults import faults
from engine.ranks.rank_fault import RankFault
from engine.recording.pass_table import DeepPass, PassChunk, PassTable
from engine.recording.rank_records import Bucket, RankPass
from engine.recording.records import ScriptError
from tests.engine.ranks.built import (
    LINE,
    LOST,
    SIGTERM,
    Change,
    as_it_is,
    built,
    call,
    changed_gradient,
    right_pass,
    value,
    with_ranks,
)

SIZES = pytest.mark.parametrize("size", [2, 4])


def only(run: DistributedRun, now: float | None = None) -> RankFault:
    """The one fault of the run, which has words for all that a reader asks."""
    found = faults(run, now)
    assert len(found) == 1, found
    assert found[0].what.endswith((".", "!")) and found[0].instead
    return found[0]


# Right runs


@SIZES
def test_a_right_run_has_no_fault(size: int) -> None:
    assert faults(built(size)) == ()


def unrecorded(rank: int, one: RankPass) -> RankPass:
    """As of a pass whose update has not begun: nothing of it is known yet."""
    for leaf in ("w", "b"):
        one = changed_gradient(one, leaf, norm=None, digest=0, reduced=None)
    return one


def not_a_number(rank: int, one: RankPass) -> RankPass:
    """The bits of a nan may differ between ranks."""
    return changed_gradient(one, "w", norm=math.nan, digest=1 + rank, reduced=value(math.nan, 1.0))


def accumulating(rank: int, one: RankPass) -> RankPass:
    """Every other pass under `no_sync`: its gradients stay local until the next."""
    if one.number % 2:
        return one
    bare = tuple(replace(g, bucket=None, norm=g.local_norm, digest=5 + rank) for g in one.gradients)
    return replace(one, reducer="", gradients=bare, buckets=())


def in_parts(rank: int, one: RankPass) -> RankPass:
    """Every rank has its own part of the model under the same names, and nothing is reduced."""
    mine = tuple(
        replace(g, value_digest=100 + rank, digest=200 + rank, bucket=None) for g in one.gradients
    )
    return replace(one, reducer="", gradients=mine, buckets=())


def shards_from_later_on(rank: int, one: RankPass) -> RankPass:
    """Parts of distributed parameters, which have no digest, known once an optimizer steps them."""
    if not one.number:
        return replace(one, reducer="", buckets=())
    parts = tuple(
        replace(g, value_digest=0, value_norm=1.0 + rank, digest=0, norm=1.0 + rank, bucket=None)
        for g in one.gradients
    )
    return replace(one, reducer="", gradients=parts, buckets=())


def other_model(rank: int, one: RankPass) -> RankPass:
    """A pipeline: the leaves of a rank are on no other one."""
    return replace(
        in_parts(rank, one),
        gradients=tuple(replace(g, leaf=f"{g.leaf}{rank}") for g in one.gradients),
    )


def in_groups(rank: int, one: RankPass) -> RankPass:
    """Two halves of a model, each on two ranks that reduce their gradients."""
    half = rank // 2
    mine = tuple(
        replace(g, value_digest=100 + half + 7 * one.number, digest=200 + half)
        for g in one.gradients
    )
    return replace(one, gradients=mine)


def dtensor(rank: int, one: RankPass) -> RankPass:
    return replace(in_parts(rank, one), reducer="DTensor", operation="sum")


def alternating(rank: int, one: RankPass) -> RankPass:
    """Two models in turn: each pass reaches one of them on all ranks."""
    leaf = "w" if one.number % 2 else "b"
    one = changed_gradient(one, leaf, local_norm=None, local=None)
    return replace(one, buckets=(Bucket(tuple({"w", "b"} - {leaf}), 4),))


def weighted(rank: int, one: RankPass) -> RankPass:
    """Losses multiplied by hand are no means, so that nothing is known of their samples."""
    return replace(one, samples=None)


def first_of_two_models(rank: int, one: RankPass) -> RankPass:
    """The other one is wrapped too, and not trained yet."""
    one = changed_gradient(one, "b", local_norm=None, local=None)
    return replace(one, buckets=(Bucket(("w",), 8), Bucket(("b",), 4)))


def groups_of_two(rank: int, one: RankPass) -> RankPass:
    """All ranks begin equal, and two and two reduce what is not seen of all."""
    group = 10 * (rank // 2) if one.number else 0
    mine = tuple(replace(g, value_digest=100 + one.number + group) for g in one.gradients)
    return replace(one, reducer="", gradients=mine, buckets=())


RIGHT = [
    unrecorded, not_a_number, accumulating, in_parts, other_model, in_groups, dtensor, alternating,
    shards_from_later_on,
    weighted, groups_of_two,
]  # fmt: skip


@pytest.mark.parametrize("unusual", RIGHT, ids=lambda one: one.__name__)
def test_what_is_unusual_is_not_wrong(unusual: object) -> None:
    assert callable(unusual)
    assert faults(built(4, change=unusual)) == ()


def test_ranks_a_pass_apart_are_normal_while_they_run() -> None:
    run = built(2)
    first = run.ranks[0]
    assert first is not None
    behind = {"ending": "running", "rank_passes": first.rank_passes[:-1]}
    waiting = {"ending": "running", "collective": call("all_reduce", LINE, 3)}
    assert faults(with_ranks(run, rank_0=waiting, rank_1=behind), now=51.0) == ()
    assert faults(with_ranks(run, rank_0=waiting, rank_1=behind)) == ()


def test_ranks_that_average_their_parameters_now_and_then_are_right() -> None:
    def every_fourth(rank: int, one: RankPass) -> RankPass:
        apart = 10 * rank if one.number % 4 else 0
        mine = tuple(replace(g, value_digest=100 + one.number + apart) for g in one.gradients)
        return replace(one, reducer="", gradients=mine, buckets=())

    assert faults(built(2, passes=7, change=every_fourth)) == ()


def test_an_evaluation_that_only_one_rank_runs_after_the_others_ended_is_right() -> None:
    late = {"ending": "running", "collective": call("all_reduce", LINE, 3, ended=True)}
    assert faults(with_ranks(built(2), rank_0=late), now=1e9) == ()


# Parameters and gradients


@SIZES
def test_gradients_that_differ_after_the_reduction(size: int) -> None:
    def clipped(rank: int, one: RankPass) -> RankPass:
        if rank != 1 or one.number < 2:
            return one
        return changed_gradient(one, "b", norm=0.25, digest=99, reduced=value(0.25))

    one = only(built(size, change=clipped))
    assert (one.kind, one.parameter, one.number, one.passes) == (
        "reduced gradients differ", "b", 2, 2,
    )  # fmt: skip
    assert one.ranks == ((0, 1) if size == 2 else (1,)), "of two, nobody knows which is right"
    assert "0.25 on rank 1" in one.what
    assert (one.file, one.line) == ("train.py", LINE)


@SIZES
def test_parameters_that_differ_from_the_start(size: int) -> None:
    def unseeded(rank: int, one: RankPass) -> RankPass:
        for leaf in ("w", "b"):
            one = changed_gradient(one, leaf, value_digest=50 + rank, value_norm=1.0 + rank)
        return one

    one = only(built(size, change=unseeded))
    assert (one.kind, one.leaves, one.number) == ("parameters drift", ("w", "b"), 0)
    assert one.ranks == tuple(range(size))
    assert "began with different parameters" in one.why
    assert "manual_seed" in one.instead or "broadcast" in one.instead


@SIZES
def test_a_parameter_that_drifts_apart_later(size: int) -> None:
    def written(rank: int, one: RankPass) -> RankPass:
        apart = rank == size - 1 and one.number >= 3
        return changed_gradient(one, "w", value_digest=77) if apart else one

    one = only(built(size, passes=6, change=written))
    assert (one.kind, one.parameter, one.number, one.passes) == ("parameters drift", "w", 3, 3)
    assert size - 1 in one.ranks
    assert "since pass 3" in one.what


@SIZES
def test_a_drift_names_the_scales_that_brought_it_about(size: int) -> None:
    def scaled(rank: int, one: RankPass) -> RankPass:
        apart = 10 * rank if one.number else 0
        one = changed_gradient(one, "w", value_digest=50 + one.number + apart)
        return replace(one, scale=1024.0 * (1 + rank))

    scales, drift = faults(built(size, change=scaled))
    assert (scales.kind, drift.kind) == ("scales differ", "parameters drift")
    assert "scales of GradScaler differ since pass 0" in drift.why


def test_a_drift_names_the_gradients_that_brought_it_about() -> None:
    def both(rank: int, one: RankPass) -> RankPass:
        if rank == 1 and one.number >= 1:
            one = changed_gradient(one, "w", digest=99)
        return changed_gradient(one, "w", value_digest=77) if rank == 1 and one.number >= 2 else one

    differ, drift = faults(built(2, change=both))
    assert (differ.kind, differ.number, drift.kind, drift.number) == (
        "reduced gradients differ", 1, "parameters drift", 2,
    )  # fmt: skip
    assert "since pass 1" in drift.why


@SIZES
def test_gradients_that_nothing_reduces(size: int) -> None:
    def alone(rank: int, one: RankPass) -> RankPass:
        apart = rank if one.number else 0
        mine = tuple(
            replace(g, digest=7 + rank, value_digest=50 + apart, bucket=None) for g in one.gradients
        )
        return replace(one, reducer="", gradients=mine, buckets=())

    one = only(built(size, change=alone))
    assert (one.kind, one.leaves, one.number) == ("not reduced", ("w", "b"), 1)
    assert "each trains a model of its own" in one.why


def test_a_parameter_that_was_forgotten_in_a_reduction_by_hand() -> None:
    def forgotten(rank: int, one: RankPass) -> RankPass:
        one = changed_gradient(one, "b", digest=60 + rank, bucket=None)
        apart = rank if one.number else 0
        one = changed_gradient(one, "b", value_digest=50 + apart)
        return replace(one, reducer="all_reduce", buckets=(Bucket(("w",), 8),))

    one = only(built(4, change=forgotten))
    assert (one.kind, one.leaves, one.number) == ("not reduced", ("b",), 0)


def test_stages_of_a_pipeline_may_begin_with_the_same_numbers() -> None:
    def stage(rank: int, one: RankPass) -> RankPass:
        apart = rank if one.number else 0
        mine = tuple(replace(g, value_digest=50 + apart, bucket=None) for g in one.gradients)
        return replace(one, reducer="", gradients=mine, buckets=())

    run = built(2, change=stage)
    assert only(run).kind == "not reduced"
    assert faults(with_ranks(run, rank_0={"collective": call("send", 9, 3, ended=True)})) == ()


def test_passes_are_not_compared_once_a_rank_runs_one_of_its_own() -> None:
    """As a first rank that looks at its model now and then: its pass 2 is no other rank's."""

    def own_pass(rank: int, one: RankPass) -> RankPass:
        if rank or one.number < 2:
            return one
        later = right_pass(rank, one.number - 1, 2)
        return replace(later, number=one.number, reducer="" if one.number == 2 else later.reducer)

    assert faults(built(2, passes=6, change=own_pass)) == ()


# Unused parameters


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


# Shards and scales


@SIZES
def test_unequal_shards_averaged_without_weights(size: int) -> None:
    def uneven(rank: int, one: RankPass) -> RankPass:
        return replace(one, samples=40 if rank else 11)

    one = only(built(size, change=uneven))
    assert (one.kind, one.number, one.passes) == ("unequal shards", 0, 4)
    assert one.ranks == tuple(range(size))
    others = "rank 1" if size == 2 else "ranks 1 to 3"
    assert f"11 on rank 0, 40 on {others}" in one.what
    assert "% off" in one.what


def test_the_tutorials_shards_have_the_true_gradient_beside_the_average() -> None:
    """As measured: -1.98345 on 40 and 11 points where all 51 give another gradient."""

    def tutorial(rank: int, one: RankPass) -> RankPass:
        local = value(-1.5) if rank == 0 else value(-2.5)
        one = changed_gradient(one, "w", local=local, local_norm=2.0, reduced=value(-2.0))
        return replace(one, samples=40 if rank == 0 else 11)

    one = only(built(2, passes=1, change=tutorial))
    assert one.parameter == "w"
    assert "for w that makes -2, over all 51 it is -1.71569 (17 % off)" in one.what


@pytest.mark.parametrize(
    "locals_", [[value(1.0), value(5.0)], [value(1.0, 3.0), value(5.0, -2.0)]], ids=["one", "two"]
)
def test_gradients_weighted_by_hand_are_right(locals_: list[Value]) -> None:
    samples = (40, 11)
    true = weighted_mean(locals_, samples)

    def weighted_by_hand(rank: int, one: RankPass) -> RankPass:
        for leaf in ("w", "b"):
            one = changed_gradient(one, leaf, local=locals_[rank], reduced=true)
        return replace(one, reducer="all_reduce", samples=samples[rank])

    assert faults(built(2, change=weighted_by_hand)) == ()


@SIZES
def test_different_scales(size: int) -> None:
    def scaled(rank: int, one: RankPass) -> RankPass:
        return replace(one, scale=32768.0 if rank == 1 and one.number == 2 else 65536.0)

    one = only(built(size, change=scaled))
    assert (one.kind, one.number, one.passes) == ("scales differ", 2, 1)
    assert 1 in one.ranks
    assert "32,768 on rank 1" in one.what


def seeing(*samples: int, until: int = 99) -> Change:
    """Ranks that see these samples, equal numbers for equal ones, `until` a pass."""

    def same(rank: int, one: RankPass) -> RankPass:
        seen = right_pass(samples[rank], one.number, max(samples) + 1)
        locals_ = {part.leaf: part for part in seen.gradients}
        for leaf in ("w", "b") if one.number < until else ():
            own = locals_[leaf]
            one = changed_gradient(one, leaf, local=own.local, local_norm=own.local_norm)
        return replace(one, reducer="all_reduce", samples=None)

    return same


def without_losses(run: DistributedRun) -> DistributedRun:
    """As where `backward` begins at several roots; else every rank that is built has its own."""
    chunk = PassChunk(0, array("d", [math.nan] * 9), without_loss=tuple(range(9)))
    none = PassTable([chunk], [DeepPass(0, 0, 1)])
    return with_ranks(run, **{f"rank_{rank}": {"passes": none} for rank in run.present})


def test_ranks_that_see_the_same_samples() -> None:
    one = only(without_losses(built(4, change=seeing(0, 0, 0, 0))))
    assert (one.kind, one.ranks, one.leaves) == ("same samples", (0, 1, 2, 3), ())
    assert (one.number, one.passes, one.line) == (0, 4, LINE)
    assert one.what.startswith("Ranks 0 to 3 have the same loss and the same gradients in all 4")


def test_two_and_two_ranks_that_see_the_same_samples() -> None:
    one = only(without_losses(built(5, change=seeing(0, 1, 2, 0, 1))))
    assert one.ranks == (0, 1, 3, 4)
    assert "Ranks 0 and 3 have" in one.what
    assert ", and so have ranks 1 and 4: " in one.what


def test_ranks_that_only_began_with_the_same_samples_or_with_other_losses_are_right() -> None:
    assert faults(without_losses(built(2, passes=6, change=seeing(0, 0, until=4)))) == ()
    assert faults(without_losses(built(2, passes=2, change=seeing(0, 0)))) == ()
    assert faults(built(2, change=seeing(0, 0))) == ()


def test_gradients_of_zero_are_of_any_samples() -> None:
    def converged(rank: int, one: RankPass) -> RankPass:
        for leaf in ("w", "b"):
            one = changed_gradient(one, leaf, local=None, local_norm=0.0)
        return one

    assert faults(without_losses(built(2, change=converged))) == ()


# Ranks that wait, and ranks that died


def test_ranks_that_wait_for_each_other_in_different_calls() -> None:
    run = with_ranks(
        built(2),
        rank_0={"ending": "running", "collective": call("all_reduce", 31, 3)},
        rank_1={"ending": "running", "collective": call("broadcast", 20, 3)},
    )
    assert faults(run, now=52.0) == (), "nothing is wrong yet"
    one = only(run, now=60.0)
    assert (one.kind, one.ranks, one.number) == ("waiting", (0, 1), 3)
    assert "rank 0 in all_reduce at train.py:31, pass 3" in one.what
    assert "rank 1 in broadcast at train.py:20, pass 3" in one.what


def test_a_send_is_waited_for_in_another_call_than_its_recv() -> None:
    run = with_ranks(
        built(2),
        rank_0={"ending": "running", "collective": call("send", 31, 3)},
        rank_1={"ending": "running", "collective": call("recv", 20, 3)},
    )
    assert faults(run, now=60.0) == ()


@SIZES
def test_a_rank_that_has_ended_while_the_others_wait(size: int) -> None:
    waiting = {"ending": "running", "collective": call("all_reduce", 31, 4)}
    others = {f"rank_{rank}": waiting for rank in range(1, size)}
    one = only(with_ranks(built(size), **others), now=60.0)
    assert (one.kind, one.ranks, one.line) == ("waiting", tuple(range(1, size)), 31)
    assert "rank 0 has ended after 4 passes" in one.what
    lost = {**waiting, "ending": "error", "error": LOST}
    after = only(with_ranks(built(size), **dict.fromkeys(others, lost)))
    assert after.ranks == one.ranks, "they failed in the end, but not by themselves"


def test_a_slow_rank_is_said_after_a_while() -> None:
    waiting = {"ending": "running", "collective": call("all_reduce", 31, 4)}
    busy = {"ending": "running", "collective": call("all_reduce", 31, 3, ended=True)}
    run = with_ranks(built(4), rank_0=waiting, rank_1=waiting, rank_2=waiting, rank_3=busy)
    assert faults(run, now=60.0) == ()
    one = only(run, now=90.0)
    assert (one.kind, one.ranks) == ("waiting", (0, 1, 2))
    assert "rank 3 was last in all_reduce at train.py:31, pass 3" in one.what


@SIZES
def test_a_rank_that_died(size: int) -> None:
    error = ScriptError("ValueError", "bad batch", 24)
    stopped = {"ending": "error", "error": SIGTERM, "ended": 101.0}
    run = with_ranks(
        built(size),
        **{f"rank_{rank}": stopped for rank in range(size)}
        | {
            "rank_0": {**stopped, "collective": call("all_reduce", 31, 4)},
            "rank_1": {"ending": "error", "error": error},
        },
    )
    one = only(run)
    assert (one.kind, one.ranks, one.line, one.file) == ("died", (1,), 24, "train.py")
    assert one.what == "Rank 1 died after pass 3: ValueError: bad batch."
    assert "Rank 0 waited in all_reduce at train.py:31, pass 4" in one.why
    assert "ended for it" in one.why


def test_a_rank_that_was_killed_is_said_and_not_those_that_lost_it() -> None:
    killed = {"ending": "killed", "ended": None}
    lost = {"ending": "error", "error": LOST, "collective": call("all_reduce", 31, 4)}
    one = only(with_ranks(built(4), rank_2=killed, rank_0=lost, rank_1=lost, rank_3=lost))
    assert (one.kind, one.ranks) == ("died", (2,))
    assert "without a word" in one.what
    signal = {"ending": "error", "error": ScriptError("SIGKILL", "killed", 1)}
    assert "SIGKILL" in only(with_ranks(built(2), rank_1=signal, rank_0=lost)).what


def test_the_rank_that_was_killed_comes_before_those_that_noticed_it_first() -> None:
    """A process ends a little later than its peers see their connection closed."""
    killed = {"ending": "error", "error": ScriptError("SIGKILL", "killed", 1), "ended": 100.2}
    error = ScriptError("ValueError", "no peer", 31)
    failed = {"ending": "error", "error": error, "collective": call("all_reduce", 31, 4)}
    assert only(with_ranks(built(2), rank_0=failed, rank_1=killed)).ranks == (1,)
    late = {**killed, "ended": 130.0}
    assert only(with_ranks(built(2), rank_0=failed, rank_1=late)).ranks == (0,)
    raised = {**killed, "error": ScriptError("KeyError", "x", 9)}
    one = only(with_ranks(built(2), rank_0=failed, rank_1=raised))
    assert one.ranks == (1,), "it was in no collective"


def test_an_error_comes_before_what_was_killed_at_a_time_that_nobody_knows() -> None:
    """As torchrun kills what does not end on SIGTERM."""
    died = {"ending": "error", "error": ScriptError("ValueError", "bad batch", 24)}
    run = with_ranks(built(2), rank_0={"ending": "killed", "ended": None}, rank_1=died)
    assert only(run).ranks == (1,)


def test_the_same_error_on_all_ranks_is_one_fault() -> None:
    same = {"ending": "error", "error": ScriptError("ValueError", "no data", 5)}
    one = only(with_ranks(built(2), rank_0=same, rank_1=same))
    assert (one.ranks, one.line) == ((0, 1), 5)


def test_ranks_that_a_user_stops_are_not_at_fault() -> None:
    stopped = {"ending": "error", "error": SIGTERM}
    assert faults(with_ranks(built(2), rank_0=stopped, rank_1=stopped)) == ()


def test_a_run_without_any_recording_has_no_fault() -> None:
    assert faults(DistributedRun("RUN", 2, (None, None))) == ()
    assert faults(built(2, passes=0, change=as_it_is)) == ()
