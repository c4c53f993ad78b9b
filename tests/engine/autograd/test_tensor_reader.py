from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.summary import CACHED_LIMIT, summary_of
from engine.autograd.tensor_reader import WHOLE_LIMIT, value_of, values_of
from engine.autograd.values import Summary, Value

SHAPES = [(), (3,), (2, 3), (0,), (8, 9), (100,), (2, 5, 7, 3), (300, 300)]
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool, torch.complex64]


def test_a_small_tensor_is_whole() -> None:
    value = value_of(torch.tensor([[1, 2], [3, 4]]))
    assert value == Value((2, 2), "int64", (1, 2, 3, 4), (2, 2))


def test_a_large_one_is_a_corner_and_a_summary_of_what_is_finite() -> None:
    tensor = torch.arange(100.0).reshape(10, 10)
    tensor[9, 9], tensor[9, 8] = math.nan, math.inf
    value = value_of(tensor)
    assert value.corner == (4, 4)
    assert value.numbers[:5] == (0, 1, 2, 3, 10)
    finite = tensor[tensor.isfinite()].double()
    assert value.summary == Summary(float(finite.norm()), 0, 97, float(finite.mean()), 2)


@pytest.mark.parametrize("tensor", [torch.ones(3, device="meta"), torch.eye(3).to_sparse()])
def test_what_cannot_be_read_has_a_shape(tensor: torch.Tensor) -> None:
    value = value_of(tensor)
    assert value.shape == tensor.shape
    assert value.numbers == ()


@given(
    st.lists(st.tuples(st.sampled_from(SHAPES), st.sampled_from(DTYPES)), max_size=12),
    st.booleans(),
)
def test_many_at_once_are_what_they_are_one_by_one(
    kinds: list[tuple[tuple[int, ...], torch.dtype]], broken: bool
) -> None:
    tensors = [(torch.rand(shape) * 9).to(dtype) for shape, dtype in kinds * 3]
    if broken and tensors and tensors[0].numel() and tensors[0].is_floating_point():
        tensors[0].view(-1)[-1] = math.nan
    values = values_of(tensors)
    for tensor in tensors:
        alone, together = value_of(tensor), values[id(tensor)]
        assert (alone.shape, alone.dtype, alone.corner) == (
            together.shape,
            together.dtype,
            together.corner,
        )
        assert repr(alone.numbers) == repr(together.numbers)
        assert (alone.summary is None) == (together.summary is None)
        if alone.summary and together.summary:
            assert together.summary.mean == pytest.approx(alone.summary.mean, rel=1e-12)
            assert together.summary.norm == pytest.approx(alone.summary.norm, rel=1e-12)
            assert together.summary.non_finite == alone.summary.non_finite


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.float16, torch.float64])
def test_a_tensor_read_in_parts_is_what_it_is_at_once(dtype: torch.dtype) -> None:
    tensor = (torch.rand(7, 30, 11) * 90).to(dtype)
    for view in (tensor, tensor.mT, tensor[:, ::2], tensor[1:, :, 3:].permute(2, 0, 1)):
        whole = value_of(view).summary
        parts = summary_of(view, part=50)
        assert whole is not None
        assert parts is not None
        assert parts.norm == pytest.approx(float(view.double().norm()), rel=1e-12)
        assert parts.mean == pytest.approx(float(view.double().mean()), rel=1e-12)
        assert (parts.minimum, parts.maximum) == (whole.minimum, whole.maximum)
        assert (parts.minimum, parts.maximum) == (float(view.min()), float(view.max()))


@pytest.mark.parametrize("size", [CACHED_LIMIT, CACHED_LIMIT + 1, 2 * CACHED_LIMIT])
def test_a_tensor_larger_than_the_cache_has_the_statistics_of_all_its_elements(size: int) -> None:
    tensor = torch.rand(size)
    tensor[-1], tensor[size // 2] = -7, 9
    summary = summary_of(tensor)
    assert summary is not None
    assert (summary.minimum, summary.maximum, summary.non_finite) == (-7, 9, 0)
    assert summary.norm == pytest.approx(float(tensor.double().norm()), rel=1e-12)
    assert summary.mean == pytest.approx(float(tensor.double().mean()), rel=1e-12)
    for odd in (math.nan, math.inf):
        tensor[-2] = odd
        summary = summary_of(tensor)
        assert summary is not None
        assert (summary.minimum, summary.maximum, summary.non_finite) == (-7, 9, 1)


def test_an_expanded_tensor_is_read_once() -> None:
    summary = value_of(torch.tensor([[3.0], [math.nan]]).expand(2, 10**11)).summary
    assert summary is not None
    assert summary == Summary(summary.norm, 3, 3, 3, 10**11)
    assert summary.norm == pytest.approx(3 * math.sqrt(10**11))


def test_a_large_tensor_without_a_finite_number() -> None:
    summary = value_of(torch.full((1000,), math.nan)).summary
    assert summary == Summary(0, 0, 0, 0, 1000)


def test_views_of_the_same_elements_have_the_same_statistics() -> None:
    tensor = torch.randn(300, 300)
    values = [*values_of([tensor, tensor.T, tensor.view(-1), tensor[:299]]).values()]
    assert values[0].summary is values[1].summary is values[2].summary
    assert values[3].summary != values[0].summary


def test_a_view_that_negates_has_its_own_statistics() -> None:
    numbers = torch.complex(torch.zeros(300, 300), torch.rand(300, 300))
    plain, negated = numbers.imag, numbers.conj().imag
    assert negated.is_neg()
    one, other = (value.summary for value in values_of([plain, negated]).values())
    assert one is not None and other is not None
    assert other.maximum == -one.minimum


def test_the_same_tensor_twice_is_read_once() -> None:
    tensor = torch.ones(WHOLE_LIMIT + 1)
    assert len(values_of([tensor, tensor])) == 1
