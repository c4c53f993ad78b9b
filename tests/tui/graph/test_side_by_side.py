"""A mistake and what is right, in lockstep."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import lesson
from tui.graph.side_by_side.screen import Half, SideBySideScreen
from tui.graph.tensor_table import TensorTable


async def side_by_side(screen: Screen, key: str) -> SideBySideScreen:
    """Open a mistake beside what is right, and wait until both are recorded."""
    await lesson(screen, key)
    await screen.press("vertical_line")
    await screen.until(lambda: isinstance(screen.app.screen, SideBySideScreen))
    await screen.pilot.pause()
    shown = screen.app.screen
    assert isinstance(shown, SideBySideScreen)
    return shown


def verdict(screen: SideBySideScreen) -> str:
    return str(screen.query_one("#race-verdict").render())


async def test_both_step_at_once_and_the_first_number_that_differs_is_said(
    open_app: Open,
) -> None:
    async with open_app() as screen:
        shown = await side_by_side(screen, "forgot_zero")
        assert "the same up to here" in verdict(shown)
        await screen.press("n", "n")
        await screen.press("c")
        assert "≠ the first number that differs: w.grad is 6, right 3" in verdict(shown)
        wrong, right = (table.text for table in shown.query(TensorTable))
        assert "grad 6  ≠ grad right: 3" in wrong
        assert "grad 3  ≠ grad wrong: 6" in right
        await screen.press("n")
        assert "≠ first differed: w.grad" in verdict(shown)
        await screen.press("N", "N")
        assert "≠" not in verdict(shown)
        await screen.press("r")
        assert shown.step == 0
        await screen.press("escape")
        assert screen.app.screen is not shown


async def test_an_error_is_said_before_numbers_differ(open_app: Open) -> None:
    async with open_app() as screen:
        shown = await side_by_side(screen, "numpy_grad")
        await screen.press("c")
        assert "raises RuntimeError" in verdict(shown)


@pytest.mark.parametrize(("size", "stacked"), [((80, 24), True), ((120, 40), False)])
async def test_it_is_stacked_where_it_is_narrow(
    open_app: Open, size: tuple[int, int], stacked: bool
) -> None:
    async with open_app(size=size) as screen:
        shown = await side_by_side(screen, "silent_write")
        one, other = (half.region for half in shown.query(Half))
        assert (other.y > one.y, other.x > one.x) == (stacked, not stacked)


async def test_a_lesson_has_nothing_beside_it(open_app: Open) -> None:
    async with open_app(notifications=True) as screen:
        await lesson(screen, "backward")
        await screen.press("vertical_line")
        await screen.until(lambda: screen.notes)
        assert not isinstance(screen.app.screen, SideBySideScreen)
