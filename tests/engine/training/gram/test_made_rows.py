from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Dtype, Synthetic
from engine.training.dataset import dataset
from engine.training.gram.made_rows import MadeRows
from engine.training.gram.row_source import ahead, share
from engine.training.gram.sums import Chunk
from engine.training.problem import Problem


@given(
    st.integers(1, 200),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from([(3.0,), (1.0, -2.0)]),
)
def test_chunks_are_bit_for_bit_the_points_of_the_run(
    points: int, noise: float, dtype: Dtype, true_w: tuple[float, ...]
) -> None:
    source = Synthetic(points, noise, 7, true_w)
    made = MadeRows(source, dtype, rows=32)
    x, y = (torch.cat(parts) for parts in zip(*made.chunks(), strict=True))
    whole = dataset(Problem(source, dtype=dtype))
    assert torch.equal(x, whole.x)
    assert torch.equal(y, whole.y) or len(true_w) > 1  # a product of two sums as it is blocked
    torch.testing.assert_close(y, whole.y)
    assert made.drawn_w == whole.drawn_w


def test_ranks_take_chunks_in_turn_and_all_of_them() -> None:
    source = Synthetic(100)

    def taken(rank: int) -> list[int]:
        chunks = share(MadeRows(source, "float32", rows=16).chunks(), rank, 3)
        return [len(y) for _, y in chunks]

    assert [taken(rank) for rank in range(3)] == [[16, 16], [16, 16], [16, 20]]


def test_what_is_read_ahead_comes_in_order_and_with_its_errors() -> None:
    chunks = MadeRows(Synthetic(100), "float32", rows=16)
    assert [len(y) for _, y in ahead(chunks.chunks())] == [16] * 5 + [20]
    with pytest.raises(RuntimeError):
        list(ahead(_broken()))


def _broken() -> Iterator[Chunk]:
    yield torch.empty(1, 1), torch.empty(1, 1)
    raise RuntimeError("no more")
