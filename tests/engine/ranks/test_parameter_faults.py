"""Parameters and gradients that differ between ranks."""

from __future__ import annotations

from dataclasses import replace

from engine.ranks.faults import faults
from engine.recording.rank_records import Bucket, RankPass
from tests.engine.ranks.built import (
    LINE,
    SIZES,
    built,
    call,
    changed_gradient,
    only,
    right_pass,
    value,
    with_ranks,
)


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
