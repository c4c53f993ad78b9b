from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from engine.uncollected import SeldomCollected
from engine.untraced import untraced


def trace(frame: FrameType, event: str, arg: Any) -> None:
    return None


@pytest.fixture
def tracing() -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(trace)
    yield
    sys.settrace(before)


@pytest.mark.usefixtures("tracing")
def test_what_traces_is_put_back_also_after_an_error() -> None:
    with pytest.raises(ValueError), untraced():
        assert sys.gettrace() is None
        raise ValueError
    assert sys.gettrace() is trace


@pytest.mark.usefixtures("tracing")
def test_tracing_that_ends_where_the_script_runs_is_not_put_back() -> None:
    with untraced() as ours:
        ours.end()
        assert sys.gettrace() is trace
        sys.settrace(None)
        ours.begin()
    assert sys.gettrace() is None


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [((700, 10, 10), 100_000), ((0, 10, 10), 0), ((200_000, 5, 5), 200_000)],
)
def test_garbage_is_searched_for_seldom_unless_it_is_so_already(
    before: tuple[int, int, int], meanwhile: int
) -> None:
    gc.set_threshold(*before)
    collections = SeldomCollected()
    collections.begin()
    collections.begin()
    assert gc.get_threshold() == (meanwhile, *before[1:])
    collections.end()
    assert gc.get_threshold() == before


@pytest.mark.usefixtures("thresholds")
def test_what_the_script_sets_meanwhile_stays() -> None:
    gc.set_threshold(700, 10, 10)
    collections = SeldomCollected()
    collections.begin()
    gc.set_threshold(1_000, 10, 10)
    collections.end()
    assert gc.get_threshold() == (1_000, 10, 10)


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("thresholds")
def test_garbage_is_gone_before_a_fork() -> None:
    gc.set_threshold(100_000, 10, 10)
    made = Ring()
    ring = weakref.ref(made)
    gc.collect(0)
    del made
    assert ring() is not None
    SeldomCollected().catch_up()
    assert ring() is None
