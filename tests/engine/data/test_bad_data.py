"""Data that nothing can be learned from are refused in one line, which says where they stand."""

from __future__ import annotations

import pytest

from engine.data.csv_blocks import BATCH
from engine.data.source import FEATURES_LIMIT, TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from engine.data.text_lines import LINE_LIMIT
from tests.engine.data.conftest import Write, rows


def test_a_quoted_cell_may_go_over_lines_and_errors_still_name_the_line(csv: Write) -> None:
    text = 'note,x,y\n"one\ntwo\r\nthree",1,2\n"a ""quoted"" word",3,4\n\nlast,5,abc\n'
    with pytest.raises(TableError) as caught:
        read_table(csv(text), TableWish(target="y"))
    assert str(caught.value) == 'points.csv:7: column "y": "abc" is not a number'


@pytest.mark.parametrize("line", [2, BATCH + 1, BATCH + 2, 3 * BATCH + 17])
def test_a_text_among_numbers_is_named_with_line_and_column(csv: Write, line: int) -> None:
    lines = ["x,y", *["1,2"] * 4 * BATCH]
    lines[line - 1] = "1,abc"
    with pytest.raises(TableError) as caught:
        read_table(csv("\n".join(lines)))
    assert str(caught.value) == f'points.csv:{line}: column "y": "abc" is not a number'


MANY = "\n1,2" * 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "points.csv is empty"),
        ("\n \n", "points.csv is empty"),
        ("x,y\n", "points.csv has a header but no rows"),
        (",,,\n,,,\n", "points.csv holds only empty cells"),
        ("Not found\n", "points.csv has a header but no rows"),
        ("Denied\n", "points.csv needs two columns of numbers, for x and y, and has none; "
         'all it says is "Denied"'),
        ("\0" * 99, "points.csv is no text, but NUL bytes: was it written to its end?"),
        (f"x,y{MANY}\n" + "\0" * 99, "points.csv:7: 1 field where 2 are expected, and NUL bytes: "
         "was the file cut?"),
        (f"x,y{MANY * 99}\n" + "\0" * 5_000_000, "points.csv has a line that is longer than "
         f"{LINE_LIMIT:,} bytes, and NUL bytes: was the file cut?"),
        ("x,z,y\n,,1\n,,2\n", "points.csv needs two columns of numbers, for x and y, and has "
         "only y; x, z hold nothing"),
        ("x,y\n" + ",2\n" * 1500 + "1,2\n", "points.csv needs two columns of numbers, for x and y, "
         "and has only y; x holds nothing in the first 999 rows: --features takes what is further "
         "below"),
        ('"x\ty"\n"1\t2"\n', "points.csv needs two columns of numbers, for x and y, and has "
         "none; are whole rows in quotes here, with a tab between columns?"),
        ('"x,y"\n"1,2"\n"3,4"', "points.csv needs two columns of numbers, for x and y, and has "
         'only "x,y"; are whole rows in quotes here, with , between columns?'),
        ("step=1 loss=0.5\nstep=2 loss=0.4\n", "points.csv needs two columns of numbers, for x and "
         "y, and has none; keys stand before the values: sed 's/[^ ,;]*=//g' points.csv | "
         "linreg-tui train --data -"),
        ("y\n1\n2\n", "points.csv needs two columns of numbers, for x and y, and has only y"),
        ("a,b\nc,d\n", "points.csv needs two columns of numbers, for x and y, and has none; "
         'a holds text, as "c"; b holds text, as "d"'),
        (f"x,y{MANY}\n1", "points.csv:7: 1 field where 2 are expected"),
        (f"x,y{MANY}\n1,2,3", "points.csv:7: 3 fields where 2 are expected"),
        (f"x,y{MANY}\n1,1_000", 'points.csv:7: column "y": "1_000" is not a number'),
        (f"x,y{MANY}\n1,١", 'points.csv:7: column "y": "١" is not a number'),
        (f"x,y{MANY}\n1,2\0", 'points.csv:7: column "y": "2�" is not a number, '
         "but holds a NUL byte"),
        (f"x,y{MANY}\n1,\x1b]52;c;", 'points.csv:7: column "y": "�]52;c;" is not a number'),
        (f"x,y{MANY}\n1," + "z" * 99, f'points.csv:7: column "y": "{"z" * 40}…" is not a number'),
        (f"x,y{MANY}\n1,inf", 'points.csv:7: column "y": inf is not finite; '
         "--missing=inf --drop-missing leaves its row out"),
        (f"x,y{MANY}\n1,1e999", 'points.csv:7: column "y": 1e999 is not finite; '
         "--missing=1e999 --drop-missing leaves its row out"),
        (f"x,y{MANY}\n1,1e308", 'points.csv:7: column "y": 1e308 is too large for float32; '
         "--dtype float64 holds it"),
        (f"x,y{MANY}\n,2\n1,NA", 'points.csv:7: column "x" has no number; '
         "2 rows have a missing number: --drop-missing leaves such rows out"),
        (f'x,y{MANY}\n"1,2{MANY * 10000}', "points.csv:7: a cell longer than "
         "131,072 characters; is a quote open?"),
        ("x" * 2**20, "points.csv holds a cell longer than 131,072 characters"),
        ("1" * (LINE_LIMIT + 2**17), f"points.csv has a line that is longer than "
         f"{LINE_LIMIT:,} bytes"),
        (",".join("123456789"[i % 9] for i in range(500)),
         f"points.csv has 499 features; choose at most {FEATURES_LIMIT} "
         "with --features A,B,…"),
    ],
)  # fmt: skip
def test_what_is_no_data_gives_one_line(csv: Write, content: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(csv(content))
    assert str(caught.value) == message


def test_rows_with_missing_numbers_are_dropped_by_choice_and_counted(csv: Write) -> None:
    path = csv("x,y,note\n1,2,\nNA,4,\n5,,\n7,nan,\n9,10,\n")
    with pytest.raises(TableError, match=r'points\.csv:3: column "x" has no number; 3 rows have'):
        read_table(path)
    table = read_table(path, TableWish(missing="drop"))
    assert (table.points, table.dropped, table.ignored) == (2, 3, ("note",))
    assert rows(table) == [(1, 2), (9, 10)]
    with pytest.raises(TableError, match="no row in which nothing is missing"):
        read_table(csv("x,y\n1,\n,2\n"), TableWish(target="y", features=("x",), missing="drop"))


def test_errors_below_lines_left_out_name_the_line_of_the_file(csv: Write) -> None:
    path = csv("words\n" * 3000 + "a,b\n1,2\n3,x\n5,6\n7,8\n")
    with pytest.raises(TableError, match=r'points\.csv:3003: column "b": "x" is not a number'):
        read_table(path, TableWish(skip_rows=3000))
    with pytest.raises(TableError, match=r"points\.csv has nothing below the 9,000 lines left out"):
        read_table(path, TableWish(skip_rows=9000))
