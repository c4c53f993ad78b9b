"""A history as CSV, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine import atomic_files
from engine.training.problem import Problem, Step


def export(path: Path, problem: Problem, steps: Iterable[Step]) -> None:
    """Write steps as CSV, as a whole or not at all: a row each, numbers exact.

    Raises `engine.atomic_files.FileError`. Of a branch give its `steps`.
    """
    atomic_files.write(path, _rows(problem, steps))


def _rows(problem: Problem, steps: Iterable[Step]) -> Iterator[bytes]:
    names = _names(problem)
    gradients = (f"grad_{name}" for name in (*names, "b"))
    yield _line(["iteration", "loss", *names, "b", *gradients])
    for step in steps:
        numbers = (step.loss, *step.w, step.b, *step.w_grad, step.b_grad)
        yield _line([str(step.iteration), *map(repr, numbers)])


def _names(problem: Problem) -> list[str]:
    """`w`, or `w_` and the feature: so no name from a file begins a spreadsheet's formula."""
    features = problem.source.feature_names
    if len(features) == 1:
        return ["w"]
    return ["w_" + "".join(c if c.isprintable() else "�" for c in name) for name in features]


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "replace")
