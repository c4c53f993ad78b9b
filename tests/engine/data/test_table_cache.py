from __future__ import annotations

import io
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.csv_layout import LINE_LIMIT, TableError
from engine.data.csv_reader import BATCH, ReadCancelledError
from engine.data.source import FEATURES_LIMIT, Table
from engine.data.table_cache import columns, read_table
from engine.training.advance import advance, begin
from engine.training.closed_form import theory
from engine.training.dataset import dataset, points, start
from engine.training.descent import steps
from engine.training.problem import Problem, original_units
from tests.engine.training.by_hand import train

Write = Callable[..., Path]


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    """Writes text or bytes to points.csv."""

    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "points.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def rows(table: Table) -> list[tuple[float, ...]]:
    """The features, then the target, of every row."""
    data = dataset(Problem(table, dtype="float64"))
    return [tuple(row) for row in torch.cat([data.x, data.y], 1).tolist()]


def test_the_last_column_of_numbers_is_learned_from_all_others(csv: Write) -> None:
    path = csv("name,x1,x2,y\nfirst,1,2,3\nsecond,4,5,6\n")
    table = read_table(path)
    assert (table.features, table.target, table.ignored) == (("x1", "x2"), "y", ("name",))
    assert (table.points, Problem(table).points, Problem(table).features) == (2, 2, 2)
    assert rows(table) == [(1, 2, 3), (4, 5, 6)]


def test_columns_are_chosen_by_name_in_the_order_asked_for(csv: Write) -> None:
    path = csv("a,b,c\n1,2,3\n4,5,6\n")
    assert rows(read_table(path, target="a", features=("c", "b"))) == [(3, 2, 1), (6, 5, 4)]
    assert read_table(path, target="b").features == ("a", "c")
    assert read_table(path, features=("c",)).target == "b"


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
    assert table.ignored == ("stra�e",)
    assert rows(table) == [(1, 2)]


def test_without_a_header_columns_are_numbered(csv: Write) -> None:
    table = read_table(csv("1,2\n3,4\n"))
    assert (table.features, table.target) == (("column1",), "column2")
    assert rows(table) == [(1, 2), (3, 4)]


def test_names_are_made_different_and_fit_to_show(csv: Write) -> None:
    table = read_table(csv("x,x,,\x1b[2J\u202e,y\n1,2,3,4,5\n"))
    assert table.features == ("x", "x column2", "column3", "�[2J�")


def test_columns_can_be_looked_at_without_reading_the_file(csv: Write) -> None:
    path = csv("name,x1,x2,y\nfirst,1,2,3\n" + "second,4,5,6\n" * 100_000 + "third,7,8,oops\n")
    found = columns(path)
    assert found.names == ("name", "x1", "x2", "y")
    assert (found.target, found.features) == ("y", ("x1", "x2"))
    assert columns(path, target="x1", features=("y",)).target == "x1"
    with pytest.raises(TableError, match='no column "x3"; it has name, x1, x2, y'):
        columns(path, features=("x3",))


def test_whether_there_is_a_header_can_be_said(csv: Write) -> None:
    path = csv("2020,2021\n1,2\n3,4\n")
    assert read_table(path).points == 3
    table = read_table(path, header=True)
    assert (table.points, table.target) == (2, "2021")
    assert rows(table) == [(1, 2), (3, 4)]
    with pytest.raises(TableError, match=r'points\.csv:1: column "column1": "x" is not a number'):
        read_table(csv("x,y\n1,2\n"), header=False)


def test_a_quoted_cell_may_go_over_lines_and_errors_still_name_the_line(csv: Write) -> None:
    text = 'note,x,y\n"one\ntwo\r\nthree",1,2\n"a ""quoted"" word",3,4\n\nlast,5,abc\n'
    with pytest.raises(TableError) as caught:
        read_table(csv(text), target="y")
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
        ("x,y\n", "points.csv needs two columns of numbers, for x and y, and has none"),
        ("y\n1\n2\n", "points.csv needs two columns of numbers, for x and y, and has only y"),
        ("a,b\nc,d\n", "points.csv needs two columns of numbers, for x and y, and has none"),
        (f"x,y{MANY}\n1", "points.csv:7: 1 columns where 2 are expected"),
        (f"x,y{MANY}\n1,2,3", "points.csv:7: 3 columns where 2 are expected"),
        (f"x,y{MANY}\n1,1_000", 'points.csv:7: column "y": "1_000" is not a number'),
        (f"x,y{MANY}\n1,١", 'points.csv:7: column "y": "١" is not a number'),
        (f"x,y{MANY}\n1,2\0", 'points.csv:7: column "y": "2�" is not a number'),
        (f"x,y{MANY}\n1,\x1b]52;c;", 'points.csv:7: column "y": "�]52;c;" is not a number'),
        (f"x,y{MANY}\n1," + "z" * 99, f'points.csv:7: column "y": "{"z" * 40}…" is not a number'),
        (f"x,y{MANY}\n1,inf", 'points.csv:7: column "y": inf is not finite'),
        (f"x,y{MANY}\n1,1e999", 'points.csv:7: column "y": 1e999 is not finite'),
        (f"x,y{MANY}\n1,1e308", 'points.csv:7: column "y": 1e308 is too large for float32'),
        (f"x,y{MANY}\n,2\n1,NA", 'points.csv:7: column "x" is missing; '
         "2 rows have a missing number"),
        (f'x,y{MANY}\n"1,2{MANY * 10000}', "points.csv:32775: a cell is longer than "
         "131,072 characters; is a quote open?"),
        ("x" * 2**20, "points.csv holds a cell longer than 131,072 characters"),
        ("1" * (LINE_LIMIT + 2**17), f"points.csv has a line that is longer than "
         f"{LINE_LIMIT:,} bytes"),
        (",".join("123456789"[i % 9] for i in range(500)),
         f"points.csv has 499 features; choose at most {FEATURES_LIMIT}"),
    ],
)  # fmt: skip
def test_what_is_no_data_gives_one_line(csv: Write, content: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(csv(content))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"target": "weigth"}, 'points.csv has no column "weigth"; did you mean "weight"?'),
        ({"features": ("z",)}, 'points.csv has no column "z"; it has name, height, weight'),
        ({"target": "height", "features": ("height",)}, "a column of points.csv can be used only "
         "once"),
        ({"target": "name"}, 'points.csv:2: column "name": "first" is not a number'),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_used(csv: Write, choice: dict[str, Any], message: str) -> None:
    path = csv("name,height,weight\nfirst,1,2\nsecond,3,4\n")
    with pytest.raises(TableError) as caught:
        read_table(path, **choice)
    assert str(caught.value) == message


def test_rows_with_missing_numbers_are_dropped_by_choice_and_counted(csv: Write) -> None:
    path = csv("x,y,note\n1,2,\nNA,4,\n5,,\n7,nan,\n9,10,\n")
    with pytest.raises(TableError, match=r'points\.csv:3: column "x" is missing; 3 rows have'):
        read_table(path)
    table = read_table(path, missing="drop")
    assert (table.points, table.dropped, table.ignored) == (2, 3, ("note",))
    assert rows(table) == [(1, 2), (9, 10)]
    with pytest.raises(TableError, match="no row in which nothing is missing"):
        read_table(csv("x,y\n1,\n,2\n"), target="y", features=("x",), missing="drop")


def test_a_file_that_is_not_there_or_no_file_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"^cannot read none\.csv: No such file or directory$"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="Is a directory"):
        read_table(tmp_path)
    with pytest.raises(TableError, match=r"^cannot read /: Is a directory$"):
        read_table("/")


@pytest.mark.parametrize("name", ["a\0b.csv", "\ud800.csv"])
def test_a_name_that_no_file_can_have_gives_one_line(name: str) -> None:
    with pytest.raises(TableError, match="no file can have this name"):
        read_table(name)


def test_a_file_that_is_cut_while_it_is_read_is_no_smaller_table(csv: Write) -> None:
    path = csv("x,y\n" + "1,2\n" * 50_000)
    whole = path.stat().st_size
    with pytest.raises(TableError, match=r"^points\.csv became shorter while it was read$"):
        read_table(path, progress=lambda done, total: os.truncate(path, whole - 4000))


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_it_goes(csv: Write) -> None:
    path = csv("x,y\n" + "1,2\n" * 50_000)
    end = path.stat().st_size

    def grow(done: int, total: int | None) -> None:
        if path.stat().st_size == end:
            with path.open("a") as file:
                file.write("3,4\n")

    assert read_table(path, progress=grow).points == 50_001


def test_one_row_trains(csv: Write) -> None:
    run = begin(Problem(read_table(csv("x,y\n1,2\n")), target=200, learning_rate=0.1))
    *_, last = advance(run)
    assert last.history.last is not None
    assert last.history.last.loss < 1e-10


def test_equal_x_train_and_are_known_to_be_singular(csv: Write) -> None:
    for standardise in (False, True):
        table = read_table(csv("x,y\n0.1,2\n0.1,3\n0.1,4\n"), standardise=standardise)
        problem = Problem(table, target=500, learning_rate=0.1)
        *_, last = advance(begin(problem))
        assert last.history.last is not None
        assert last.history.last.loss == pytest.approx(2 / 3, rel=1e-4)
        assert theory(problem).condition == math.inf


def test_numbers_too_large_for_float32_fit_float64(csv: Write) -> None:
    path = csv("x,y\n1,1e308\n2,3\n")
    assert rows(read_table(path, dtype="float64")) == [(1, 1e308), (2, 3)]
    with pytest.raises(TableError, match='column "x" spreads too far to be standardised'):
        read_table(csv("x,y\n1e308,1\n-1e308,3\n"), standardise=True, dtype="float64")


def test_standardised_features_have_mean_0_and_deviation_1_and_keep_their_digits(
    csv: Write,
) -> None:
    """Timestamps, of which float32 keeps no difference under two minutes."""
    chance = np.random.default_rng(0)
    times = 1.7e9 + chance.random(5000)
    text = "\n".join(f"{time!r},{i}" for i, time in enumerate(times.tolist()))
    table = read_table(csv("time,y\n" + text), standardise=True)
    x = dataset(Problem(table)).x
    expected = (times - times.mean()) / times.std()
    assert x.dtype == torch.float32
    np.testing.assert_allclose(x[:, 0].numpy(), expected, atol=1e-6)
    assert table.means == pytest.approx((times.mean(),), rel=1e-15)
    assert table.scales == pytest.approx((times.std(),), rel=1e-6)


def test_coefficients_are_shown_in_original_units(csv: Write) -> None:
    lines = [f"{10 * i},{i % 3},{2 * 10 * i - 5 * (i % 3) + 7}" for i in range(30)]
    table = read_table(csv("a,b,y\n" + "\n".join(lines)), standardise=True, dtype="float64")
    problem = Problem(table, dtype="float64", learning_rate=0.3, target=200)
    *_, last = advance(begin(problem))
    w, b = original_units(problem, last.state)
    assert w == pytest.approx((2, -5))
    assert b == pytest.approx(7)
    plain = replace(problem, source=read_table(csv("x,y\n1,2\n3,4\n")), start_w=(5.0,))
    assert original_units(plain, start(plain)) == ((5.0,), 0.0)


def test_training_on_a_table_equals_a_loop_written_by_hand(csv: Write) -> None:
    table = read_table(csv("a,b,y\n1,2,3\n2,-1,0\n0.5,4,1\n"), seed=3)
    problem = Problem(table, target=20)
    run = steps(problem, start(problem))
    assert [next(run).loss for _ in range(20)] == [row.loss for row in train(problem, 20)]


def test_the_start_of_w_comes_from_the_seed(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    with torch.random.fork_rng():
        torch.manual_seed(7)
        expected = torch.rand(1).item()
    assert start(Problem(read_table(path, seed=7))).w == (expected,)
    assert start(Problem(read_table(path, seed=8))).w != (expected,)


def test_a_table_is_small_hashable_and_equal_to_the_same_read_again(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    table = read_table(path)
    assert table == read_table(path)
    assert hash(table) == hash(read_table(path))
    assert table != read_table(csv("x,y\n1,2\n3,5\n"))
    assert dataset(Problem(table)) is dataset(Problem(table, learning_rate=7.0))


def test_numbers_are_read_again_where_they_are_not_in_memory(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    table = read_table(path)
    assert dataset(Problem(table, dtype="float64")).x.dtype == torch.float64
    other = read_table(path, seed=1)
    path.write_text("x,y\n1,2\n3,5\n")
    with pytest.raises(TableError, match="changed since it was read; open it anew"):
        dataset(Problem(other, dtype="float64"))
    path.unlink()
    with pytest.raises(TableError, match=r"cannot read points\.csv: No such file"):
        dataset(Problem(other, dtype="float64"))


def test_points_for_a_chart_come_from_a_table_too(csv: Write) -> None:
    shown = points(Problem(read_table(csv("x,y\n1,2\n3,4\n"))))
    assert (shown.x, shown.y, shown.total) == (((1.0,), (3.0,)), (2.0, 4.0), 2)


def test_progress_is_reported_and_reading_can_be_cancelled(csv: Write) -> None:
    path = csv("x,y\n" + "1,2\n" * 100_000)
    reported: list[tuple[int, int | None]] = []
    read_table(path, progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(reported) > 50
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)
    with pytest.raises(ReadCancelledError, match=r"reading points\.csv was cancelled"):
        read_table(path, cancelled=lambda: True)


def test_standard_input_is_read_once() -> None:
    code = """
from engine.data.table_cache import load, read_table
table = read_table("-")
print(load(table, "float32").y.tolist())
try:
    load(table, "float64")
except ValueError as error:
    print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", code], input="x,y\n1,2\n3,4\n", capture_output=True, text=True
    )
    assert found.stdout.splitlines() == [
        "[[2.0], [4.0]]",
        "what came by standard input cannot be read again",
    ]


def test_memory_stays_near_what_the_data_need(tmp_path: Path) -> None:
    """Ten columns of a million rows would take ten times as much as text cells."""
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + "0.123456789,-123.456\n" * 1_000_000)
    code = f"""
from resource import RUSAGE_SELF, getrusage
from engine.data.table_cache import load, read_table
before = getrusage(RUSAGE_SELF).ru_maxrss
table = read_table({str(path)!r}, standardise=True)
print(getrusage(RUSAGE_SELF).ru_maxrss - before)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unit = 1024 if sys.platform == "linux" else 1
    fixed = 8e6
    assert int(found.stdout) * unit < 2 * 8e6 + fixed


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
        return read_table(f"/dev/fd/{reading}", dtype="float64", missing="drop")
    finally:
        os.close(reading)
