"""What is right gives the right figures, and differs from the mistake in a number or an error."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from engine.lessons import LESSONS, find
from engine.lessons.wrong_and_right import right_path, wrong_and_right
from engine.recording.differences import Differences, Side, differences
from engine.recording.lockstep import Pace, lockstep
from engine.recording.records import Recording
from engine.script.recorder import record, record_source

FIGURES = {
    "forgot_zero": ["pass 0 w.grad = 3.0", "pass 1 w.grad = 3.0"],
    "not_scalar": ["x.grad = [0.0, 0.5, 1.0, 1.5]"],
    "backward_twice": ["x.grad = 6.0"],
    "numpy_grad": ["values = [1. 2.]"],
    "leaf_in_place": ["w = [0.800000011920929, 1.600000023841858] leaf: True"],
    "saved_in_place": ["a.grad = 0.25"],
    "lost_leaf": ["leaf: True", "w.grad = tensor(1.6000)"],
    "non_leaf_grad": ["y.grad = tensor([ 6., 12.])", "x.grad = [18.0, 36.0]"],
    "silent_write": ["version: 0", "right: a.grad = 0.25", "right: a.grad = 0.25"],
    "total_loss": ["total = 12.0"],
    "broadcast_loss": ["shape [2, 1] loss 0.0", "w.grad = 0.0"],
}
"""What is printed where it is right."""
FIRST = {
    "forgot_zero": ("w", "grad"),
    "not_scalar": ("x", "grad"),
    "backward_twice": ("x", "grad"),
    "leaf_in_place": ("w", "value"),
    "saved_in_place": ("a", "grad"),
    "lost_leaf": ("w", "grad"),
    "non_leaf_grad": ("y", "grad"),
    "silent_write": ("b", "value"),
    "broadcast_loss": ("loss", "value"),
}
"""The first number that differs: of which tensor, and whether it is its `.grad`."""


def path_of(key: str) -> Path:
    lesson = find(key)
    assert lesson is not None
    return lesson.path


@cache
def both(key: str) -> tuple[Recording, Recording]:
    """The mistake as far as it is one, and what is right."""
    texts = wrong_and_right(path_of(key))
    assert texts is not None
    return record_source(texts.wrong, key), record(right_path(path_of(key)))


def at(key: str, pace: Pace) -> Differences:
    sides = [
        Side(tensors=recording.moments[lines - 1].tensors) if lines else Side()
        for recording, lines in zip(both(key), pace[:2], strict=True)
    ]
    return differences(*sides)


@pytest.mark.parametrize("key", FIGURES)
def test_what_is_right_gives_the_right_figures(key: str) -> None:
    wrong, right = both(key)
    assert right.ending == "end"
    assert right.output.splitlines() == FIGURES[key]
    assert not any(moment.error or moment.silent for moment in right.moments)
    assert "# Right" not in wrong.source
    assert wrong.output != right.output


@pytest.mark.parametrize("key", FIGURES)
def test_what_is_right_fits_beside_the_mistake(key: str) -> None:
    lines = both(key)[1].source.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("# Right")


@pytest.mark.parametrize("key", FIRST)
def test_the_first_number_that_differs_is_the_one_the_mistake_is_about(key: str) -> None:
    found = next(
        (change.name, what)
        for pace in lockstep(*both(key))
        if pace.level
        for change in at(key, pace).tensors
        for what in change.what
        if what in ("value", "grad")
    )
    assert found == FIRST[key]


@pytest.mark.parametrize("key", FIGURES)
def test_lockstep_leads_from_the_start_to_both_ends(key: str) -> None:
    wrong, right = both(key)
    paces = lockstep(wrong, right)
    assert paces[0] == Pace(0, 0)
    assert paces[-1] == Pace(len(wrong.moments), len(right.moments))
    for before, after in pairwise(paces):
        steps = after.one - before.one, after.other - before.other
        assert steps in ((1, 1), (1, 0), (0, 1))


def test_a_lesson_has_nothing_to_be_compared_with() -> None:
    assert wrong_and_right(path_of("backward")) is None
    mistakes = {lesson.key for lesson in LESSONS if lesson.group == "mistake"}
    assert {lesson.key for lesson in LESSONS if wrong_and_right(lesson.path)} == mistakes
    assert mistakes == FIGURES.keys()
