"""Questions about a lesson's lines, with the answers of people who are mistaken.

They stand in a TOML file beside the lesson. Which answer is right is decided by the record of the
lesson, not by the file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.lessons import Lesson


@dataclass(frozen=True, slots=True)
class PredictionChoice:
    """One answer among several, and why it is right or wrong."""

    says: str
    """A number or nested list as Python prints it; True, False, None; an op's or error's name."""
    why: str


@dataclass(frozen=True, slots=True)
class LinePrediction:
    """A question to be answered before a line of a lesson runs."""

    line: int
    asks: str
    subject: str
    """What of the record after the line decides: `NAME`, `NAME.grad`, `NAME.is_leaf`,
    `NAME.requires_grad`, `NAME.grad_fn`, or `error`."""
    choices: tuple[PredictionChoice, ...]
    time: int = 1
    """Before which run of the line it is asked, from 1."""


def predictions_of(lesson: Lesson) -> tuple[LinePrediction, ...]:
    """The questions of a lesson, in the order of its file; none where it has no file."""
    return read_predictions(lesson.path.with_suffix(".toml"))


def read_predictions(path: Path) -> tuple[LinePrediction, ...]:
    """The questions of a file, none where there is none; raises ValueError or KeyError if wrong."""
    if not path.is_file():
        return ()
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(map(_prediction, document["prediction"]))


def _prediction(table: dict[str, Any]) -> LinePrediction:
    rest = dict(table)
    choices = tuple(PredictionChoice(**choice) for choice in rest.pop("choice"))
    return LinePrediction(choices=choices, **rest)
