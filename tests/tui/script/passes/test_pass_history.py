"""The scalars of a run as arrays say the same as its table, also while it grows."""

from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import PassTable
from tests.tui.script.passes.scalars import scalars
from tui.script.passes.norm_block import STRIDE
from tui.script.passes.pass_history import FEW, PassHistory

NUMBERS = st.floats(width=32)


def chunks(sizes: list[int], numbers: st.DataObject) -> list[PassChunk]:
    """So many passes each, of one leaf at first and then of two."""
    made, first = [], 0
    for place, size in enumerate(sizes):
        leaves = ("w",) if place == 0 else ("w", "b")
        count = 3 * size * len(leaves)
        norms = numbers.draw(st.lists(NUMBERS, min_size=count, max_size=count))
        rows = array("q", range(first, first + size))
        losses = array("d", numbers.draw(st.lists(NUMBERS, min_size=size, max_size=size)))
        made.append(PassChunk(first, losses, leaves, rows, array("f", norms)))
        first += size
    return made


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_it_grows_as_the_table_does(sizes: list[int], numbers: st.DataObject) -> None:
    parts = chunks(sizes, numbers)
    history = PassHistory()
    for count in range(1, len(parts) + 1):
        history = history.grown(PassTable(parts[:count]))
        table = history.table
        assert sorted(history.leaves) == sorted(table.leaves)
        for leaf in history.leaves:
            norms = table.norms(leaf)
            for what in ("value", "gradient", "update"):
                passes, found = history.series(leaf, what)
                assert passes.tolist() == list(norms.numbers)
                np.testing.assert_array_equal(found, getattr(norms, what))


@pytest.mark.parametrize("broken", [None, 0, 3])
def test_the_first_broken_pass(broken: int | None) -> None:
    history = PassHistory().grown(scalars([1.0] * 5, broken=broken))
    assert history.first_broken() == broken
    assert PassHistory().grown(scalars([1.0, 2.0, math.inf])).first_broken() == 2


def test_a_ratio_is_the_update_over_the_value() -> None:
    history = PassHistory().grown(scalars([1.0, 1.0], ("w", "b")))
    _, ratios = history.series("b", "ratio")
    assert ratios == pytest.approx([1e-3, 1e-3])
    assert history.largest("gradient", 1) == ("b",)


def test_of_a_long_run_a_sketch_has_the_largest_of_every_few_where_some_have_none() -> None:
    """As of a leaf that only every other pass reaches."""
    count = FEW + 2 * STRIDE
    rows = [(1.0, math.nan if number % 2 else 1 + number, 0.1) for number in range(count)]
    norms = array("f", [column for row in rows for column in row])
    chunk = PassChunk(0, array("d", [1.0] * count), ("w",), array("q", range(count)), norms)
    sketch = PassHistory().grown(PassTable([chunk])).sketch("w", "gradient")
    assert sketch.tolist() == [first + STRIDE - 1 for first in range(0, count, STRIDE)]
