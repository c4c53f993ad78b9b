from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import ProblemError
from engine.training.distributed.world import World, world_of


@given(st.integers(0, 1000), st.integers(1, 40))
def test_the_ranks_share_all_points_evenly_and_in_order(points: int, size: int) -> None:
    shares = [World(rank, size).share(points) for rank in range(size)]
    assert (shares[0].start, shares[-1].stop) == (0, points)
    assert all(one.stop == after.start for one, after in pairwise(shares))
    counts = [one.stop - one.start for one in shares]
    assert max(counts) - min(counts) <= 1


def test_torchrun_says_who_a_process_is() -> None:
    assert world_of({}) is None
    assert world_of({"RANK": "9", "WORLD_SIZE": "16", "LOCAL_RANK": "1"}) == World(9, 16, 1)


@pytest.mark.parametrize(
    "environ",
    [{"RANK": "0"}, {"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "first", "WORLD_SIZE": "2"}],
)
def test_variables_that_make_no_sense_are_named(environ: dict[str, str]) -> None:
    with pytest.raises(ProblemError, match=r"RANK=.*, WORLD_SIZE=.* name no process"):
        world_of(environ)
