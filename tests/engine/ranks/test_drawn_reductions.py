"""The all-reduce as a node behind each leaf, in the graphs and passes of every rank."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.ranks.drawn_reductions import ALL_REDUCE, Reduced, with_reductions
from engine.recording.records import Recording
from tests.engine.ranks.hand_made import run, with_part


def drawn(rank: int = 0, **options: object) -> Recording:
    recording = with_reductions(run(**options), rank)  # type: ignore[arg-type]
    assert recording is not None
    return recording


def test_each_leaf_has_an_all_reduce_behind_it() -> None:
    both = run()
    recording, again = with_reductions(both, 0), with_reductions(both, 0)
    assert recording is not None
    assert again is not None
    graph = recording.graphs[1]
    graph.check()
    ops = [node.op for node in graph.nodes]
    assert ops[5:] == ["AccumulateGrad", ALL_REDUCE, "AccumulateGrad", ALL_REDUCE]
    assert [graph.nodes[edge.source].op for edge in graph.into[5]] == [ALL_REDUCE]
    assert graph.nodes[6].expression == "bucket 0 · 8 bytes"
    assert again.graphs[1] is graph, "to be told from another one by identity"


def test_it_is_the_step_after_the_leaf_with_the_gradients_of_all_ranks() -> None:
    backward = drawn(rank=1).backwards[2]
    assert [one.node for one in backward.gradients] == list(range(9))
    reduced = backward.gradients[6]
    assert isinstance(reduced, Reduced)
    local = [value.numbers[0] for value in reduced.incoming if value]
    assert reduced.grad_after is not None
    assert reduced.grad_after.numbers[0] == pytest.approx(sum(local) / 2)
    assert (reduced.ranks, reduced.rank) == ((0, 1), 1)


def test_a_rank_that_is_missing_or_behind_has_no_gradient_there() -> None:
    assert drawn(world_size=3, missing=(1,)).backwards[0].gradients[6].incoming[1] is not None
    late = drawn(behind=(1,)).backwards[3].gradients[6]
    assert late.incoming[0] is not None
    assert late.incoming[1] is None


def test_a_run_in_which_nothing_is_reduced_stays_as_it_is() -> None:
    one = run()
    recording = one.ranks[0]
    assert recording is not None
    plain = replace(one, ranks=(replace(recording, rank_passes=()),))
    assert with_reductions(plain, 0) is plain.ranks[0]
    assert with_reductions(plain, 7) is None


def test_the_shares_of_a_distributed_tensor_are_summed_in_the_drawing() -> None:
    both = run()
    ranks = []
    for one in both.ranks:
        assert one is not None
        first = with_part(one.rank_passes[0], "w", reduced=None)
        ranks.append(replace(one, rank_passes=(replace(first, reducer="DTensor"),)))
    recording = with_reductions(replace(both, ranks=ranks), 0)
    assert recording is not None
    reduced = recording.backwards[0].gradients[6]
    shares = [value.numbers[0] for value in reduced.incoming if value]
    assert reduced.grad_after is not None
    assert reduced.grad_after.numbers[0] == pytest.approx(sum(shares))
