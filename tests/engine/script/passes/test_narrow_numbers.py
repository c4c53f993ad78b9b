from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from engine.script.passes.narrow_numbers import exactly_narrow


@given(st.lists(st.floats(width=32)))
def test_numbers_of_single_precision_take_half_the_width(numbers: list[float]) -> None:
    narrowed = exactly_narrow(array("d", numbers))
    assert narrowed.typecode == "f"
    assert array("d", narrowed).tobytes() == array("d", numbers).tobytes()


@given(st.lists(st.floats(width=32)))
def test_one_number_that_needs_its_width_keeps_that_of_all(numbers: list[float]) -> None:
    wide = array("d", [*numbers, 0.1])
    assert exactly_narrow(wide) is wide
