"""Any numbers come back as they were, and any bytes are a table or are refused."""

from __future__ import annotations

import io
import os

from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Table, TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from tests.engine.data.conftest import rows


@given(
    st.lists(
        st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1, max_size=40
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_numbers_come_back_bit_for_bit(
    numbers: list[tuple[float, float]], delimiter: str, newline: str
) -> None:
    lines = [delimiter.join(map(repr, row)) for row in numbers]
    source = io.BytesIO(newline.join(["x" + delimiter + "y", *lines]).encode())
    assert rows(_read(source)) == numbers


@given(st.binary(max_size=300) | st.text(alphabet='01.e,;"\n\r\t -x\0\ufeff', max_size=80))
def test_no_bytes_bring_anything_but_a_table_or_its_error(content: bytes | str) -> None:
    data = content.encode() if isinstance(content, str) else content
    try:
        table = _read(io.BytesIO(data))
    except TableError as error:
        assert "\n" not in str(error)
    else:
        assert table.points > 0


def _read(source: io.BytesIO) -> Table:
    """A table of bytes, by way of a pipe."""
    reading, writing = os.pipe()
    os.write(writing, source.getvalue())
    os.close(writing)
    try:
        return read_table(f"/dev/fd/{reading}", TableWish(missing="drop"), dtype="float64")
    finally:
        os.close(reading)


@given(
    st.lists(st.tuples(*[st.integers(-(10**9), 10**9)] * 2), min_size=1, max_size=20),
    st.sampled_from([(";", ",", "."), ("\t", ",", " "), (",", ".", "'"), ("|", ".", "\u202f")]),
)
def test_numbers_with_thousands_apart_come_back(
    thousandths: list[tuple[int, int]], marks: tuple[str, str, str]
) -> None:
    delimiter, decimal, apart = marks
    numbers = [(0.25, 1234567.5), *((a / 100, b / 100) for a, b in thousandths)]
    lines = [
        delimiter.join(
            f"{number:,.2f}".translate({ord(","): apart, ord("."): decimal}) for number in row
        )
        for row in numbers
    ]
    assert rows(_read(io.BytesIO("\n".join(["x" + delimiter + "y", *lines]).encode()))) == numbers
