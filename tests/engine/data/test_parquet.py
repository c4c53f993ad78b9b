"""Parquet files, where polars is installed, and how to get it where it is not."""

from __future__ import annotations

import io
import struct
import sys
from datetime import date
from pathlib import Path

import pytest

from engine.data.parquet_child import FAILED
from engine.data.parquet_process import ParquetProcess
from engine.data.source import TableError
from engine.data.table_cache import columns, read_table
from engine.data.table_wish import TableWish
from tests.engine.data.conftest import rows


def test_a_parquet_file_is_read_as_a_table(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame(
        {
            "day": [date(2020, 1, 1)] * 4,
            "who": list("abcd"),
            "x": [1, 2, None, -999],
            "sure": [True, False, True, True],
            "y": [1.5, 2.5, 3.5, 4.5],
        }
    ).write_parquet(path)
    assert columns(path, TableWish()).features == ("x", "sure")
    with pytest.raises(TableError, match=r'points\.parquet: row 3: column "x" has no number;'):
        read_table(path)
    table = read_table(path, TableWish(missing="drop", missing_values=("-999",)))
    assert rows(table) == [(1, 1, 1.5), (2, 0, 2.5)]
    assert (table.points, table.dropped, table.ignored) == (2, 2, ("day", "who"))
    assert table.notes == ("missing in dropped rows: 2 of x",)
    table = read_table(path, TableWish(missing="drop", missing_values=("-99", "none", "-999")))
    assert table.notes[1:] == ("--missing names -99, none, which no column in use holds",)
    polars.DataFrame({"x": [1.0, 2.0], "y": [3.0, 1e308]}).write_parquet(path)
    with pytest.raises(TableError, match=r'row 2: column "y" is too large for float32'):
        read_table(path)
    path.write_text("x,y\n")
    with pytest.raises(TableError, match=r"cannot read points\.parquet: .* text is read where"):
        read_table(path)
    path.write_bytes(b"ARROW1\0\0" + bytes(99))
    with pytest.raises(TableError, match=r"points\.parquet is a Feather file: pandas makes"):
        read_table(path)


def test_a_column_is_taken_by_its_place_whatever_its_name(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame({"x1": [1.0, 2.0], "^x.*$": [3.0, 4.0], "*": [5.0, 6.0]}).write_parquet(path)
    assert rows(read_table(path)) == [(1, 3, 5), (2, 4, 6)]


def test_a_file_that_goes_away_while_it_is_read_is_one_line(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}).write_parquet(path)
    with pytest.raises(TableError, match=r"cannot read points\.parquet: No such file"):
        read_table(path, progress=lambda *_: path.unlink())


def test_text_under_the_name_of_a_parquet_file_is_none(tmp_path: Path) -> None:
    pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    path.write_text("x,y\n1,2\n")
    with pytest.raises(TableError, match=r"cannot read points\.parquet: it is no Parquet file"):
        read_table(path)


def test_options_of_a_text_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    for wish, option in (
        (TableWish(skip_rows=1), "skip-rows"),
        (TableWish(decimal=","), "decimal"),
    ):
        with pytest.raises(TableError, match=rf"^p\.parquet is no text, which --{option} is for$"):
            read_table(tmp_path / "p.parquet", wish)


def test_a_file_that_was_cut_is_damaged(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TableError, match=r"^points\.parquet is damaged, or was cut: "):
        read_table(path)


ABOUT = b'{"names": ["x", "y"]}\n'
NUMBERS = struct.pack("<Q4d", 32, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"", "cannot read p.parquet: polars fails at it; is it damaged?"),
        (ABOUT[:-3], "cannot read p.parquet: polars fails at it; is it damaged?"),
        (b'{"error": "No such file"}\n', "cannot read p.parquet: No such file"),
        (ABOUT + NUMBERS, "cannot read p.parquet: polars fails at it; is it damaged?"),
        (ABOUT + NUMBERS[:-1], "cannot read p.parquet: polars fails at it; is it damaged?"),
        (
            ABOUT + NUMBERS + FAILED + b"parquet: File out of specification:\x1b bad\n\ndata",
            "cannot read p.parquet: parquet: File out of specification:� bad data",
        ),
        (
            ABOUT + NUMBERS + FAILED + b"parquet: File out of specification: bad",
            "p.parquet is damaged, or was cut: bad",
        ),
    ],
)
def test_polars_may_fail_anywhere_and_only_its_process_ends(said: bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        for block in ParquetProcess(io.BytesIO(), io.BytesIO(said), "p.parquet").blocks([0, 1]):
            assert block.tolist() == [[1, 2], [3, 4]]
    assert str(caught.value) == message


def test_without_polars_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(TableError, match=r"needs polars: pip install 'linreg-tui\[polars\]'"):
        read_table(tmp_path / "points.parquet")


PANDAS = '{"index_columns": ["g", "__index_level_1__"]}'


@pytest.mark.parametrize(
    ("columns", "pandas", "notes"),
    [
        (
            {"a": [1, 2], "b": [3, 4], "__index_level_0__": [7, 3]},
            "",
            ("__index_level_0__ is the index of pandas",),
        ),
        (
            {"a": [1, 2], "b": [3, 4], "g": [0.5, 1.5], "__index_level_1__": [1, 2]},
            PANDAS,
            ("g is the index of pandas", "__index_level_1__ is the index of pandas"),
        ),
        (
            {"Unnamed: 0": [7, 3], "a": [1, 2], "b": [3, 4]},
            '{"index_columns": [{"kind": "range"}]}',
            ("Unnamed: 0 only numbers the rows",),
        ),
        ({"": ["x", None], "a": [1, 2], "b": [3, 4]}, "", ("column1 only names the rows",)),
        ({"a": [1, 2], "b": [3, 4]}, "[[[", ()),
        ({"a": [1, 2], "b": [3, 4]}, "[" * 100_000, ()),
        ({"a": [1, 2], "b": [3, 4]}, '{"index_columns": 7}', ()),
    ],
)
def test_an_index_of_pandas_is_no_column_to_learn_from(
    tmp_path: Path, columns: dict[str, list[object]], pandas: str, notes: tuple[str, ...]
) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame(columns).write_parquet(path, metadata={"pandas": pandas})
    table = read_table(path)
    assert (table.features, table.target) == (("a",), "b")
    assert rows(table) == [(1, 3), (2, 4)]
    assert table.notes == notes


def test_an_index_of_pandas_that_is_the_only_x_there_is_is_learned_from(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    path = tmp_path / "points.parquet"
    polars.DataFrame({"y": [1.0, 2.0], "g": [3.0, 4.0]}).write_parquet(
        path, metadata={"pandas": PANDAS}
    )
    table = read_table(path)
    assert (table.features, table.target) == (("g",), "y")


def test_a_name_that_looks_like_a_pattern_is_that_of_one_file(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    for name, x in (("p[1].parquet", 1.0), ("p1.parquet", 9.0)):
        polars.DataFrame({"x": [x, 2.0], "y": [3.0, 4.0]}).write_parquet(tmp_path / name)
    assert rows(read_table(tmp_path / "p[1].parquet")) == [(1, 3), (2, 4)]
