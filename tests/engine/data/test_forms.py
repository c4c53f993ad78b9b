"""The forms in which people and programs write tables: each read right, and what is chosen said."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from engine.data.source import TableError
from engine.data.table_cache import columns, read_table
from engine.data.table_wish import TableWish
from tests.engine.data.conftest import Write, rows

NUMBERS = {
    "thousands by points": ("a;b\n1.250;2\n950;3", [(1250, 2), (950, 3)]),
    "three decimals beside small ones": ("a;b\n1.250;2\n2;3", [(1.25, 2), (2, 3)]),
    "semicolons decide what nothing else does": ("a;b\n1.250;2\n2.500;3", [(1250, 2), (2500, 3)]),
    "zeros and a bare number tell, too": ("a,b\n1.250,2\n950,3", [(1250, 2), (950, 3)]),
    "as few digits as are needed": ("a,b\n1.125,2\n950,3", [(1.125, 2), (950, 3)]),
    "commas of cells leave the points": ("a,b\n1.250,2\n2.500,3", [(1.25, 2), (2.5, 3)]),
    "one cell decides for all": ("a;b\n1.250;2.500\n7.4;3.125", [(1.25, 2.5), (7.4, 3.125)]),
    "points and a decimal comma": ("a;b\n1.250,5;2\n3,25;4", [(1250.5, 2), (3.25, 4)]),
    "spaces elsewhere leave the point": ("a;b\n1.250;2 000\n950;3", [(1.25, 2000), (950, 3)]),
    "and the comma": ("a\tb\n-57,072\t2\u202f000\n49,148\t3", [(-57.072, 2000), (49.148, 3)]),
    "dollars": ('a,b\n"$1,115.00",950\n$9.5,"1,250"', [(1115, 950), (9.5, 1250)]),
    "euros": ("a;b\n1.200,50 €;1\n€ 7;2", [(1200.5, 1), (7, 2)]),
    "codes of currencies": ('a,b\n"USD 1,200",1\nUSD 7,2', [(1200, 1), (7, 2)]),
    "lakhs": ('a,b\n"1,25,000",1\n"3,000",2', [(125000, 1), (3000, 2)]),
    "no-break spaces": ("a;b\n1\u00a0250,5;1\n1\u202f000;2", [(1250.5, 1), (1000, 2)]),
    "apostrophes": ("a,b\n1'250.5,1\n1’000’000,2", [(1250.5, 1), (1e6, 2)]),
    "quoted decimal commas": ('a,b\n"1,5","2,25"\n"3,0","4"', [(1.5, 2.25), (3, 4)]),
    "per cent": ("a,b\n12%,1\n7.5 %,2", [(12, 1), (7.5, 2)]),
    "minus signs of typography": ("a,b\n−3,1\n–4.5,2", [(-3, 1), (-4.5, 2)]),
    "losses in parentheses": ('a,b\n"(1,000.5)",1\n($3),2', [(-1000.5, 1), (-3, 2)]),
    "losses behind a currency": ('a,b\n$ (3.5),1\n"$(1,000)",2', [(-3.5, 1), (-1000, 2)]),
    "accounts of nothing": ('a,b\n" $ 1,250.50 ",1\n" $ -   ",2', [(1250.5, 1), (0, 2)]),
    "dashes for no cents": ("a;b\n1.250,– €;1\n7,- €;2", [(1250, 1), (7, 2)]),
    "francs": ("a,b\n1'250.-,1\n7.50,2", [(1250, 1), (7.5, 2)]),
    "no thousands begin with 0": ('a,b\n"1,250",1\n"0,500",2', [(1.25, 1), (0.5, 2)]),
    "full-width forms": ("a,b\n１.５％,1\n－３％,2", [(1.5, 1), (-3, 2)]),
    "what is invisible": ("a,b\n\u200e-1.5,\u200b1\n3\u200b,\ufeff2", [(-1.5, 1), (3, 2)]),
    "minus behind": ("a,b\n5.00-,1\n6.5,2", [(-5, 1), (6.5, 2)]),
    "D exponents": ("a b\n1.5D+03 1\n2.5d-1 2", [(1500, 1), (0.25, 2)]),
    "exponents with a comma": ("a;b\n1,5E-3;1\n2e4;2", [(0.0015, 1), (2e4, 2)]),
    "Excel's formulas": ('a,b\n="1.5",1\n="2.5",2', [(1.5, 1), (2.5, 2)]),
    "apostrophes around": ("a,b\n'1.5','1'\n'2.5','2'", [(1.5, 1), (2.5, 2)]),
    "units in cells": ("a,b\n12 km,1\n7.5km,2", [(12, 1), (7.5, 2)]),
    "compound units": ("a,b\n12 km/h,1 m²\n7 km/h,3 m²", [(12, 1), (7, 3)]),
    "powers of ten in typography": ("a,b\n1.5×10³,1\n2 x 10^-2,2", [(1500, 1), (0.02, 2)]),
    "a space before an exponent": ("a,b\n1.5 E+03,1\n2 e-01,2", [(1500, 1), (0.2, 2)]),
    "rupees": ('a,b\n"Rs. 1,25,000",1\nRs. 99,2', [(125000, 1), (99, 2)]),
    "a share of nothing": ("a,b\n5%,1\n7%,2\n0,3", [(5, 1), (7, 2), (0, 3)]),
    "flags of Eurostat": (
        "g\\TIME_PERIOD\t2018\t2019\nAT\t1.5 \t2 p\nBE\t3 b\t4 \n",
        [(1.5, 2), (3, 4)],
    ),
    "yes and no": ("a,b\nyes,1\nNo,2", [(1, 1), (0, 2)]),
    "true and false": ("a,b\nTrue,1\nFALSE,2", [(1, 1), (0, 2)]),
    "T and F of R": ("a,b\nT,1\nF,2", [(1, 1), (0, 2)]),
}


@pytest.mark.parametrize(("text", "numbers"), NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_are_read_as_they_are_written(
    csv: Write, text: str, numbers: list[tuple[float, ...]]
) -> None:
    assert rows(read_table(csv(text), dtype="float64")) == numbers


TABLES = {
    "Excel's line of the delimiter": ("sep=;\na;b\n1;2\n3;4", "a;b"),
    "comments above": ("# made by hand\n#\na,b\n1,2\n3,4", "a;b"),
    "more comments than rows": ("# x, y\n# y, z\n# z, u\n# u, v\n#\na,b\n1,2\n3,4", "a;b"),
    "months and years": ("d;a;b\n01.2020;1;2\n12.2020;3;4", "a;b"),
    "a size below": (" a b\n0 1 2\n1 3 4\n\n[2 rows x 2 columns]", "a;b"),
    "comments between": ("a,b\n1,2\n# not these\n3,4", "a;b"),
    "names in a comment": ("# a b\n1 2\n3 4", "a;b"),
    "names behind a hash": ("#a,b\n1,2\n3,4", "a;b"),
    "a title": ("Sales of 2020\n\na,b\n1,2\n3,4", "a;b"),
    "a title of Excel": ("Sales,,\na,b,c\n1,2,x\n3,4,y", "a;b"),
    "units below the names": ("a,b\ncm,kg\n1,2\n3,4", "a;b"),
    "types below the names": ("a\tb\nd\tc\n\tclass\n1\t2\n3\t4", "a;b"),
    "empty rows at the end": ("a,b\n1,2\n3,4\n,\n,,,\n\n", "a;b"),
    "delimiters at the end": ("a,b\n1,2,\n3,4,", "a;b"),
    "a name too many, empty": ("a,b,\n1,2\n3,4", "a;b"),
    "an index of pandas": (",a,b\n0,1,2\n1,3,4", "a;b"),
    "an index of pandas read again": ("Unnamed: 0,a,b\n7,1,2\n3,3,4", "a;b"),
    "row names of R": ('"","a","b"\n"x",1,2\n"y",3,4', "a;b"),
    "row names of write.table": ('"a" "b"\n"1" 1 2\n"2" 3 4', "a;b"),
    "aligned by spaces": ("    a    b\n  1.0    2\n  3.0\t  4  ", "a;b"),
    "years as names": ("name,1990,1991\nx,1,2\ny,3,4", "1990;1991"),
    "text and dates": ("day,who,a,b\n2020-01-31,x,1,2\n2020-02-28,y,3,4", "a;b"),
    "dates in words": ("day,a,b\n3 May 2020,1,2\nJan 2021,3,4", "a;b"),
    "an empty column": ("a,z,b\n1,,2\n3,NA,4", "a;b"),
}


@pytest.mark.parametrize(("text", "names"), TABLES.values(), ids=TABLES.keys())
def test_tables_are_found_among_what_stands_around_them(csv: Write, text: str, names: str) -> None:
    table = read_table(csv(text))
    assert ";".join((*table.features, table.target)) == names
    assert rows(table) == [(1, 2), (3, 4)]
    assert columns(csv(text), TableWish()).target == table.target


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("a;b\n1.250;2\n950;3", "1.250 is read as 1250; --decimal . reads 1.25"),
        ("a;b\n1,5;2\n3;4", "decimals have a comma"),
        ("a,b\n12 km,1\n7 km,$2", "units: a (km), b ($)"),
        ("a,b\n12 marbles,1\n7 marbles,2", "units: a (marbles)"),
        ("a,b\nTrue,1\nFalse,2", "true is 1 and false 0 in a"),
        (",a,b\n0,1,2\n1,3,4", "column1 only numbers the rows"),
        ("a,b\ncm,kg\n1,2\n3,4", "line 2 left out, since it holds no numbers: cm, kg"),
        ("Sales\na,b\n1,2\n3,4", "above the table, left out: Sales"),
        ("# a\n1 2\n3 4", "1 line of comment left out"),
        ("# a,b\n1,2\n3,4", "the names stand in a comment"),
        ("1,2\n3,4", "no row of names: the columns are numbered"),
        ("1,2,3\n4,1,2", "are 1, 2, 3 names? --skip-rows leaves their line out"),
        ("a,b\nyes,1\nno,2", "yes is 1 and no 0 in a"),
        ("a,b\n9007199254740993,1\n2,3", "9007199254740993 in a is rounded to 9007199254740992"),
        ("a,b\n1e-60,1\n2,3", "1e-60 is 0 in float32: --dtype float64 keeps it"),
        ("a,b,c\n1,2,1.2K\n3,4,1M", "c is left out: several units: K, M"),
        ("a;b\n" + "1;2\n" * 30_000 + "1,250;2", "1,250 is read as 1250; --decimal , reads 1.25"),
        (
            "a b\n1 234 567\n2 456 789",
            "the first column has no name: do spaces stand between thousands?",
        ),
        ("a,a,b\n1,2,3\n2,3,4", "names that look alike are numbered: a column2"),
        ("d,a,b\n1/2/2020,2,3\n3/2/2020,3,4", "dates are no numbers: d"),
        ("d,a,b\n5 Jan,2,3\n6 Jan,3,4", "dates are no numbers: d"),
        ("a,b,c\n" + "1,2,3\n1,2,x\n" * 9, "numbers and text stand in c"),
        ("a;b\n" + "1;2\n" * 30_000 + "1.250;2", "1.250 is read as 1.25; --decimal , reads 1250"),
        ("a,b\n" + "1,2\n" * 30_000 + "# end\n3,4", "1 line of comment left out"),
        (
            "a,b\n1,4,19\n2,7,23",
            "the first column has no name: are decimal commas between the commas?",
        ),
        ("a,b\n1,2\n2,-9999\n3,4\n4,7", "-9999 stands in b, far from all else: --missing -9999?"),
        ("a,b\n1,2\n2,-99.9\n3,4\n4,7", "-99.9 stands in b, far from all else: --missing -99.9?"),
        (
            "a,b\n1,2\n2,-200\n3,4\n4,-200\n5,7",
            "-200 stands in b, far from all else: --missing -200?",
        ),
        ("a,b\n1,2\n2,1e20\n3,4\n4,7", "1e20 stands in b, far from all else: --missing 1e20?"),
        ("a,b\n1,.\n1,2\n,4\n3,5", "missing in dropped rows: 1 of b, 1 of a"),
    ],
)
def test_what_was_chosen_or_left_out_is_said(csv: Write, text: str, note: str) -> None:
    assert note in read_table(csv(text), TableWish(missing="drop")).notes


CHOICES: list[tuple[str, dict[str, Any], list[tuple[float, ...]]]] = [
    ("a;b\n1.250;2\n950;3", {"decimal": "."}, [(1.25, 2), (950, 3)]),
    ("a;b\n1.250;2\n2;3", {"decimal": ","}, [(1250, 2), (2, 3)]),
    ("a,b\n-999,1\n2,-999.0\n3,4\nnone given,5", {"missing_values": ("-999", "None given")},
     [(3, 4)]),
    ("a;b\n-9,9;1\n2,5;2\n3,5;4", {"missing_values": ("-9,9",)}, [(2.5, 2), (3.5, 4)]),
    ("x\ny y\n1,2,3\na,b\n1,2\n3,4", {"skip_rows": 3}, [(1, 2), (3, 4)]),
    ("words\n" * 3000 + "a,b\n1,2\n3,4", {"skip_rows": 3000}, [(1, 2), (3, 4)]),
    ('"a, per b",b\n1,2', {"features": ("a", "per b")}, [(1, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "choice", "numbers"), CHOICES)
def test_what_is_found_can_be_said_otherwise_and_is_kept(
    csv: Write, text: str, choice: dict[str, Any], numbers: list[tuple[float, ...]]
) -> None:
    table = read_table(csv(text), TableWish(missing="drop", **choice))
    assert rows(table) == numbers  # read again, with another dtype


def test_a_number_that_is_said_to_be_missing_is_not_told_again(csv: Write) -> None:
    path = csv("a,b\n1,2\n2,-9999\n3,4\n4,7\n5,99")
    assert read_table(path, TableWish(missing="drop", missing_values=("-9999",))).notes[:-1] == (
        "99 stands in b, far from all else: --missing 99?",
    )


def test_a_value_that_was_said_to_be_missing_and_is_nowhere_is_told(csv: Write) -> None:
    path = csv("name,x,y\n-7,1,2\nb,-99.0,Gone\nc,3,4\nd,5,6")
    wish = TableWish(missing="drop", missing_values=("-99", "gone ", "-7", "a,b"))
    assert read_table(path, wish).notes == (
        "missing in dropped rows: 1 of x",
        '--missing names -7, "a,b", which no column in use holds',
    )
    assert read_table(csv("x,y\n1,2\n"), TableWish(missing_values=("-9", " "))).notes == (
        "--missing names -9, which no column in use holds",
    )


def test_what_means_that_nothing_is_known(csv: Write) -> None:
    missing = ("", "NA", ".", ".b", "?", "-", "..", "#N/A", "#DIV/0!", "NULL", "<NA>")
    lines = [f"{word},3\n3,4\n5,6" for word in missing]
    table = read_table(csv("\n".join(("a,b", *lines))), TableWish(missing="drop"))
    assert (table.points, table.dropped) == (22, 11)


def zipped(name: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, "a,b\n1,2\n")
    return archive.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_read(csv: Write, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"a,b\n1,2\n3,4\n")
    assert rows(read_table(csv(packed))) == [(1, 2), (3, 4)]
    with pytest.raises(TableError, match=r"points\.csv is damaged, or was cut"):
        read_table(csv(packed[:-9]))


@pytest.mark.parametrize("end", [bytes(8), gzip.compress(b"a,b\n")[-8:] + b"garbage"])
def test_a_packed_file_with_another_end_is_damaged(csv: Write, end: bytes) -> None:
    with pytest.raises(TableError, match=r"points\.csv is damaged, or was cut"):
        read_table(csv(gzip.compress(b"a,b\n1,2\n3,4\n")[:-8] + end))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped("xl/workbook.xml"), "is an Excel workbook: save its sheet as CSV"),
        (zipped("points.csv"), "is a zip archive: unzip -p points.csv | linreg-tui train --data -"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "is an Excel workbook"),
        (b"PAR1" + bytes(99), "is a Parquet file"),
        (b"\x93NUMPY" + bytes(99), "is a NumPy array"),
        (zipped("arr_0.npy"), 'is a NumPy archive: np.savetxt("data.csv", np.load("points'),
        (zipped("model/data.pkl"), "is a file of torch.save"),
        (gzip.compress(b"X\n\0\0\0\x03" + bytes(99), mtime=0), "is R's own format"),
        (b"MATLAB 5.0 MAT-file" + bytes(99), "is a MATLAB file"),
        (b'[{"a": 1, "b": 2}]', "is JSON: pandas makes a CSV file of it: read_json"),
        (b'\n{"a": [1, 2]}', "is JSON"),
        (b"<!DOCTYPE html>\n<html>", "is a web page (HTML), not the data"),
        (b"<?xml version='1.0'?>", "is XML"),
        (b"version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer"),
        (b"% x\n@RELATION r\n@DATA\n1,2", "is an ARFF file: --skip-rows 3 leaves out"),
        (b"a,b\n1,5,2,5\n1,6,2,6", ":2: 4 fields where 2 are expected; are decimal commas between"),
        (b'a,b\n1,2\n3,"4\n5,6\n', ":3: a quote is opened and never closed"),
        (b'a,b,c\n"x,1,2\n"y",3,4\n', ":2: a quote is opened and never closed"),
        (b"a:b\n1:2\n", "are columns apart by : here? A first line sep=: says so"),
        (b'a,"b\n1,2\n3,4\n5,6\n', ":1: a quote is opened and never closed"),
        (b"a,b\n1,2\n3,4\n1,2\n3,4\nme", ":6: 1 field where 2 are expected"),
        (b"a,b\n$1.2K,1\n$3.4M,2", "has only b; a holds several units: $K, $M"),
        (b"a,b\n12 km,1\n7,2", "has only b; a holds units in some cells: km"),
        (b"a,b\n12%,1\n0.07,2", ':3: column "a": "0.07" has no %, as the others have'),
        ("a,b\n1½,1\n2½,2".encode(), "has only b; a holds text"),
        ("a,b\n10²,1\n20²,2".encode(), "has only b; a holds text"),
        (b"a,b\n" + b"12 km,1\n" * 20 + b"7 mi,2", '"7 mi" is in mi, the others in km'),
        (b"a,b\n12 km,1\n7 mi,2", "has only b; a holds several units: km, mi"),
        (b"a,b\n1a,1\n2b,2\n3c,3\n4d,4\n5e,5", "has only b; a holds text"),
        ("a,b\n1.5±0.2,1\n2±0.1,2".encode(), 'has only b; a holds text, as "1.5±0.2"'),
        (b"a,b\n" + b"1,2\n" * 9 + b"k.A.,4", '"k.A." is not a number; --missing k.A. if nothing'),
        (b"a b\n1 2 # one\n3 4\n5 6", "; is the rest behind # a comment?"),
        (b"a,b\n1,2\n<<<<<<< HEAD\n3,4\n5,6", ":3: 1 field where 2 are expected: a conflict"),
        (b"a & b \\\\ \\hline\n1 & 2 \\\\\n3 & 4 \\\\\n", "points.csv is LaTeX: grep"),
        (b"a,b\n" + b"1" * 5000 + b",1\n2,3\n3,4", "111… is not finite"),
        (b"n," + b"1" * 5000 + b",1991\nx,1,2\ny,3,4", ':1: column "column2": 111'),
        (b"a,b\n0x1F,1\n0x2,2", "has only b; a holds text"),
        (b"d,b\n2020-01-01,1\n2020-01-02,2", "has only b; d holds dates"),
        (b"a;b\n" + b"1,5;2\n" * 20 + b"1.5;2", '"1.5" is not a number where decimals have ,'),
        (b"# nothing\n# else", "has only comments"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_called_by_its_name(csv: Write, content: bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(csv(content), TableWish(missing="drop"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_long_names_beyond_the_sample_are_found(csv: Write) -> None:
    names = [f"{'a long name ' * 14}{i}" for i in range(2000)]
    lines = [",".join(names), *(",".join(str(i * j) for i in range(2000)) for j in range(3))]
    table = read_table(
        csv("\n".join(lines)), TableWish(target=names[1999], features=(names[7], names[3]))
    )
    assert rows(table) == [(7 * j, 3 * j, 1999 * j) for j in range(3)]


def test_a_per_cent_sign_may_begin_a_name(csv: Write) -> None:
    table = read_table(csv("% fat,b\n1,2\n3,4"))
    assert (table.features, table.notes) == (("% fat",), ())


def test_a_name_may_begin_as_another_kind_of_file_does(csv: Write) -> None:
    assert read_table(csv("FEA1,RDX\n1,2\n3,4")).features == ("FEA1",)
    assert read_table(csv("ORC,RDX\n1,2\n3,4")).features == ("ORC",)


def test_windows_and_old_macintosh_text(csv: Write) -> None:
    assert read_table(csv("größe;länge\r1,5;2\r3;4", "cp1252")).features == ("größe",)


def test_spaces_may_stand_behind_a_quoted_cell_of_two_lines(csv: Write) -> None:
    assert rows(read_table(csv('n,a,b\n"x\ny" ,1,2\n"z",3,4\n'))) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("names", ["name,a,b", '"' + "my\n" * 1500 + '",a,b'])
@pytest.mark.parametrize("lines", [1000, 12_000])
def test_a_quoted_cell_may_be_longer_than_the_sample(csv: Write, names: str, lines: int) -> None:
    text = f'{names}\n"' + "x,7\n" * lines + '",1,2\n' + "y,3,4\n" * 1500
    table = read_table(csv(text))
    assert (table.features, table.target) == (("a",), "b")
    assert rows(table) == [(1, 2)] + [(3, 4)] * 1500


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (1500, ":2: a quote is opened and never closed"),
        (60_000, ":2: a cell longer than 131,072 characters; is a quote open?"),
    ],
)
def test_a_quote_that_takes_the_whole_sample_is_named(csv: Write, lines: int, message: str) -> None:
    with pytest.raises(TableError, match=re.escape(message)):
        read_table(csv('name,a,b\n"oops,1,2\n' + "x,1,2\n" * lines))


def test_a_quote_within_a_cell_opens_none(csv: Write) -> None:
    assert rows(read_table(csv('size 5",a,b\n' + "x,1,2\n" * 1500)))[-1] == (1, 2)
