from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.run_file import CAREFUL_SECONDS, SINGLE_LINES, RunJournal
from engine.recording.file.run_reader import RunReader
from engine.recording.records import Moment


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[RunJournal]:
    """A journal in a file whose first line has begun."""
    with FrameWriter(tmp_path / "early.run") as writer:
        journal = RunJournal(writer, "train.py", "", {})
        journal.begin(1)
        yield journal


def go_on(journal: RunJournal) -> None:
    """The line that runs has run, and the next one begins."""
    journal.add_moment(Moment(journal.line, 0, "", "", (), (), None, None))
    journal.begin(journal.line + 1)


def seen(folder: Path) -> tuple[list[int], int]:
    """The lines that are in the file, and the one that is known to have begun."""
    with closing(RunReader(folder / "early.run")) as reader:
        return [one.line for one in reader.recording().moments], reader.last_line


@pytest.mark.parametrize("lines", [0, 3, SINGLE_LINES, 4 * SINGLE_LINES])
def test_a_script_that_dies_early_is_known_to_the_line_it_died_in(
    tmp_path: Path, journal: RunJournal, lines: int
) -> None:
    for _ in range(lines):
        go_on(journal)
    moments, last = seen(tmp_path)
    assert last == lines + 1
    assert moments == [*range(1, len(moments) + 1)]
    assert len(moments) >= min(lines, SINGLE_LINES)


def test_what_ran_before_a_line_that_takes_long_is_written_when_it_is_over(
    tmp_path: Path, journal: RunJournal
) -> None:
    for _ in range(2 * SINGLE_LINES):
        go_on(journal)
    time.sleep(2 * CAREFUL_SECONDS)
    go_on(journal)
    lines = 2 * SINGLE_LINES + 1
    assert seen(tmp_path) == ([*range(1, lines + 1)], lines + 1)
