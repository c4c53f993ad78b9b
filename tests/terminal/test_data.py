"""Starting on a large file: what is seen of the reading, and leaving it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.conftest import Pty, Start

ROWS = b"0.123456,0.654321\n" * 10_000


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """What takes some seconds to read."""
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"x,y\n")
        for _ in range(1000):
            file.write(ROWS)
    return path


def app(start: Start, *arguments: str) -> Pty:
    return start("-m", "tui", *arguments, size=(80, 24))


def test_reading_at_the_start_shows_how_long_it_takes_and_ctrl_c_leaves_it(
    start: Start, large: Path
) -> None:
    pty = app(start, "--data", str(large))
    pty.until(lambda: " of 180 MB " in pty.text and " s left" in pty.text)
    pty.send("\x03")
    assert pty.code == 130
    assert pty.text.startswith("linreg-tui: interrupted ")
    assert b"\x1b" not in pty.output, "there was no screen yet"


def test_data_that_were_named_are_in_front_from_the_first(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n2,3\n3,5\n")
    pty = app(start, "--data", str(path))
    pty.until(lambda: "3 rows: y from x" in pty.text and "the loop" in pty.text)
    pty.send("q")
    assert pty.code == 0


def test_data_that_cannot_be_read_are_one_line_before_there_is_a_screen(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n1,oops\n")
    pty = app(start, "--data", str(path))
    assert pty.code == 2
    expected = b'linreg-tui: points.csv:3: column "y": "oops" is not a number\r\n'
    assert pty.output == expected
