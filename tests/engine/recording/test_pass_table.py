from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recording.pass_chunk import COLUMNS, PassChunk
from engine.recording.pass_table import DeepPass, PassTable


def chunk(first: int, losses: list[float], leaves: tuple[str, ...] = ("w",)) -> PassChunk:
    count = len(losses)
    return PassChunk(
        first,
        array("d", losses),
        leaves,
        array("q", range(first, first + count)),
        array("f", range(count * len(leaves) * len(COLUMNS))),
        (("i", range(first, first + count)), ("name", ("a",) * count)),
        "printed\n",
    )


@pytest.mark.parametrize("width", ["f", "d"])
@pytest.mark.parametrize("rows", [(7, 8, 9), (6, 8, 10), (3, 3, 9)])
def test_a_chunk_comes_back_from_its_bytes(rows: tuple[int, ...], width: Literal["f", "d"]) -> None:
    there = replace(
        chunk(7, [1.0, math.inf, 0.1], ("w", "b")),
        rows=array("q", rows),
        loss=array(width, [1.0, math.inf, 0.1]),
    )
    back = PassChunk.decoded(there.encoded())
    for name in PassChunk.__slots__:
        assert getattr(back, name) == getattr(there, name)
    assert back.loss.typecode == width


def test_rows_that_no_file_can_have_are_not_counted_out() -> None:
    there = chunk(0, [1.0, 2.0], leaves=()).encoded()
    length = int.from_bytes(there[:4], "little")
    more = (length + 9).to_bytes(4, "little") + there[4:].replace(
        b'"rows": 2', b'"rows": 9999999992'
    )
    with pytest.raises(ValueError, match="cut short"):
        PassChunk.decoded(more)


@given(st.data())
def test_any_other_bytes_are_refused_or_a_whole_chunk(data: st.DataObject) -> None:
    changed = bytearray(chunk(3, [1.0, 2.0]).encoded())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(changed[: data.draw(st.integers(0, len(changed)))])
    try:
        back = PassChunk.decoded(cut)
    except ValueError:
        return
    assert len(back.norms) == len(back.rows) * len(back.leaves) * len(COLUMNS)


@pytest.mark.parametrize(
    "column",
    [
        range(5, 11, 2),
        range(3, 0, -1),
        array("q", [7, 7, 7]),
        array("q", [0, 1, 10**18]),
        array("d", [0.5, 0.25, 0.125]),
        (0, 1, 10**30),
        (1, 2.0, None),
        (True, False, True),
        ("a", "b", "c"),
    ],
)
def test_loop_variables_come_back_as_they_were_in_little_memory(column: Any) -> None:
    there = replace(chunk(0, [1.0, 2.0, 3.0]), variables=(("i", column),))
    ((_, back),) = PassChunk.decoded(there.encoded()).variables
    assert list(back) == list(column)
    assert type(back) is type(column)


def test_chunks_together() -> None:
    table = PassTable([chunk(0, [3.0, 2.0]), chunk(4, [1.0], ("w", "b"))])
    assert table.count == 5
    losses = list(table.losses)
    assert losses[:2] == [3.0, 2.0] and losses[4] == 1.0 and all(map(math.isnan, losses[2:4]))
    assert (table.loss(1), table.loss(4)) == (2.0, 1.0)
    assert math.isnan(table.loss(3)) and math.isnan(table.loss(9))
    assert table.variables(4) == {"i": 4, "name": "a"}
    assert table.variables(2) == {}
    assert table.leaves == ("w", "b")
    assert list(table.norms("w").numbers) == [0, 1, 4]
    assert list(table.norms("w").value) == [0.0, 3.0, 0.0]
    assert list(table.norms("b").update) == [5.0]
    with pytest.raises(KeyError):
        table.norms("c")


def test_the_first_loss_that_is_not_finite() -> None:
    assert PassTable([chunk(0, [1.0, 2.0])]).first_nonfinite_loss() is None
    assert PassTable([chunk(0, [1.0]), chunk(1, [2.0, math.nan, 1.0])]).first_nonfinite_loss() == 2


def test_deep_passes_are_found_by_their_numbers() -> None:
    table = PassTable([], [DeepPass(0, 0, 5), DeepPass(4, 5, 9)])
    found = table.deep_at(4)
    assert found is not None and (found.first, found.end) == (5, 9)
    assert table.deep_at(3) is None


def test_a_pass_without_a_loss_is_not_one_with_an_undefined_loss() -> None:
    there = replace(chunk(0, [math.nan, math.inf]), without_loss=(0,))
    assert PassTable([PassChunk.decoded(there.encoded())]).first_nonfinite_loss() == 1
