"""Tables as programs write them: separators, quotes, encodings, with and without a header."""

from __future__ import annotations

import pytest

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from tests.engine.data.conftest import Write, rows


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1.5,2\n3,4\n",
        "x;y\n1.5;2\n3;4\n",
        "x;y\n1,5;2,0\n3;4\n",
        "x\ty\n1.5\t2\n3\t4\n",
        "x|y\n1.5|2\n3|4\n",
        "x y\n1.5   2\n3     4\n",
        '"x","y"\n"1.5","2"\n"3","4"\n',
        "x,y\r\n1.5,2\r\n3,4",
        "x,y\r1.5,2\r3,4\r",
        "\n\nx,y\n1.5,2\n\n3,4\n\n",
        ' x , "y"\n 1.5 , 2e0 \n 3.0, +4\n',
        "\ufeffx,y\n1.5,2\n3,4\n",
    ],
    ids=["comma", "semicolon", "decimal comma", "tab", "bar", "spaces", "quotes", "CRLF", "CR",
         "blank lines", "padded", "BOM"],
)  # fmt: skip
def test_layouts_are_recognised(csv: Write, text: str) -> None:
    table = read_table(csv(text))
    assert rows(table) == [(1.5, 2), (3, 4)]
    assert table.features[0].strip() == "x"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_encodings_are_recognised(csv: Write, encoding: str) -> None:
    table = read_table(csv("größe,y\n1,2\n3,4\n", encoding))
    assert table.features == ("größe",)
    assert rows(table) == [(1, 2), (3, 4)]


def test_text_that_is_not_utf_8_does_no_harm_beside_the_numbers(csv: Write) -> None:
    table = read_table(csv("stra\xdfe,x,y\nM\xfcller,1,2\n".encode("latin-1")))
    assert table.ignored == ("straße",)
    assert "not UTF-8: read as Windows-1252; --encoding names another" in table.notes
    assert rows(table) == [(1, 2)]


@pytest.mark.parametrize("encoding", ["shift_jis", "gbk", "euc_jp", "iso2022_jp", "utf-16-be"])
def test_an_encoding_that_is_asked_for_is_taken(csv: Write, encoding: str) -> None:
    table = read_table(csv("体重,身長\n1,2\n3,4\n", encoding), TableWish(encoding=encoding))
    assert (table.features, table.target, table.notes) == (("体重",), "身長", ())
    assert rows(table) == [(1, 2), (3, 4)]


def test_text_of_another_encoding_than_asked_for_is_refused(csv: Write) -> None:
    late = csv("x,y\n" + "1,2\n" * 100_000 + "größe,3\n", "latin-1")
    with pytest.raises(TableError, match=r"the byte 0xf6 is not text in utf-8: --encoding names"):
        read_table(late, TableWish(encoding="utf-8"))
    # Python 3.13 names the byte here, too; those before say that the mark is missing.
    with pytest.raises(TableError, match=r"csv: .*(utf|UTF)-16.*: --encoding names another"):
        read_table(late, TableWish(encoding="utf-16"))


def test_without_a_header_columns_are_numbered(csv: Write) -> None:
    table = read_table(csv("1,2\n3,4\n"))
    assert (table.features, table.target) == (("column1",), "column2")
    assert rows(table) == [(1, 2), (3, 4)]


def test_names_are_made_different_and_fit_to_show(csv: Write) -> None:
    table = read_table(csv("x,x,,\x1b[2J\u202e,y\n1,2,3,4,5\n"))
    assert table.features == ("x", "x column2", "column3", "�[2J�")


def test_whether_there_is_a_header_can_be_said(csv: Write) -> None:
    path = csv("2020,2021\n1,2\n3,4\n")
    assert read_table(path).points == 3
    table = read_table(path, TableWish(header=True))
    assert (table.points, table.target) == (2, "2021")
    assert rows(table) == [(1, 2), (3, 4)]
    with pytest.raises(TableError, match=r'points\.csv:1: column "column1": "x" is not a number'):
        read_table(csv("x,y\n1,2\n"), TableWish(header=False))
