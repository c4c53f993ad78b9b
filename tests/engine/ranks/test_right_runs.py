"""Runs of several ranks with nothing wrong, however unusual they are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from engine.ranks.faults import faults
from engine.recording.rank_records import Bucket, RankPass
from tests.engine.ranks.built import (
    LINE,
    SIZES,
    built,
    call,
    changed_gradient,
    value,
    with_ranks,
)


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
