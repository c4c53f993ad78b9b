"""Passes wait to be written, one by one or many in one array, and are then side by side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import FrameType

from hypothesis import given
from hypothesis import strategies as st

from engine.recording.pass_chunk import Plain
from engine.script.frames.loop_counters import LoopCounters, add_counters
from engine.script.passes.unwritten_passes import (
    OnePass,
    PassColumn,
    PassRun,
    UnwrittenPasses,
    Waiting,
)


def counters_here(values: Mapping[str, Plain]) -> LoopCounters:
    frame = sys._getframe(1)
    return LoopCounters([(frame.f_code, frame.f_lasti, list(values))], values)


def run_of(first: int, *passes: tuple[float, int, float, float]) -> PassRun:
    """Passes from the first on: loss, loop variable `i`, value and gradient of a leaf."""
    run = PassRun(first, counters_here({"i": 0}), 4)
    for numbers in passes:
        run.add([*numbers])
    return run


def shown(waiting: Waiting) -> tuple[object, ...]:
    rows = [row for part in waiting.rows for row in _rows(part)]
    variables = {name: list(column.values) for name, column in waiting.variables.items()}
    return waiting.first, list(waiting.losses), variables, list(waiting.numbers.values), rows


def _rows(part: object) -> list[list[float]]:
    return [part] if isinstance(part, list) else part.tolist()  # type: ignore[attr-defined]


def test_passes_of_both_kinds_are_in_order_and_the_last_row_stays_for_the_next() -> None:
    unwritten = UnwrittenPasses()
    unwritten.add(OnePass(0, 4.0, {"i": 0, "name": "a"}, [1.0, 2.0]))
    run = run_of(1, (3.0, 1, 1.5, 2.5), (2.0, 2, 1.75, 2.75))
    unwritten.add(run)
    first = unwritten.waiting()
    assert shown(first) == (
        0,
        [4.0, 3.0, 2.0],
        {"i": [0, 1, 2], "name": ["a", None, None]},
        [0, 1, 2],
        [[1.0, 2.0], [1.5, 2.5], [1.75, 2.75]],
    )
    assert first.variables["i"].values == range(3)
    run.add([1.0, 3, 1.9, 2.9])  # while the others are being written
    unwritten.written(first)
    assert shown(unwritten.waiting()) == (
        3,
        [1.0],
        {"i": [3]},
        [2, 3],
        [[1.75, 2.75], [1.9, 2.9]],
    )
    unwritten.add(OnePass(4, None, {}, None))
    last = unwritten.waiting()
    assert last.without_loss == [1]
    unwritten.written(last)
    assert shown(unwritten.waiting()) == (5, [], {}, [3], [[1.9, 2.9]])


def test_a_pass_that_could_not_be_kept_moves_no_other() -> None:
    unwritten = UnwrittenPasses()
    unwritten.add(run_of(0, (4.0, 0, 1.0, 1.0)))
    unwritten.add(run_of(2, (2.0, 2, 1.0, 1.0)))
    waiting = unwritten.waiting()
    assert repr(waiting.losses) == "array('d', [4.0, nan, 2.0])" and waiting.without_loss == [1]
    assert waiting.variables["i"].values == [0, None, 2]
    assert waiting.numbers.values == range(0, 4, 2)


@given(st.lists(st.lists(st.integers(-2, 9), min_size=1, max_size=4), max_size=4))
def test_values_side_by_side_are_a_range_while_they_count(parts: list[list[int]]) -> None:
    column, values = PassColumn(), [value for part in parts for value in part]
    for part in parts:
        unwritten = UnwrittenPasses()
        unwritten.add(run_of(0, *((0.0, value, 0.0, 0.0) for value in part)))
        column.add(unwritten.waiting().variables["i"].values)
    assert list(column.values) == values and all(type(value) is int for value in column.values)
    steps = {after - before for before, after in pairwise(values)}
    assert isinstance(column.values, range) == (len(steps) < 2 and steps != {0})


def test_loop_variables_are_read_where_they_are_numbers_of_the_same_place_and_kind() -> None:
    looks: list[Callable[[FrameType], object]] = []

    def inner() -> object:
        return looks[-1](sys._getframe())

    def outer(i: object) -> object:
        return inner()

    def counters(frame: FrameType) -> LoopCounters:
        around = frame.f_back
        assert around is not None
        places = [(frame.f_code, frame.f_lasti, ()), (around.f_code, around.f_lasti, ("i",))]
        return LoopCounters(places, {"i": around.f_locals["i"]})

    def read(frame: FrameType) -> object:
        numbers: list[float] = []
        assert isinstance(known, LoopCounters)
        return add_counters(known.outer, frame.f_back, numbers) and known.named(numbers)

    looks.append(counters)
    known = outer(0)
    assert isinstance(known, LoopCounters) and known.are_numbers
    strings = outer("a")
    assert isinstance(strings, LoopCounters) and not strings.are_numbers
    looks.append(read)
    assert outer(7) == {"i": 7}
    assert not any(outer(other) for other in (True, 7.5, "7", None, 2**53))
    assert not (lambda i: inner())(7)
