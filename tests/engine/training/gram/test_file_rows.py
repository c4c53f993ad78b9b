from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from engine.training.dataset import start
from engine.training.gram.file_rows import FileRows
from engine.training.problem import Problem

TEXT = "a,name,b,y\n" + "".join(f"{i},n{i},{i * i},{3 * i + 1}\n" for i in range(1300))


def read(
    path: Path, rows_of_3: int = 600, **wish: object
) -> tuple[FileRows, list[int], torch.Tensor]:
    """What was found, the lengths of the chunks, and all numbers."""
    found = FileRows(str(path), TableWish(**wish), "float32", numbers=3 * rows_of_3)  # type: ignore[arg-type]
    parts = [torch.cat(chunk, 1) for chunk in found.chunks()]
    return found, list(map(len, parts)), torch.cat(parts)


def test_a_csv_file_is_read_as_it_is_into_memory_but_chunk_by_chunk(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(TEXT)
    found, lengths, numbers = read(path)
    table = read_table(path, dtype="float32")
    assert len(lengths) > 1
    assert all(600 <= length < 1200 for length in lengths[:-1])
    assert numbers[-1].tolist() == [1299, 1299 * 1299, 3 * 1299 + 1]
    assert found.source == table
    assert found.drawn_w == start(Problem(table)).w


def test_rows_that_lack_a_number_are_dropped_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n,3\n3,4\n")
    found, _, numbers = read(path, missing="drop")
    assert numbers.tolist() == [[1, 2], [3, 4]]
    assert found.source is not None
    assert (found.source.points, found.source.dropped) == (2, 1)
    with pytest.raises(TableError, match=r'points.csv:3: column "x" has no number'):
        read(path)


def test_a_parquet_file_gives_the_rows_of_the_csv_file_and_says_what_is_wrong(
    tmp_path: Path,
) -> None:
    path, text = tmp_path / "points.parquet", tmp_path / "points.csv"
    text.write_text(TEXT)
    polars = pytest.importorskip("polars", reason="needs pip install 'linreg-tui[polars]'")
    polars.read_csv(text).write_parquet(path, row_group_size=500)
    found, lengths, numbers = read(path)
    assert torch.equal(numbers, read(text)[2])
    assert sum(lengths) == 1300
    assert found.source is not None
    assert found.source.features == ("a", "b")
    assert found.source.points == 1300
    assert len(found.source.fingerprint) == 32

    polars.DataFrame({"x": [1.0, None, 3.0], "y": [2.0, 3.0, 4.0]}).write_parquet(path)
    with pytest.raises(TableError, match=r'parquet: row 2: column "x" has no number'):
        read(path)
    assert read(path, missing="drop")[2].tolist() == [[1, 2], [3, 4]]

    polars.DataFrame({"x": [1.0, float("inf")], "y": [2.0, 3.0]}).write_parquet(path)
    with pytest.raises(TableError, match=r'row 2: column "x" is not finite'):
        read(path)
    path.write_text("no such thing")
    with pytest.raises(TableError, match=r"cannot read points\.parquet: "):
        read(path)
    with pytest.raises(TableError, match=r"cannot read gone\.parquet: No such file"):
        read(tmp_path / "gone.parquet")


def test_without_polars_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(TableError, match=r"needs polars: pip install 'linreg-tui\[polars\]'"):
        read(tmp_path / "points.parquet")
