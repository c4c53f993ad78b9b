"""Numbers read many at once are the bits that Python reads one by one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.arrays import Vector
from engine.data.mixed_rows import mixed_rows
from engine.data.plain_numbers import float_rows, plain_rows

WHOLE = st.text("0123456789", max_size=9)
PLAIN = st.builds(
    lambda sign, whole, point, after: sign + (whole + point + after if whole + after else "0"),
    st.sampled_from(["", "-"]),
    WHOLE,
    st.sampled_from(["", "."]),
    st.text("0123456789", max_size=6),
)
FIXED = st.floats(-1e6, 1e6).map(lambda number: f"{number:.3f}")


def bits(block: Vector | None) -> list[bytes]:
    assert block is not None
    return [struct.pack("d", number) for number in block.ravel().tolist()]


@given(
    st.lists(st.tuples(PLAIN, PLAIN)) | st.lists(st.tuples(FIXED, FIXED)), st.sampled_from(",;\t| ")
)
def test_plain_numbers_are_the_same_bits_in_every_way(
    pairs: list[tuple[str, str]], delimiter: str
) -> None:
    pairs = [*pairs, ("1", "-.5")]
    text = "".join(f"{a}{delimiter}{b}\n" for a, b in pairs).encode()
    expected = [struct.pack("d", float(cell)) for pair in pairs for cell in pair]
    assert bits(plain_rows(text, delimiter, 2)) == expected
    assert bits(float_rows(text, delimiter, 2)) == expected
    mixed = "".join(f'"x{i}"{delimiter}{a}{delimiter}"{b}"\n' for i, (a, b) in enumerate(pairs))
    assert bits(mixed_rows(mixed.encode(), delimiter, 3, (1, 2))) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1\n", "1,2,3\n", "1,2\n\n", "1,2\n3\n4,5,6\n", "1.2.3,4\n", "1-2,3\n", "-,3\n", ".,3\n",
     "--1,3\n", "1-,2\n", ",2\n", "1e5,2\n", "1 ,2\n", "nan,2\n", "1,0x10\n", "1,1_0\n", "1,'2'\n",
     "1,2\r\n", "1,1234567890123456\n", '1,"2\n', '1,2"\n', '"1,2"\n', '1,"2""3"\n', "1,²\n"],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_others(text: str) -> None:
    assert plain_rows(text.encode(), ",", 2) is None
    assert mixed_rows(text.encode(), ",", 2, (0, 1)) is None
