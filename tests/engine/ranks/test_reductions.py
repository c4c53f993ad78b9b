from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.autograd.values import Value
from engine.ranks.averages import distance, weighted_mean, weighted_sum
from engine.ranks.faults import faults
from engine.ranks.reductions import reduction, reductions
from engine.recording.rank_records import Bucket, RankPass
from tests.engine.ranks.built import built, changed_gradient, value
from tests.engine.recording.examples import FLOATS, NUMBERS, TEXTS, VALUES

GRADIENTS = st.floats(-1e6, 1e6)
SAMPLES = st.lists(st.lists(GRADIENTS, min_size=1, max_size=9), min_size=1, max_size=5)


@given(SAMPLES)
def test_the_weighted_mean_is_the_mean_over_all_samples(shards: list[list[float]]) -> None:
    """Each shard's own mean, weighted by its size, gives what one process would have computed."""
    means = [value(sum(shard) / len(shard)) for shard in shards]
    found = weighted_mean(means, [len(shard) for shard in shards])
    everything = [one for shard in shards for one in shard]
    assert found is not None
    expected = sum(everything) / len(everything)
    assert found.numbers[0] == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(st.lists(GRADIENTS, min_size=2, max_size=6), st.integers(1, 50))
def test_shards_of_equal_size_need_no_weights(gradients: list[float], size: int) -> None:
    weighted = weighted_mean([value(one) for one in gradients], [size] * len(gradients))
    assert weighted is not None
    plain = sum(gradients) / len(gradients)
    assert weighted.numbers[0] == pytest.approx(plain, rel=1e-9, abs=1e-6)


PAIRS = st.builds(Value, st.just((2,)), TEXTS, st.tuples(NUMBERS, NUMBERS), st.just((2,)))


@settings(max_examples=30)
@given(st.lists(st.tuples(PAIRS, PAIRS | VALUES), min_size=2, max_size=3), FLOATS, st.integers())
def test_whatever_stands_in_a_recording_can_be_looked_at(
    both: list[tuple[Value, Value]], size: float, samples: int
) -> None:
    """Numbers that no float holds, shapes that do not fit, norms that are none."""

    def strange(rank: int, one: RankPass) -> RankPass:
        local, made = both[rank]
        one = changed_gradient(
            one, "b", local=local, reduced=made, norm=size, value_norm=size * rank, digest=0
        )
        return replace(one, samples=samples * rank, scale=size / (1 + rank))

    run = built(len(both), passes=2, change=strange)
    assert all(one.what for one in faults(run, now=size))
    for one in reductions(run, 1):
        assert one.shares


def test_what_has_no_average() -> None:
    assert weighted_mean([], []) is None
    assert weighted_mean([value(1.0)], [0]) is None
    assert weighted_mean([value(1.0), value(1.0, 2.0)], [1, 1]) is None
    infinite = weighted_sum([value(math.inf), value(-math.inf)], [1.0, 1.0])
    assert infinite is not None and math.isnan(infinite.numbers[0])  # type: ignore[arg-type]
    assert distance(value(1.0), value(0.0)) == math.inf
    assert distance(value(0.0), value(0.0)) == 0
    assert distance(value(3.0), value(4.0)) == 0.25
    assert (
        distance(value(10**400), value(1.0)) == distance(value(-(10**400)), value(1.0)) == math.inf
    )


def test_zeros_are_averaged_as_expected_though_nothing_says_by_what_factor() -> None:
    def zero(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "b", local=value(0.0), reduced=value(0.0))

    _, b = reductions(built(2, change=zero), 1)
    assert (b.factor, b.as_expected) == (None, True)


def test_the_local_gradients_the_average_and_the_bucket() -> None:
    w, b = reductions(built(2), 1)
    assert [one.local for one in w.shares] == [value(-1.125, 0.28125), value(-2.125, 0.53125)]
    assert w.expected == w.made == value(-1.625, 0.40625)
    assert w.factor == pytest.approx(1)
    assert (w.error, w.weighted, w.accumulated) == (None, None, 0)
    assert w.bucket == b.bucket == Bucket(("w", "b"), 12)
    assert (b.leaf, b.reducer, b.whole) == ("b", "DistributedDataParallel", True)
    assert reduction(built(2), 1, "w") == w
    assert reduction(built(2), 1, "other") is None
    assert reductions(built(2), 99) == ()


def test_a_rank_that_did_not_reach_the_leaf_counts_as_zero() -> None:
    def unused(rank: int, one: RankPass) -> RankPass:
        made = value(0.5)
        local = {"local": None, "local_norm": None} if rank else {"local": value(1.0)}
        return changed_gradient(one, "b", reduced=made, **local)

    found = reduction(built(2, change=unused), 0, "b")
    assert found is not None
    assert found.expected == value(0.5)
    assert found.factor == pytest.approx(1)


def test_nothing_is_expected_where_not_all_ranks_are_known() -> None:
    run = built(2)
    found = reduction(replace(run, ranks=(run.ranks[0], None)), 0, "b")
    assert found is not None
    assert (found.expected, found.made, found.whole) == (None, value(2.0), True)


def test_the_true_gradient_of_unequal_shards() -> None:
    def uneven(rank: int, one: RankPass) -> RankPass:
        one = changed_gradient(one, "b", local=value(4.0 * rank), reduced=value(2.0))
        return replace(one, samples=3 if rank == 0 else 1)

    found = reduction(built(2, change=uneven), 0, "b")
    assert found is not None
    assert (found.expected, found.weighted, found.error) == (value(2.0), value(1.0), 1.0)


@pytest.mark.parametrize("times", [0.25, 1 / 65536, -1.0])
def test_what_was_clipped_or_unscaled_afterwards_is_a_multiple(times: float) -> None:
    def multiplied(rank: int, one: RankPass) -> RankPass:
        made = weighted_sum([value(-1.5, 0.375)], [times])
        return changed_gradient(one, "w", reduced=made)

    found = reduction(built(2, change=multiplied), 0, "w")
    assert found is not None
    assert found.factor == pytest.approx(times)


def test_what_is_no_multiple_has_no_factor() -> None:
    def other(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "w", reduced=value(1.0, 1.0))

    found = reduction(built(2, change=other), 0, "w")
    assert found is not None and found.factor is None


def test_gradients_of_passes_that_were_not_reduced_are_in_the_next_reduction() -> None:
    """Passes 0 and 1 under `no_sync`, each adding to `.grad`; pass 2 reduces the sum."""

    def accumulated(rank: int, one: RankPass) -> RankPass:
        local = value(10.0**one.number * (1 + rank))
        one = changed_gradient(one, "b", local=local, local_norm=local.numbers[0])
        if one.number < 2:
            return replace(changed_gradient(one, "b", reduced=None), reducer="", buckets=())
        return changed_gradient(one, "b", reduced=value(166.5))

    run = built(2, passes=3, change=accumulated)
    found = reduction(run, 2, "b")
    assert found is not None
    assert [one.local for one in found.shares] == [value(111.0), value(222.0)]
    assert (found.accumulated, found.expected) == (2, value(166.5))
    assert found.factor == pytest.approx(1)


def test_accumulated_gradients_that_were_clipped_are_not_accumulated_once_more() -> None:
    """A rank records what stands in `.grad` after its pass, with what earlier passes left there."""

    def clipped(rank: int, one: RankPass) -> RankPass:
        first, both = value(1.0, 2.0 + rank), value(4.0, 3.0 + rank)
        if one.number < 1:
            one = changed_gradient(one, "w", local=first, reduced=None)
            return replace(one, reducer="", buckets=())
        return changed_gradient(one, "w", local=both, reduced=value(2.0, 1.75))

    found = reduction(built(2, passes=2, change=clipped), 1, "w")
    assert found is not None
    assert [one.local for one in found.shares] == [value(4.0, 3.0), value(4.0, 4.0)]
    assert found.accumulated == 0
    assert found.factor == pytest.approx(0.5)


def test_of_large_tensors_there_is_a_corner_or_only_norms() -> None:
    def large(rank: int, one: RankPass) -> RankPass:
        corner = Value((100,), "float32", (1.0 + rank, 2.0), (2,))
        made = Value((100,), "float32", (1.5, 2.0), (2,))
        one = changed_gradient(one, "w", local=corner, reduced=made)
        return changed_gradient(one, "b", local=None, reduced=None)

    w, b = reductions(built(2, change=large), 0)
    assert (w.expected, w.whole) == (Value((100,), "float32", (1.5, 2.0), (2,)), False)
    assert (b.expected, b.made, b.whole) == (None, None, False)
    assert [one.local_norm for one in b.shares] == [1.5, 2.5]


@pytest.mark.parametrize("made", [value(4.0), value(1.5)], ids=["partial", "sharded"])
def test_shares_of_a_distributed_tensor_are_summed_unless_each_rank_keeps_its_own(
    made: Value,
) -> None:
    def dtensor(rank: int, one: RankPass) -> RankPass:
        one = changed_gradient(one, "b", reduced=made)
        return replace(one, reducer="DTensor", operation="sum")

    found = reduction(built(2, change=dtensor), 0, "b")
    assert found is not None
    assert found.expected == (value(4.0) if made == value(4.0) else None)


def test_nothing_is_expected_where_nothing_was_reduced() -> None:
    def alone(rank: int, one: RankPass) -> RankPass:
        return replace(one, reducer="", buckets=())

    found = reduction(built(2, change=alone), 0, "w")
    assert found is not None
    assert (found.reducer, found.expected, found.bucket) == ("", None, None)
