"""Reading a file, in little memory and with progress, also one that is missing or changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import ReadCancelledError
from tests.engine.data.conftest import Write
from tests.forks.forks import ROOT
from tests.processes import HAS_PROC


def test_a_file_that_is_not_there_or_no_file_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"^cannot read none\.csv: No such file or directory$"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="Is a directory"):
        read_table(tmp_path)
    with pytest.raises(TableError, match=r"^cannot read /: Is a directory$"):
        read_table("/")
    with pytest.raises(TableError, match="a file without a name"):
        read_table("")
    with pytest.raises(TableError, match=r"an address is no file: its path is /a/b\.csv$"):
        read_table("file:///a/b.csv")
    with pytest.raises(TableError, match=r"is no file: curl -L https://a\.org/b\.csv \| linreg"):
        read_table("https://a.org/b.csv")
    with pytest.raises(TableError, match=r"is no file: aws s3 cp s3://a/b\.csv - \| linreg"):
        read_table("s3://a/b.csv")


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


def test_progress_is_reported_and_reading_can_be_cancelled(csv: Write) -> None:
    path = csv("x,y\n" + "1,2\n" * 100_000)
    reported: list[tuple[int, int | None]] = []
    read_table(path, progress=lambda done, total: reported.append((done, total)))
    assert reported[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(reported) > 2
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)
    with pytest.raises(ReadCancelledError, match=r"reading points\.csv was cancelled"):
        read_table(path, cancelled=lambda: True)


@pytest.mark.skipif(not HAS_PROC, reason="needs /proc")
def test_memory_stays_near_what_the_data_need(tmp_path: Path) -> None:
    """Ten columns of a million rows would take ten times as much as text cells."""
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + "0.123456789,-123.456\n" * 1_000_000)
    code = f"""
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from tests.processes import peak_memory
before = peak_memory()
table = read_table({str(path)!r}, TableWish(standardise=True))
print(peak_memory() - before)
"""
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    fixed = 8e6
    assert int(found.stdout) < 2 * 8e6 + fixed
