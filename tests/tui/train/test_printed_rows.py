from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.history import History
from engine.training.problem import Problem, State, Step
from engine.training.step_columns import Steps
from tests.tui.conftest import Open, Screen
from tui.train.printed_rows import PrintedRows, printed, spacing


def kept(last: int, stride: int) -> History:
    """What is kept of a run: multiples of the stride, and the last."""
    iterations = sorted({*range(0, last, stride), last})
    steps = Steps(Step(i, 1.0, (1.0,), 0.0, (0.0,), 0.0) for i in iterations)
    return History(State(0, (0.0,), 0.0), steps, stride)


def iterations(history: History, every: int) -> list[int]:
    return [history.steps[at].iteration for at in printed(history, every)]


def shown(screen: Screen) -> list[str]:
    """The iterations of the table's rows, on the screen or scrolled away."""
    return [row.split()[0] for row in screen.app.query_one(PrintedRows).text.splitlines()]


@pytest.mark.parametrize(
    ("target", "stride", "every"),
    [(5000, 1, 200), (5000, 4, 200), (10**6, 512, 12800), (1000, 1, 20), (60, 1, 2), (3, 1, 1)],
)
def test_rows_are_200_iterations_apart_and_less_before_a_near_target(
    target: int, stride: int, every: int
) -> None:
    assert spacing(target, stride) == every


@pytest.mark.parametrize(
    ("last", "every", "rows"),
    [(4, 200, [0, 4]), (400, 200, [0, 200, 400]), (401, 200, [0, 200, 400, 401]), (0, 1, [0])],
)
def test_rows_stand_at_round_iterations_and_the_newest(
    last: int, every: int, rows: list[int]
) -> None:
    assert iterations(kept(last, 1), every) == rows


@given(st.integers(0, 5000), st.integers(0, 9), st.integers(1, 10_000))
def test_what_is_kept_has_every_row_that_is_due(last: int, power: int, target: int) -> None:
    every = spacing(target, 2**power)
    due = sorted({*range(0, last, every), last})
    assert iterations(kept(last, 2**power), every) == due


def test_without_a_run_there_are_no_rows() -> None:
    assert list(printed(None, 200)) == []


async def test_the_table_is_there_in_every_size_as_the_tutorial_prints_it(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("2", "g", *"450", "enter")
        step = screen.run.history.step(401)
        assert step is not None
        rows = screen.app.query_one(PrintedRows)
        for size in ((80, 24), (100, 30), (120, 40), (200, 50)):
            await screen.pilot.resize_terminal(*size)
            assert shown(screen) == ["0", "200", "400", "449"]
            assert rows.size.height >= 4
            line = rows.text.splitlines()[2].split()
            assert [float(text) for text in line[1:]] == pytest.approx(
                [step.w[0], step.b, step.loss], rel=1e-3
            )
            widest = max(map(len, rows.text.splitlines()))
            assert widest <= rows.scrollable_content_region.width, "no number is cut"


async def test_the_newest_row_stays_in_view_until_one_scrolls_up(open_app: Open) -> None:
    async with open_app(Problem(target=300), size=(80, 24)) as screen:
        await screen.press("2", "g", *"250", "enter")
        rows = screen.app.query_one(PrintedRows)
        assert rows.scroll_offset.y == rows.max_scroll_y > 0
        await screen.press("n", "n", "n")
        await screen.until(lambda: rows.scroll_offset.y == rows.max_scroll_y)
        await screen.press("pageup")
        above = rows.scroll_offset.y
        assert above < rows.max_scroll_y
        await screen.press("n")
        assert rows.scroll_offset.y == above
        await screen.press("pagedown", "n")
        await screen.until(lambda: rows.scroll_offset.y == rows.max_scroll_y)
        await screen.until(lambda: shown(screen)[-1] == str(screen.run.state.iteration - 1))
