"""Scores in a file that may be missing, broken, somebody else's, or not writable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.graph.predict.scores import (
    FORMAT,
    SIZE_LIMIT,
    ScoreError,
    Scores,
    keep_answer,
    read_scores,
    write_scores,
)


def test_an_answer_counts_instead_of_an_earlier_one() -> None:
    scores = Scores().after("backward", "a", right=False).after("backward", "b", right=True)
    assert scores.text("backward") == "1/2"
    assert scores.after("backward", "a", right=True).text("backward") == "2/2"
    assert (scores.text("others"), scores.texts) == ("", {"backward": "1/2"})


def test_what_is_kept_is_there_again_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "state" / "predictions.json"
    assert read_scores(path) == Scores()
    keep_answer(path, "backward", "line 14.1", right=True)
    kept = keep_answer(path, "backward", "pass 0.1", right=False)
    assert read_scores(path) == kept
    assert kept.text("backward") == "1/2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_else_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    keep_answer(path, "backward", "line 14.1", right=True)
    assert json.loads(path.read_text()) == {
        "format": FORMAT,
        "version": 1,
        "lessons": {"backward": {"line 14.1": True}},
    }


BROKEN = [
    b"",
    b"\xff",
    b"[]",
    b"{}",
    b"[" * 100_000,
    json.dumps({"format": FORMAT, "version": 2, "lessons": {}}).encode(),
    json.dumps({"format": FORMAT, "version": 1, "lessons": []}).encode(),
    json.dumps({"format": FORMAT, "version": 1, "lessons": {"a": 1}}).encode(),
    json.dumps({"format": FORMAT, "version": 1, "lessons": {"a": {"b": 1}}}).encode(),
    json.dumps({"format": "another", "version": 1, "lessons": {}}).encode(),
    b" " * (SIZE_LIMIT + 1),
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_not_ours_is_told_in_one_line_and_left_alone(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "predictions.json"
    path.write_bytes(data)
    with pytest.raises(ScoreError, match="damaged or not ours") as error:
        keep_answer(path, "backward", "line 14.1", right=True)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == data
    write_scores(path, Scores())
    assert read_scores(path) == Scores()


def test_what_cannot_be_read_or_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ScoreError, match="cannot be read"):
        read_scores(tmp_path)
    with pytest.raises(ScoreError, match="not kept"):
        write_scores(tmp_path / "file" / "predictions.json", Scores())
