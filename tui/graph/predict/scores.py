"""The score of every lesson: which of its questions were answered right, in a file.

Nothing else is kept, and nothing leaves the machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import atomic_files
from engine.private_files import private_folder, state_path
from engine.regular_files import read_regular

FORMAT = "linreg-tui predictions"
VERSION = 1
FILE_NAME = "predictions.json"
SIZE_LIMIT = 1 << 20
"""Bytes: a larger file is not ours."""


class ScoreError(Exception):
    """Scores that could not be read or written: one line that says why."""


@dataclass(frozen=True, slots=True)
class Scores:
    """By lesson, and by question, whether the latest answer was right."""

    lessons: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def text(self, lesson: str) -> str:
        """How many of the questions answered were answered right: `3/4`; empty without any."""
        answers = self.lessons.get(lesson, {})
        return f"{sum(answers.values())}/{len(answers)}" if answers else ""

    @property
    def texts(self) -> Mapping[str, str]:
        """The scores of all lessons as text, by the lessons' keys."""
        return {lesson: self.text(lesson) for lesson in self.lessons}

    def after(self, lesson: str, question: str, *, right: bool) -> Scores:
        """The scores after one more answer, which counts instead of an earlier one."""
        answers = {**self.lessons.get(lesson, {}), question: right}
        return Scores({**self.lessons, lesson: answers})


def scores_path() -> Path:
    """The path of the file in the user's state directory."""
    return state_path(FILE_NAME)


def read_scores(path: Path) -> Scores:
    """Read the scores, none where there is no file; raises ScoreError. Nothing is changed."""
    try:
        data = read_regular(path, SIZE_LIMIT + 1)
    except FileNotFoundError:
        return Scores()
    except OSError as error:
        raise ScoreError(f"scores cannot be read: {error.strerror or error}") from error
    try:
        if len(data) > SIZE_LIMIT:
            raise ValueError
        return _scores(json.loads(data.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        raise ScoreError(
            f"{FILE_NAME} is damaged or not ours: no score is kept until “Forget scores”"
        ) from error


def write_scores(path: Path, scores: Scores) -> None:
    """Write the scores as a whole, for the user alone; raises ScoreError."""
    plain = {"format": FORMAT, "version": VERSION, "lessons": scores.lessons}
    private_folder(path.parent)
    try:
        atomic_files.write(path, [json.dumps(plain).encode("ascii")], private=True)
    except atomic_files.FileError as error:
        raise ScoreError(f"scores are not kept: {error}") from error


def keep_answer(path: Path, lesson: str, question: str, *, right: bool) -> Scores:
    """Add one answer to what the file has by now, which is returned; raises ScoreError."""
    scores = read_scores(path).after(lesson, question, right=right)
    write_scores(path, scores)
    return scores


def _scores(plain: Any) -> Scores:
    """What a file says, believing nothing; raises ValueError."""
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise ValueError
    lessons = plain.get("lessons")
    if plain.get("version") != VERSION or not isinstance(lessons, dict):
        raise ValueError
    for answers in lessons.values():
        if not isinstance(answers, dict) or not all(
            isinstance(right, bool) for right in answers.values()
        ):
            raise ValueError
    return Scores(lessons)
