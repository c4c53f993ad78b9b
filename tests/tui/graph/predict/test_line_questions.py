"""What lessons ask about their lines: the record says which answer is right."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from engine.lessons import LESSONS, Lesson
from engine.lessons.predictions import LinePrediction, PredictionChoice, predictions_of
from engine.recording.records import Recording
from engine.script.recorder import record
from tui.graph.predict.line_questions import asked_of, line_question
from tui.graph.predict.question import Question, judge

SCRIPT = """\
import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
for _ in range(2):
    y = x.sum()
    y.backward()
try:
    x.numpy()
except RuntimeError:
    pass
"""


@cache
def run(path: Path) -> Recording:
    return record(path)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return record(path)


def prediction(subject: str, *says: str, line: int = 5, time: int = 1) -> LinePrediction:
    choices = tuple(PredictionChoice(one, f"why {one}") for one in says)
    return LinePrediction(line, f"What is {subject}?", subject, choices, time)


def asked_at(recording: Recording, predictions: list[LinePrediction]) -> dict[int, Question]:
    found = {n: line_question(recording, n, predictions) for n in range(len(recording.moments) + 1)}
    return {n: question for n, question in found.items() if question is not None}


def test_a_line_is_asked_about_before_it_runs_for_the_time_that_is_meant(
    recording: Recording,
) -> None:
    second = prediction("x.grad", "[1, 1]", "[2, 2]", "None", time=2)
    first = replace(second, time=1)
    asked = asked_at(recording, [second, first])
    assert [question.right.text for question in asked.values()] == ["[1, 1]", "[2, 2]"]
    assert [recording.moments[n].line for n in asked] == [5, 5]
    assert [question.key for question in asked.values()] == ["line 5.1", "line 5.2"]


@pytest.mark.parametrize(
    ("subject", "line", "answer"),
    [
        ("y", 4, "3"),
        ("x.grad", 4, "None"),
        ("x.is_leaf", 4, "True"),
        ("y.requires_grad", 4, "True"),
        ("y.grad_fn", 4, "SumBackward0"),
        ("x.grad_fn", 4, "None"),
        ("error", 7, "RuntimeError"),
        ("error", 4, "None"),
    ],
)
def test_the_record_decides(recording: Recording, subject: str, line: int, answer: str) -> None:
    asked = prediction(subject, answer, "[0, 0]", "[7, 7]", line=line)
    (question,) = asked_at(recording, [asked]).values()
    assert question.right.text == answer
    assert question.right.why == f"why {answer}"


def test_a_lesson_may_tell_answers_apart_that_four_digits_do_not(recording: Recording) -> None:
    asked = prediction("y", "3.000001", "3.0", "2.999999", line=4)
    (question,) = asked_at(recording, [asked]).values()
    assert question.right.text == "3.0"
    assert {choice.text for choice in question.choices} == {"3.000001", "3.0", "2.999999"}
    assert judge(question, "3") is question.right
    assert judge(question, "3.000001").text == "3.000001"


@pytest.mark.parametrize(
    "wrong",
    [
        prediction("x.grad", "[5, 5]", "[7, 7]", "None"),
        prediction("x.grad", "[1, 1]", "[1.0, 1.0]", "None"),
        prediction("z", "1", "2", "3"),
        prediction("x.version", "1", "2", "3"),
        prediction("x.grad", "[1, 1]", "None"),
        prediction("x.grad", "[1, 1]", "None", "2", "3", "4"),
    ],
    ids=["none is right", "two are", "no such name", "no such fact", "too few", "too many"],
)
def test_a_question_that_the_record_does_not_decide_is_not_asked(
    recording: Recording, wrong: LinePrediction
) -> None:
    assert asked_at(recording, [wrong]) == {}


@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS if predictions_of(lesson)],
    ids=lambda lesson: lesson.key,
)
def test_exactly_one_answer_of_a_lesson_is_what_its_record_says(lesson: Lesson) -> None:
    recording = run(lesson.path)
    for prediction in predictions_of(lesson):
        runs = [moment for moment in recording.moments if moment.line == prediction.line]
        moment = runs[prediction.time - 1]
        question = asked_of(prediction, moment)  # raises unless one of three or four is right
        assert all(len(choice.why.split()) > 3 for choice in question.choices)
