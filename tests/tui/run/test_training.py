from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Static

from engine.data.source import Synthetic
from engine.training.advance import advance, begin
from engine.training.closed_form import theory
from engine.training.problem import Problem
from tests.tui.conftest import NEVER_LATE, Open, Screen
from tui.run.branch_table import BranchTable
from tui.run.branch_table import table as branch_rows
from tui.run.learning_rate import next_rate
from tui.script.source_view import SourceView
from tui.train.gradient_table import GradientTable

PROBLEM = Problem(target=300)


def straight(iterations: int) -> object:
    """The state of a run that went there without stopping."""
    *_, run = advance(begin(PROBLEM), iterations)
    return run.state


def iteration(screen: Screen) -> int:
    return screen.run.state.iteration


async def test_n_trains_one_iteration_and_capital_n_takes_it_back(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "n", "n")
        assert screen.run.state == straight(3)
        await screen.press("N")
        assert screen.run.state == straight(2)
        await screen.press("N", "N", "N")
        assert iteration(screen) == 0


async def test_s_walks_through_the_loop_and_into_backward(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "s")
        inside = screen.inside
        assert inside is not None
        assert inside.position.lines == 1
        loop = screen.app.query_one("#loop", SourceView)
        assert "y_hat = 50×1" in loop.text

        await screen.press("s", "s", "s")  # loss, zeroing, and the first node of backward
        inside = screen.inside
        assert inside is not None
        assert inside.position.nodes == 1
        assert iteration(screen) == 0, "an iteration that is not finished does not count"

        await screen.press("S", "S", "S", "S")
        inside = screen.inside
        assert inside is not None
        assert inside.fresh


async def test_f_finishes_the_iteration_that_s_began(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "s", "s", "f")
        assert screen.run.state == straight(1)
        inside = screen.inside
        assert inside is not None
        assert inside.done


async def test_walking_through_all_of_it_by_s_ends_where_n_does(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "s")
        while iteration(screen) == 0:
            await screen.press("s")
        assert screen.run.state == straight(1)
        await screen.press("S")
        await screen.until(lambda: iteration(screen) == 0)
        assert not screen.inside.done


async def test_c_runs_to_the_target_and_r_starts_anew(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "c")
        assert screen.run.state == straight(300)
        assert screen.run.stop is not None
        assert screen.run.stop.reason == "target"
        await screen.press("r")
        assert iteration(screen) == 0


async def test_space_plays_and_pauses(open_app: Open) -> None:
    async with open_app(Problem(target=1_000_000)) as screen:
        await screen.pilot.press("2", "space")
        assert screen.busy == "playing"
        await screen.until(lambda: iteration(screen) > 2)
        await screen.press("space")
        assert screen.busy == ""
        reached = iteration(screen)
        await screen.press("N")
        assert iteration(screen) == reached - 1


async def test_a_key_held_down_leaves_no_queue(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.pilot.press("2", *"n" * 30)
        await screen.until(lambda: not screen.busy)
        reached = iteration(screen)
        await screen.pilot.pause()
        assert 1 <= reached <= 30
        assert iteration(screen) == reached


async def test_a_step_asked_for_while_another_is_made_comes_after_it(open_app: Open) -> None:
    many = replace(PROBLEM, source=Synthetic(300_000))
    async with open_app(many) as screen:
        await screen.press("2")
        screen.send("n", "n", age=-NEVER_LATE)
        await screen.until(lambda: iteration(screen) == 2 and not screen.busy)


async def test_a_diverging_run_says_why_and_keeps_the_last_finite_state(open_app: Open) -> None:
    async with open_app(Problem(learning_rate=1e9)) as screen:
        await screen.press("2", "c")
        run = screen.run
        assert run is not None
        assert run.stop is not None
        assert run.stop.reason == "diverged"
        assert "0.8208" in run.stop.text
        assert run.history.last is not None
        assert run.history.last.finite
        assert "diverged" in str(screen.app.query_one("#status").render())


async def test_the_gradient_table_shows_autograd_beside_the_formula(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        text = screen.app.query_one(GradientTable).text
        assert text.count("-1.9551e+00") == 2
        assert text.count("-3.5701e+00") == 2
        assert "half, -9.775" in text
        assert "largest stable learning rate 0.8208" in text
        assert "ulp" not in text
        assert "λ" not in text
        await screen.press("m")
        text = screen.app.query_one(GradientTable).text
        assert "ulp" in text
        assert "condition 18.9" in text


async def test_g_is_told_where_a_branch_begins(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "n", "plus", "n")
        assert iteration(screen) == 3
        await screen.press("g", "1", "enter")
        problem = screen.app.screen.query_one(".problem", Static)
        assert "this branch begins at iteration 2" in str(problem.render())
        await screen.press("backspace", "2", "enter")
        await screen.until(lambda: iteration(screen) == 2 and not screen.busy)


async def test_a_narrow_terminal_shows_the_ulps_in_full(open_app: Open) -> None:
    async with open_app(PROBLEM, size=(80, 24)) as screen:
        await screen.press("2", "c")
        await screen.until(lambda: screen.run.stop is not None)
        await screen.press("m")
        heading, w, b, *_ = screen.app.query_one(GradientTable).text.splitlines()
        assert heading.endswith(" ulp")
        assert len(w) == len(b) == len(heading)
        assert all(row.split()[-1].isdecimal() for row in (w, b))


async def test_at_the_optimum_the_gradients_differ_by_no_more_than_rounding(open_app: Open) -> None:
    made = Synthetic(noise=0.1, true_w=(-3.0, 2.0))
    best = theory(Problem(made))
    problem = Problem(made, start_w=best.w, start_b=best.b)
    async with open_app(problem, (80, 20)) as screen:
        await screen.press("2", "n")
        rows = screen.app.query_one(GradientTable).text.splitlines()
        assert [row.split()[-1] for row in rows[1:4]] == ["✓", "✓", "✓"]
        assert str(screen.app.query_one("#w-label", Static).render()).startswith("w₁ of 2 -2.8")


@pytest.mark.parametrize(
    ("momentum", "texts"),
    [
        (
            0.0,
            (
                "learning rate 0.01",
                "largest stable learning rate 1.641",
                "swings for ever, never settles",
            ),
        ),
        (0.5, ("learning rate 0.01, none is stable", "momentum without zeroing: will diverge")),
    ],
)
async def test_without_zeroing_the_limit_is_another_one(
    open_app: Open, momentum: float, texts: tuple[str, str]
) -> None:
    problem = replace(PROBLEM, zeroing=False, momentum=momentum)
    async with open_app(problem) as screen:
        await screen.press("2", "n")
        shown = screen.app.query_one(GradientTable).text
        assert all(text in shown for text in texts), shown


async def test_another_learning_rate_after_going_back_starts_a_branch(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "c", "g", "1", "0", "0", "enter")
        assert iteration(screen) == 100
        await screen.press("plus", "c")
        experiment = screen.experiment
        assert experiment is not None
        assert [branch.name for branch in experiment.branches] == ["main", "learning rate 0.02"]
        assert [branch.furthest.state.iteration for branch in experiment.branches] == [300, 300]
        assert screen.run.history.start.iteration == 100
        table = screen.app.query_one(BranchTable).text
        assert "main" in table
        assert "▸ learning rate 0.02" in table
        for width, last in ((44, "1%"), (53, "loss"), (80, "b")):
            lines = branch_rows(experiment, screen.bench.state.theories, width)
            assert all(sum(len(span.text) for span in line) <= width for line in lines)
            assert lines[0][0].text.split()[-1] == last, "whole columns, as many as there is room"

        await screen.press("B", "up", "enter")
        assert screen.run.problem.learning_rate == 0.01
        assert screen.run.state == straight(300)


async def test_breakpoints_stop_a_run_and_say_so(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "b", *"i", "equals_sign", "7", "enter", "escape", "c")
        assert iteration(screen) == 8, "after iteration 7, counted from 0"
        assert screen.run.stop is not None
        assert screen.run.stop.reason == "breakpoint"
        await screen.press("c")
        assert iteration(screen) == 300


async def test_a_breakpoint_that_is_none_says_what_would_be_one(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "b", *"oops", "enter")
        problem = screen.app.screen.query_one(".problem", Static)
        assert "a breakpoint is one of" in str(problem.render())
        await screen.press("escape")
        assert screen.breakpoints == ()


async def test_the_experiment_form_warns_before_a_rate_that_diverges(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "p", "backspace", "backspace", "backspace", "backspace", "1")
        words = screen.app.screen.query_one(".problem", Static)
        assert "will diverge" in str(words.render())
        await screen.press("enter")
        assert screen.run.problem.learning_rate == 1.0


@pytest.mark.parametrize(
    ("rate", "larger", "smaller"),
    [
        *[(0.01, 0.02, 0.005), (0.02, 0.05, 0.01), (0.3, 0.5, 0.2), (5.0, 10.0, 2.0)],
        *[(1.0, 2.0, 0.5), (1e308, 1e308, 5e307), (5e-324, 1e-323, 5e-324)],
    ],
)
def test_learning_rates_go_by_1_2_5(rate: float, larger: float, smaller: float) -> None:
    assert next_rate(rate, 1) == larger
    assert next_rate(rate, -1) == smaller
