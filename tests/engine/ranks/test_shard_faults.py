"""Shards of different sizes, and scales that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.autograd.values import Value
from engine.ranks.averages import weighted_mean
from engine.ranks.faults import faults
from engine.recording.rank_records import RankPass
from tests.engine.ranks.built import (
    SIZES,
    built,
    changed_gradient,
    only,
    value,
)


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
    assert "for w that makes -2, over all 51 it is -1.71569 (17% off)" in one.what

    def of_two(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(
            tutorial(rank, one), "w", local=value(-1.5 - rank, 0.0), reduced=value(-2.0, 0.0)
        )

    two = only(built(2, passes=1, change=of_two))
    assert "the average for w is 17% off the gradient over all 51" in two.what


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
