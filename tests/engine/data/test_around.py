"""What stands around a table is none of it: each left out, and said."""

from __future__ import annotations

import pytest

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from tests.engine.data.conftest import Write, rows

FOUR = "1,2\n3,4\n5,6\n7,9\n"
FOUND = [(1, 2), (3, 4), (5, 6), (7, 9)]

AROUND = {
    "a total": (f"a,b\n{FOUR}Total,21\n", "line 6 left out, since it sums up others: Total,21"),
    "a total behind a name": (
        "n,a,b\nx,1,2\ny,3,4\nz,5,6\nu,7,9\n\nGrand total:,16,21",
        "line 7 left out, since it sums up others: Grand total:,16,21",
    ),
    "a total above": (
        "n,a,b\nTotal,16,21\nx,1,2\ny,3,4\nz,5,6\nu,7,9\n",
        "line 2 left out, since it sums up others: Total 16 21",
    ),
    "a total behind a number": (
        "rownames,n,a,b\n1,x,1,2\n2,y,3,4\n3,z,5,6\n4,u,7,9\n5,Total,16,21\n",
        "line 6 left out, since it sums up others: 5,Total,16,21",
    ),
    "statistics": (
        f"a,b\n{FOUR}Mean,5\nMin,2\n",
        "line 7 left out, since it sums up others: Min,2",
    ),
    "a source": (
        f"a,b\n{FOUR}Source: me, 2020\n",
        "line 6 left out, below the table: Source: me, 2020",
    ),
    "a footnote": (f"a,b\n{FOUR}\n* not final", "line 7 left out, below the table: * not final"),
    "whose it is": (
        f"a,b\n{FOUR}____,\n© somebody, \n",
        "line 7 left out, below the table: © somebody,",
    ),
    "how many rows": (
        " a | b\n---+---\n 1 | 2\n 3 | 4\n 5 | 6\n 7 | 9\n(4 rows)\n",
        "line 7 left out, below the table: (4 rows)",
    ),
    "how many rows, in words": (
        "  a b\n--- -\n  1 2\n  3 4\n  5 6\n  7 9\n\n4 rows selected.\n",
        "line 8 left out, below the table: 4 rows selected.",
    ),
    "lines below the names": (
        f"a,b\n-,-\n{FOUR}\n(4 rows affected)\n",
        "line 8 left out, below the table: (4 rows affected)",
    ),
    "a frame": (
        "+---+---+---+\n| # | a | b |\n+---+---+---+\n| 1 | 1 | 2 |\n| 2 | 3 | 4 |\n| 3 | 5 | 6 |\n"
        "| 4 | 7 | 9 |\n+---+---+---+\n4 rows in set (0.01 sec)\n",
        "line 9 left out, below the table: 4 rows in set (0.01 sec)",
    ),
    "a box": (
        "┌───┬───┐\n│ a │ b │\n│ i │ i │\n├───┼───┤\n"
        "│ 1 │ 2 │\n│ 3 │ 4 │\n│ 5 │ 6 │\n│ 7 │ 9 │\n└───┴───┘\n",
        "line 3 left out, since it holds no numbers: i, i",
    ),
    "a line beside names": (
        " Row │ a  b\n     │ I  I\n─────┼──────\n"
        "   1 │ 1  2\n   2 │ 3  4\n   3 │ 5  6\n   4 │ 7  9\n",
        "Row only numbers the rows",
    ),
    "the end of what PostgreSQL copies": (
        f"{FOUR}\\.\n",
        "line 5 left out, below the table: \\.",
    ),
    "an index that was kept twice": (
        "Unnamed: 0.1,Unnamed: 0,a,b\n0,0,1,2\n1,1,3,4\n2,2,5,6\n3,3,7,9\n",
        "Unnamed: 0 only numbers the rows",
    ),
    "an id behind all else": (
        "a,b,id\n1,2,1\n3,4,2\n5,6,3\n7,9,4\n",
        "id only numbers the rows",
    ),
    "settings of an instrument": (
        f"Model,X 20\nFirmware,v1\n\nInterval,0.1\na,b\n{FOUR}",
        "above the table, left out: Interval 0.1",
    ),
    "words of many widths": (
        "What was found\nby us in May of last year\na b\n1 2\n3 4\n5 6\n7 9",
        "above the table, left out: by us in May of last year",
    ),
    "names of groups": (
        f"G,G\na,b\n{FOUR}",
        "the names stand in lines 1 and 2",
    ),
    "the names again": (
        "a,b\n1,2\n3,4\na,b\n5,6\n7,9",
        "1 line with the names again left out",
    ),
    "a comment of another language": (
        "a,b\n1,2\n3,4\n// so far\n5,6\n7,9",
        "1 line of comment left out",
    ),
    "a comment with as many commas": (
        "a,b\n1,2\n3,4\n# so far, so good\n5,6\n7,9",
        "1 line of comment left out",
    ),
    "a row that was made a comment": (
        "a,b\n1,2\n3,4\n#3,5\n5,6\n7,9",
        "1 line of comment left out",
    ),
}


@pytest.mark.parametrize(("text", "note"), AROUND.values(), ids=AROUND.keys())
def test_what_is_none_of_the_table_is_left_out_and_said(csv: Write, text: str, note: str) -> None:
    table = read_table(csv(text))
    assert rows(table) == FOUND
    assert note in table.notes


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("n,a,b\nMen,1,2\nTotal,3,4\nMen,5,6\nTotal,7,8\n", 4),
        ("n,a,b\nJim,1,2\nEve,5,6\nMax,7,8\n", 3),
        ("n,a,b\nx,1,2\ny,5,6\n*z,7,8\n", 3),
        ("n,a,b\nSource A (x),1,2\nSource B (x),5,6\n", 2),
        ("n,a\n12 rows,1\n14 rows,2\n", 2),
    ],
    ids=["a value of a column", "a name of somebody", "a mark before a name", "sources", "a unit"],
)
def test_what_may_be_a_row_stays_one(csv: Write, text: str, points: int) -> None:
    assert read_table(csv(text)).points == points


def test_a_total_below_many_rows_is_found(csv: Write) -> None:
    text = "n,a,b\n" + "x,1,2\n" * 70_000 + "Total,70000,140000\n"
    table = read_table(csv(text))
    assert (table.points, table.notes) == (
        70_000,
        ("line 70,002 left out, since it sums up others: Total,70000,140000",),
    )


def test_a_row_that_happens_to_count_is_one(csv: Write) -> None:
    assert rows(read_table(csv("1,2,3\n4,1,2"))) == [(1, 2, 3), (4, 1, 2)]


NUMBERS = {
    "Hive's delimiter": ("n\x01a\x01b\nx, y\x011\x012\nz\x013\x014", [(1, 2), (3, 4)]),
    "separators of units": ("a\x1fb\n1\x1f2\n3\x1f4", [(1, 2), (3, 4)]),
    "separators of records": (",b\n1\x1e,2\x1e\n3\x1e,4\x1e", [(1, 2), (3, 4)]),
    "lines drawn between commas": ("a,b\n---,---\n1,2\n3,4", [(1, 2), (3, 4)]),
    "the longest dash for a minus": ("a,b\n—1,2\n3,—4.5", [(-1, 2), (3, -4.5)]),
    "bars between decimal commas": (
        "-1,5|x|2,25\n-3,0|y|4,5\n-2,5|x|3,5",
        [(-1.5, 2.25), (-3, 4.5), (-2.5, 3.5)],
    ),
    "spaces that do not break": ("a b\n1\u00a0234 2\n5\u202f678 3", [(1234, 2), (5678, 3)]),
    "streets": ("n,a,b\n12 Main St,1,2\n14 Main St,3,4", [(1, 2), (3, 4)]),
    "one row with commas": ("94,5 4.032,75", [(94.5, 4032.75)]),
}


@pytest.mark.parametrize(("text", "numbers"), NUMBERS.values(), ids=NUMBERS.keys())
def test_marks_within_numbers_separate_nothing(
    csv: Write, text: str, numbers: list[tuple[float, ...]]
) -> None:
    assert rows(read_table(csv(text))) == numbers


def test_totals_between_rows_are_asked_about(csv: Write) -> None:
    table = read_table(csv("n,a,b\nx,1,2\nN total,1,2\ny,5,6\nS total,5,6\n"))
    assert table.notes == ('"N total" in 2 rows of n: are they sums of others?',)


def test_statistics_alone_are_no_rows(csv: Write) -> None:
    with pytest.raises(TableError, match="holds sums and means, not the rows that they are of"):
        read_table(csv(",a,b\ncount,9,9\nmean,1,2\nstd,3,4\n50%,1,2\n"))


NAMES = {
    "a title of as many words": ("What now\na\tb\n1\t2\n3\t4", "a;b"),
    "a title with a number": ("In 2020\na b\n1 2\n3 4\n5 6", "a;b"),
    "no names above units": ("5 km,$1\n6 km,$2\n7 km,$4", "column1;column2"),
    "no names above truth": ("5,TRUE\n6,FALSE\n7,TRUE", "column1;column2"),
    "shares as names": ("n,5%,95%\nx,1,2\ny,3,4", "5%;95%"),
    "what people number rows by": ("PassengerId,a,b\n1,5,2\n2,3,3\n3,4,9", "a;b"),
    "unless nothing else is there": ("id,b\n1,5\n2,3\n3,4", "id;b"),
    "an id that does not count": ("id,a,b\n7,5,2\n2,3,3\n3,4,9", "id;a;b"),
    "columns counted by pandas": (",0,1\n0,1.5,2\n1,3,4", "0;1"),
    "names of R above a title": ("Cars\n a b\n1 4 2\n2 7 9\n3 1 2", "a;b"),
    "lines within a name": ('"a\n(cm)",b\n1,2\n3,4', "a (cm);b"),
    "names in apostrophes": ("'a','b'\n'1','2'\n'3','4'", "a;b"),
    "empty columns at the end": ("a,b,,,,\n1,2,,,,\n3,4,,,,\n5,6,,,,", "a;b"),
    "lines drawn around": (
        "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n| 3 | 4 |\n+---+---+",
        "a;b",
    ),
    "the name of an index in a row": ("d,a,b\nk,x,x\nday,,\n2020-01-01,1,2\n2020-01-02,3,4", "a;b"),
    "what scikit-learn counts above": ("3,2,yes\n1,5,2\n3,3,4\n5,1,6", "column1;column2;column3"),
    "names of pandas in two rows": (
        ",m,m,b\n,a,b,c\ng,,,\n0,1,2,3\n1,2,4,5\n2,3,5,9",
        "m a;m b;b c",
    ),
    "years without a name": (",b\n1990,5\n1991,6\n1992,9", "column1;b"),
    "answers that few gave": ("a,b,c\n1,2,\n3,4,no\n5,6,yes\n6,7,\n8,9,", "a;b"),
    "numbers of rows without names": (
        "\n".join(f"{i},{i * i % 7}.5,{i * i % 5}" for i in range(1, 13)),
        "column2;column3",
    ),
    "which may be all there is": (
        "\n".join(f"{i},{i * i % 7}.5" for i in range(1, 13)),
        "column1;column2",
    ),
    "years beside more": (",a,b\n1990,5,1\n1991,6,4\n1992,9,3", "a;b"),
    "days in digits": ("d,a,b\n20200131,1,2\n20200201,3,4", "a;b"),
    "no days in digits": ("d,a,b\n20200131,1,2\n20200232,3,4", "d;a;b"),
    "keys": ("k,a,b\n2016A0011124,1,2\n2017A0011124,3,4", "a;b"),
    "two marks of the encoding": ("\ufeff\ufeffa,b\n1,2\n3,4", "a;b"),
    "no quote in a comment": ('# "x\n# a,b\na,b\n1,2\n3,4', "a;b"),
}


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES.keys())
def test_columns_are_found_with_their_names(csv: Write, text: str, names: str) -> None:
    table = read_table(csv(text))
    assert ";".join((*table.features, table.target)) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1.5,2,9\n2.5,4,5\n", ":2: 3 fields where the header has 2; are decimal commas"),
        ("a,b\n1,2,\n2,4,5\n3,5,\n", ":3: 3 fields where 2 are expected"),
        ("x,y\n1 2,1\n3 4,2\n5 6,5\n", "has only y; x holds text"),
        ("a b c\n1 2 3\n1 2\n2 3 5\n", "where spaces separate, no cell can be empty or hold one"),
        (
            'x,s,y\n1,T,1\n2,F,2\n3,T,03\nx,y\n"1,234[]",2\n"6,000",4\n"7,1.2.3.4000",8\n',
            '"7,1.2.3.4000" is not a number',
        ),
        ("x,y\n1,2\n3,4 # so far\n5,6\n", '"4 # so far" is not a number; is the rest behind # a'),
        ("x,y\n1,2\n#ERROR!,4\n5,6\n7,8", '"#ERROR!" is not a number; --missing'),
        ('n,x,y\n"a \\"b, c\\"",1,2\n"d",3,4\ne,5,6', ":2: 4 fields where 3 are expected; a quote"),
        ("x,y\n1,10*\n2,21\n3,29\n4,40\n", ':2: column "y": "10*" is not a number'),
    ],
)
def test_a_row_that_is_wrong_is_not_taken_for_what_stands_around(
    csv: Write, text: str, message: str
) -> None:
    with pytest.raises(TableError) as caught:
        read_table(csv(text), TableWish(missing="drop"))
    assert message in str(caught.value)


PEOPLE = """NAME      HEIGHT WEIGHT
Ann Lee      170     60
Bob          165       
Cy de W      180     80
"""  # noqa: W291
CARS = """              mpg  wt
Mazda RX4    21.0 2.5
Mazda RX4 W  21.5 2.8
Datsun       22.0 2.2
"""
MORE = PEOPLE + "Eve Lee      170     60\n" * 1000

FIXED = {
    "empty cells and spaces within": (PEOPLE, [(170, 60), (180, 80)]),
    "a title and a footnote": (
        f"The heights of three people\n\n{PEOPLE}\nMeasured by somebody else\n",
        [(170, 60), (180, 80)],
    ),
    "as R prints names": (CARS, [(21, 2.5), (21.5, 2.8), (22, 2.2)]),
    "wider ones further below": (
        f"{MORE}Dan         1170     60\n",
        [(170, 60), (180, 80), *[(170, 60)] * 1000, (1170, 60)],
    ),
}


@pytest.mark.parametrize(("text", "numbers"), FIXED.values(), ids=FIXED.keys())
def test_columns_of_fixed_width_are_read_by_their_places(
    csv: Write, text: str, numbers: list[tuple[float, ...]]
) -> None:
    table = read_table(csv(text), TableWish(missing="drop"))
    assert "columns of fixed width" in table.notes
    assert rows(table) == numbers


def test_what_stands_across_columns_of_fixed_width_is_refused(csv: Write) -> None:
    with pytest.raises(TableError, match=r"points\.csv:1005: 1 field where 3 are expected"):
        read_table(csv(f"{MORE}Dan from Utah1170     60\n"), TableWish(missing="drop"))
