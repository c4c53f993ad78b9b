from __future__ import annotations

import math
from array import array
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.run_file import RunJournal
from engine.recording.file.run_reader import RunReader
from engine.recording.findings import NOT_FINITE, Finding, finding_of
from engine.recording.journal import Journal
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import PassTable
from engine.recording.problems import problems
from engine.recording.records import Recording

FINDING = Finding("flat", "Nothing.", "Why.", "Write this.", line=3, file=1, number=4, moment=5)


def test_a_finding_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "run"
    journal = RunJournal(FrameWriter(path), "train.py", "", {})
    journal.add_finding(FINDING)
    journal.end("end", None, "")
    reader = RunReader(path)
    assert reader.recording().findings == (FINDING,)
    reader.close()


@pytest.mark.parametrize(
    "changed", [{"line": "3"}, {"line": True}, {"what": None}, {"danger": "x"}], ids=str
)
def test_what_is_no_finding_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no finding"):
        finding_of(asdict(FINDING) | changed)


def test_a_finding_needs_all_its_words() -> None:
    with pytest.raises(ValueError, match="no finding"):
        finding_of({"kind": "flat", "line": 3})


def test_each_thing_is_said_once_of_a_line() -> None:
    journal = Journal("train.py", "")
    assert journal.add_finding(FINDING)
    assert not journal.add_finding(Finding("flat", "Other.", "", "", line=3, file=1, moment=9))
    assert journal.add_finding(Finding("flat", "Other.", "", "", line=4, file=1))
    error = Finding("error", "It failed.", "", "", line=4, file=1, moment=1)
    again = Finding("error", "It failed anew.", "", "", line=4, file=1, moment=2)
    assert journal.add_finding(error)
    assert journal.add_finding(again), "the same line may fail for another reason"


def test_a_cause_of_nan_that_is_found_late_names_the_pass_where_it_began() -> None:
    losses = PassTable((PassChunk(0, array("d", [1.0, math.nan, math.nan, math.nan])),))
    for number, begun in ((3, True), (1, False)):
        found = replace(FINDING, kind=NOT_FINITE, number=number)
        run = Recording("train.py", "", (), (), (), "end", passes=losses, findings=(found,))
        (one,) = problems(run, ())
        assert ("not finite from pass 1 on" in one.instead) is begun
