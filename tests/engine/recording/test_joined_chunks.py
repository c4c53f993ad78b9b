"""Chunks that were joined say the same as the chunks."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.recording.joined_chunks import JoinedChunks
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import PassTable

LEAVES = st.sampled_from([("w",), ("w", "b")])
LOSSES = st.sampled_from([0.5, math.nan, -math.inf, 0.5, 0.1, 1e300])
COLUMNS = (
    lambda numbers: numbers,
    lambda numbers: array("q", [number % 3 for number in numbers]),
    lambda numbers: array("d", numbers),
    lambda numbers: tuple(None if number % 2 else "odd" for number in numbers),
)


@st.composite
def chunk(draw: st.DrawFn, first: int, end: int) -> PassChunk:
    leaves, numbers = draw(LEAVES), range(first, end)
    rows = array("q", [number for number in numbers if draw(st.booleans())])
    return PassChunk(
        first,
        array("d", [draw(LOSSES) for _ in numbers]),
        leaves,
        rows,
        array("f", range(len(rows) * len(leaves) * 3)),
        (("i", draw(st.sampled_from(COLUMNS))(numbers)),) if end > first else (),
        draw(st.sampled_from(["", "loss 1\n"])),
        draw(st.sampled_from([(), (), (0,)])) if end > first else (),
    )


@st.composite
def chunks(draw: st.DrawFn) -> list[PassChunk]:
    """Of consecutive passes, but for some that are lost; the last of none."""
    bounds = sorted(draw(st.lists(st.integers(0, 40), min_size=1, unique=True)))
    made = [draw(chunk(first, end)) for first, end in pairwise([*bounds, bounds[-1]])]
    return [one for one in made if draw(st.integers(0, 5))]


@given(chunks(), st.data())
def test_joined_they_say_the_same(there: list[PassChunk], data: st.DataObject) -> None:
    joined, seen = JoinedChunks(), tuple[PassChunk, ...]()
    for one in there:
        joined.add(one)
        if data.draw(st.booleans()):
            before, seen = seen, joined.look()
            assert all(a is b for a, b in zip(before, seen, strict=False))
    table, found = PassTable(there), PassTable(joined.look())
    assert found.count == table.count
    assert repr(list(found.losses)) == repr(list(table.losses))
    assert found.leaves == table.leaves
    assert found.printed() == table.printed()
    for leaf in table.leaves:
        assert [*map(list, found.norms(leaf))] == [*map(list, table.norms(leaf))]
    for number in range(-1, table.count + 1):
        assert found.variables(number) == table.variables(number)
        assert found.has_loss(number) == table.has_loss(number)


def test_a_long_run_is_held_once() -> None:
    joined = JoinedChunks()
    for first in range(0, 100, 10):
        numbers = range(first, first + 10)
        variables = (("i", numbers), ("j", array("q", [7] * 10)), ("epoch", range(10)))
        joined.add(PassChunk(first, array("d", numbers), variables=variables))
    joined.add(PassChunk(100, array("d"), output="the end\n"))
    (one,) = joined.look()
    assert PassTable([one]).losses is one.loss
    columns = dict(one.variables)
    assert columns["i"] == range(100)
    assert columns["j"] == array("q", [7] * 100)
    assert columns["epoch"] == array("q", [*range(10)] * 10)
    assert one.printed() == ((100, "the end\n"),)
