"""Where a run met a number that is not finite: what is said, and that the keys named lead back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.data.source import Synthetic
from engine.data.table_cache import read_table
from engine.training.advance import advance, begin
from engine.training.closed_form import theory
from engine.training.problem import Problem, State
from engine.training.run import Run
from tests.tui.conftest import Open, Screen
from tui.kit.paragraphs import Paragraphs
from tui.run.divergence_help import stopped

WILD = Problem(learning_rate=1e9)
BROKEN = Problem(Synthetic(noise=1e300))
"""Its points are not finite in float32."""


def text(run: Run | None) -> str:
    paragraphs = stopped(run, theory(run.problem) if run else None)
    return "\n".join("".join(span.text for span in said) for said in paragraphs)


def end(run: Run) -> Run:
    *_, last = advance(run)
    return last


def test_a_rate_above_the_limit_is_named_with_the_way_back() -> None:
    assert text(end(begin(WILD))) == (
        "✗ diverged at iteration 2: learning rate 1e+09 is above the largest stable, 0.8208\n"
        "→ r back to iteration 0, N one back, g to any; then "
        "p: rate 0.4104 (1/λmax) or 0.7796 (2/(λmin+λmax))"
    )


def test_gradients_that_add_up_are_what_to_change() -> None:
    run = end(begin(replace(WILD, zeroing=False)))
    assert "gradients are never zeroed" in text(run)
    assert text(run).endswith("then p: zeroing on")


def test_where_there_is_nothing_to_go_back_to_other_points_are_offered() -> None:
    assert text(end(begin(BROKEN))) == (
        "✗ stopped at iteration 0: the data are not finite or too large\n"
        "→ p: other points; or others from a file: ctrl+p, Open data"
    )


def test_data_that_overflow_at_once_are_standardised_or_held_in_float64(tmp_path: Path) -> None:
    path = tmp_path / "far.csv"
    path.write_text("x,y\n1e19,5\n2e19,7\n3e19,11\n4e19,12\n")
    assert text(end(begin(Problem(read_table(path))))).endswith(
        "→ u standardises, or start with --dtype float64"
    )


def test_a_branch_that_begins_too_far_out_leads_to_the_others() -> None:
    run = begin(WILD)
    history = replace(run.history, start=State(7, (1e30,), 1e30))
    assert text(end(replace(run, history=history))).endswith(
        "→ B: another branch, which can go back further"
    )


def test_nothing_is_said_of_a_run_that_may_go_on() -> None:
    assert text(None) == text(begin(WILD)) == text(end(begin(Problem(target=3)))) == ""


def shown(screen: Screen, tab: str) -> str:
    advice = screen.app.query_one(f"#{tab}-stopped", Paragraphs)
    return advice.text


def iteration(screen: Screen) -> int:
    return screen.run.state.iteration


@pytest.mark.parametrize(("key", "tab"), [("2", "train"), ("3", "chart")])
async def test_the_keys_that_are_offered_lead_back(open_app: Open, key: str, tab: str) -> None:
    """In two sizes, since the words stand between much else; the keys are the same in both."""
    async with open_app(WILD, (120, 40)) as screen:
        await screen.press("2", key, "c")
        await screen.until(lambda: "above the largest stable, 0.8208" in shown(screen, tab))
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: "above the largest stable, 0.8208" in shown(screen, tab))
        status = screen.app.query_one("#status" if tab == "train" else "#chart-status")
        assert "✗ diverged: last finite state" in str(status.render())
        assert iteration(screen) == 2
        await screen.press("N")
        assert iteration(screen) == 1
        await screen.until(lambda: "the run diverges" in shown(screen, tab))
        await screen.press("c", "g", "1", "enter")
        assert iteration(screen) == 1
        await screen.press("c", "r")
        assert iteration(screen) == 0
        await screen.press("minus")
        assert screen.problem.learning_rate == 5e8


@pytest.mark.parametrize(("key", "tab"), [("2", "train"), ("3", "chart")])
async def test_data_that_are_not_finite_are_said_and_can_be_changed(
    open_app: Open, key: str, tab: str
) -> None:
    async with open_app(BROKEN) as screen:
        await screen.press("2", key, "c")
        await screen.until(lambda: "the data are not finite or too large" in shown(screen, tab))
        assert iteration(screen) == 0
        await screen.press("n", "N", "r", "space", "p")
        noise = screen.app.screen.query_one("#noise")
        noise.value = "0"  # type: ignore[attr-defined]
        await screen.press("enter", "n")
        await screen.until(lambda: shown(screen, tab) == "")
        assert iteration(screen) == 1
