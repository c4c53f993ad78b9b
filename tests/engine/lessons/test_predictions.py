from __future__ import annotations

from pathlib import Path

import pytest

from engine.lessons.predictions import PredictionChoice, read_predictions

FILE = """
[[prediction]]
line = 4
asks = "Is y a leaf?"
subject = "y.is_leaf"
time = 2
[[prediction.choice]]
says = "True"
why = "It was computed."
[[prediction.choice]]
says = "False"
why = "Only what is not computed is a leaf."
"""


def test_a_file_of_predictions(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(FILE)
    (found,) = read_predictions(path)
    assert (found.line, found.asks, found.subject, found.time) == (
        4,
        "Is y a leaf?",
        "y.is_leaf",
        2,
    )
    assert found.choices[0] == PredictionChoice("True", "It was computed.")


def test_a_lesson_without_a_file_asks_nothing(tmp_path: Path) -> None:
    assert read_predictions(tmp_path / "lesson.toml") == ()


def test_a_key_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(FILE.replace("time", "tiem"))
    with pytest.raises(TypeError, match="tiem"):
        read_predictions(path)
