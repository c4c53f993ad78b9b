"""Every tab in every size, while a run goes on."""

from __future__ import annotations

from functools import partial

import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import Input

from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.app.too_small import SMALLEST

SIZES = (
    *((1, 1), (500, 1), (39, 12), (40, 11), (40, 12), (79, 23)),
    *((150, 32), (200, 13), (160, 70)),
)

pytestmark = pytest.mark.usefixtures("every_frame")


def lines(screen: Screen) -> list[str]:
    """What is on the screen."""
    return [strip.text for strip in screen.app.screen._compositor.render_strips()]


async def resize(screen: Screen, width: int, height: int) -> None:
    """As a terminal would, without waiting until all is quiet: training never is."""
    size = Size(width, height)
    screen.app.post_message(events.Resize(size, size))
    await screen.until(lambda: screen.app.screen.size == size and screen.bench.size == size)


def fills(screen: Screen, size: tuple[int, int]) -> bool:
    """Whether all of a size is painted; and where it is too small, with the size that is needed."""
    width, height = size
    shown = lines(screen)
    small = width < SMALLEST.width or height < SMALLEST.height
    told = not small or width < len("40×12") or "40×12" in " ".join(shown)
    filled = len(shown) == height and {len(line) for line in shown} == {width}
    return filled and told and screen.app.has_class("-tiny") == small


async def test_every_tab_fills_every_size_while_training(open_app: Open) -> None:
    async with open_app(Problem(target=10**9)) as screen:
        await screen.press("2")
        await screen.pilot.press("space")
        for tab in "123":
            await screen.pilot.press(tab)
            for size in SIZES:
                await resize(screen, *size)
                await screen.until(partial(fills, screen, size))
        await resize(screen, 300, 120)
        await screen.until(partial(fills, screen, (300, 120)))
        assert screen.busy == "playing"
        done = screen.run
        await screen.until(lambda: screen.run is not done)


async def test_a_dialog_is_out_of_the_way_where_there_is_no_room(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("question_mark")
        await resize(screen, 30, 5)
        await screen.until(lambda: "too small: needs 40×12" in " ".join(lines(screen)))
        await resize(screen, 80, 24)
        await screen.until(lambda: "escape closes" in " ".join(lines(screen)))
        await screen.press("escape", "2", "p", "ctrl+r")
        rate = screen.app.screen.query_one("#learning_rate", Input)
        offered = rate.value
        await resize(screen, 60, 14)
        await screen.press("down", "down", "up")
        assert screen.app.focused is screen.app.screen.query_one("#method"), "nor only scrolled"
        await resize(screen, 30, 5)
        screen.app.post_message(events.Paste("1"))
        await screen.press("1", "ctrl+r", "enter")
        assert rate.value == offered, "what is hidden takes no keys"
        await screen.press("escape", "n", "3")
        assert (screen.tab, screen.run.state.iteration) == ("train", 0)
        await resize(screen, 80, 24)
        await screen.press("ctrl+c")
        assert "quit? enter quits" not in " ".join(lines(screen)), "the dialog's frame says it"
        await resize(screen, 40, 10)
        await screen.until(lambda: "quit? enter quits · escape stays" in " ".join(lines(screen)))


async def test_of_two_sizes_that_come_at_once_the_screen_takes_the_newer(open_app: Open) -> None:
    async with open_app() as screen:
        home, old, new = screen.app.screen, Size(90, 30), Size(80, 24)
        taken: list[Size] = []
        home.screen_layout_refresh_signal.subscribe(home, lambda _: taken.append(home.size))
        for size in (old, new):
            home.post_message(events.Resize(size, size))
            home.post_message(events.Idle())  # or the newer one takes the place of the older
        screen.app.post_message(events.Resize(new, new))
        await screen.pilot.pause()
        await screen.until(lambda: home.size == new)
        assert old not in taken


async def test_a_line_of_code_that_is_cut_says_so(open_app: Open) -> None:
    async with open_app(size=(40, 12)) as screen:
        await screen.press("2")
        await screen.until(lambda: any("y_hat = x @ w" in line for line in lines(screen)))
        cut, whole = ("y_hat = x @ w", "…"), ("# predict", " ")
        for words, end in (cut, whole):
            code = next(line for line in lines(screen) if words in line)[:22]
            assert code.rstrip("▁▂▃▄▅▆▇█").endswith(end)
