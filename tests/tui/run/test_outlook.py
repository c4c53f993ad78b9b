"""What is said of runs on made points: before they diverge, and at their end."""

from __future__ import annotations

import pytest

from engine.data.source import Synthetic
from engine.training.advance import advance, begin
from engine.training.branches import experiment
from engine.training.closed_form import theory
from engine.training.problem import Problem
from tui.run.distance_words import percent, roughly
from tui.run.outlook import outlook
from tui.run.rates import offers
from tui.run.state import RunState
from tui.run.theories import Theories

LIMIT = theory(Problem()).stable_rate()


def said(problem: Problem, iterations: int) -> str:
    *_, run = advance(begin(problem), iterations) if iterations else [begin(problem)]
    theories = Theories({(problem.source, problem.dtype): theory(problem)})
    paragraphs = outlook(RunState(experiment(run), theories), run)
    return "\n".join("".join(span.text for span in one) for one in paragraphs)


@pytest.mark.parametrize(
    ("problem", "iterations", "words"),
    [
        (Problem(), 0, ""),
        (Problem(), 50, ""),
        (
            Problem(learning_rate=0.9),
            0,
            "0.9 is above the largest stable, 0.8208: the run diverges",
        ),
        (Problem(learning_rate=0.9), 0, "→ p: rate 0.4104 (1/λmax) or 0.7796 (2/(λmin+λmax))"),
        (Problem(learning_rate=0.9), 5, "0.8208: the run diverges"),
        (Problem(learning_rate=0.9, target=5), 5, "✗ diverging at iteration 4: learning rate 0.9"),
        (
            Problem(learning_rate=LIMIT),
            0,
            "0.820897 is the largest stable, where the error keeps its size\n→ p: rate 0.4104",
        ),
        (
            Problem(learning_rate=LIMIT, target=9),
            9,
            "✗ stuck at iteration 8: learning rate 0.820897 is the largest stable, where the",
        ),
        (Problem(learning_rate=LIMIT, target=9), 9, "N one back, g to any; then p: rate 0.4104"),
        (Problem(learning_rate=5, zeroing=False), 0, "→ p: zeroing on"),
        (Problem(momentum=0.5, zeroing=False), 0, "with momentum no rate is stable"),
        (Problem(learning_rate=0.1, target=400), 400, "✓ within 1%: w 0."),
        (
            Problem(Synthetic(true_w=(1e-9,)), target=9),
            9,
            "w by 0.",
        ),
        (Problem(target=300), 300, "about 3,200 more iterations to within 1%"),
        (Problem(target=300), 300, "→ p: rate 0.7796 takes about 54 from the beginning · g goes"),
        (Problem(target=300, zeroing=False), 300, "like this never within 1%"),
    ],
)
def test_a_run_is_told_what_becomes_of_it(problem: Problem, iterations: int, words: str) -> None:
    found = said(problem, iterations)
    assert words in found if words else not found


def test_only_rates_that_settle_are_offered() -> None:
    known = theory(Problem())
    assert [one.text for one in offers(known, Problem(momentum=0.9))] == ["0.4104"]
    assert offers(known, Problem(zeroing=False)) == offers(None, Problem()) == ()


def test_shares_and_counts_are_short() -> None:
    assert [percent(x) for x in (0, 1e-9, 0.00077, 0.082, 8.2, 1e12)] == [
        "0%", "<0.001%", "0.077%", "8.2%", "820%", "1e+14%",
    ]  # fmt: skip
    assert [roughly(n, "iteration") for n in (1, 5134, 3 * 10**12)] == [
        "1 iteration", "5,100 iterations", "3e+12 iterations",
    ]  # fmt: skip
