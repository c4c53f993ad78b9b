"""Every planted mistake is named, at its line, and nothing is said of correct scripts."""

from __future__ import annotations

from textwrap import dedent

import pytest

from engine.recording.problems import problems
from engine.recording.records import Recording
from engine.script.recorder import record_source
from tests.engine.script.checks.correct import CORRECT
from tests.engine.script.checks.planted import IMPORTS, PLANTED

MARK = "# ← "


def source(text: str) -> str:
    return IMPORTS + dedent(text).lstrip("\n")


def found(text: str) -> set[tuple[str, int]]:
    recording: Recording = record_source(source(text), "script")
    return {(one.kind, one.line) for one in problems(recording, range(len(recording.moments)))}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named_at_its_line(name: str) -> None:
    lines = enumerate(source(PLANTED[name]).splitlines(), 1)
    ((kind, line),) = [(text.partition(MARK)[2], at) for at, text in lines if MARK in text]
    assert found(PLANTED[name]) == {(kind, line)}


DOUBLE = "x = torch.rand(4, 2, dtype=torch.float64)\n"


@pytest.mark.parametrize(
    ("made", "call"),
    [
        ("w = torch.rand(3, 4, requires_grad=True)", "w @ x"),
        ("w = torch.rand(2, 3, requires_grad=True)", "x @ w"),
        ("w = torch.rand(3, 4)", "w @ x"),
        ("net = nn.Linear(2, 3)", "net(x)"),
        ("a, b = torch.rand(3, 4), torch.rand(3, 2)", "torch.addmm(b, a, x)"),
    ],
)
def test_what_numpy_made_is_to_be_converted_whichever_comes_first(made: str, call: str) -> None:
    recording = record_source(source(f"{DOUBLE}{made}\n{call}\n"), "script")
    ((finding),) = problems(recording, range(len(recording.moments)))
    assert finding.what.startswith("x is float64, and ")
    assert "`x.float()`" in finding.instead


@pytest.mark.parametrize("name", CORRECT)
def test_nothing_is_said_of_a_correct_script(name: str) -> None:
    assert found(CORRECT[name]) == set()


def test_a_history_that_was_asked_for_is_not_said_to_be_missing_for_that() -> None:
    recording = record_source(source(PLANTED["a second derivative of what is linear"]), "script")
    (finding,) = recording.findings
    assert "without create_graph" not in finding.what
    assert "linear" in finding.why
