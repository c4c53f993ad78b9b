from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import ProblemError, Synthetic
from engine.training.problem import Problem
from tui.kit.file_path import file_path
from tui.run.forms import Field, edited, fields_of

PROBLEM = Problem()


def texts(problem: Problem = PROBLEM) -> dict[str, str]:
    return {field.name: field.read(problem) for field in fields_of(problem)}


def test_what_is_not_touched_stays_exactly() -> None:
    rate = 0.1234567890123
    problem = Problem(learning_rate=rate, start_w=(math.pi,), source=Synthetic(noise=1 / 3))
    assert edited(problem, texts(problem)) == problem


def test_every_line_can_be_changed() -> None:
    changed = edited(
        PROBLEM,
        texts()
        | {
            "learning_rate": "0.1",
            "method": "Nesterov",
            "momentum": "0.9",
            "batch_size": "8",
            "zeroing": "off",
            "update": "data",
            "start_w": "1.5",
            "start_b": "-2",
            "target": "10_000",
            "points": "20",
            "noise": "0.5",
            "seed": "7",
        },
    )
    assert changed == Problem(
        source=Synthetic(points=20, noise=0.5, seed=7),
        learning_rate=0.1,
        method="nesterov",
        momentum=0.9,
        batch_size=8,
        zeroing=False,
        update="data",
        start_w=(1.5,),
        start_b=-2.0,
        target=10_000,
    )


def test_a_method_has_its_own_numbers() -> None:
    adam = Problem(method="adam", batch_size=10)
    assert {"beta1", "beta2", "eps"} == {*texts(adam)} - {*texts()}
    changed = edited(adam, texts(adam) | {"beta1": "0.5", "batch_size": "all"})
    assert changed == Problem(method="adam", beta1=0.5)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("learning_rate", "fast", "learning rate: above 0, not 'fast'"),
        ("learning_rate", "-1", "learning rate must be above 0, not -1"),
        ("learning_rate", "nan", "learning rate must be a finite number, not nan"),
        ("momentum", "1", "momentum must be below 1, not 1"),
        ("method", "sdg", "method: sgd, nesterov, rmsprop, adam, not 'sdg'"),
        ("method", "nesterov", "momentum must be above 0 for nesterov, such as 0.9"),
        ("batch_size", "few", "batch size: all, or so many points, not 'few'"),
        ("batch_size", "51", "batch size must be from 1 to 50, not 51"),
        ("zeroing", "maybe", "zero gradients: on or off, not 'maybe'"),
        ("points", "0", "points must be from 1"),
        ("points", "1.5", "points: from 1, not '1.5'"),
        ("start_w", "1 2", "start w needs 1 numbers, not 2"),
    ],
)
def test_a_bad_line_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(ProblemError) as raised:
        edited(PROBLEM, texts() | {name: text})
    assert str(raised.value).startswith(said)


@given(st.sampled_from(fields_of(PROBLEM)), st.text(max_size=20))
def test_any_text_gives_a_problem_or_one_line(field: Field, text: str) -> None:
    try:
        edited(PROBLEM, texts() | {field.name: text})
    except ProblemError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "a file's name is needed"),
        ("a\0b", "no file's name has a NUL in it"),
        ("~nobody at all/x", "there is no such user's home to begin with"),
    ],
)
def test_what_is_no_path_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        file_path(text)


def test_a_path_may_begin_at_home() -> None:
    assert file_path(" ~/x.csv ") == Path.home() / "x.csv"
