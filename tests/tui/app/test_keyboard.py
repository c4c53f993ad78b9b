from __future__ import annotations

from asyncio import sleep

from textual.command import CommandInput, CommandList
from textual.events import Paste
from textual.screen import Screen as TextualScreen
from textual.widgets import Input

from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.app.app import MOST_TOASTS
from tui.app.help import HelpScreen
from tui.app.keyboard import LATE
from tui.app.palette import Palette
from tui.graph.pane import GraphPane
from tui.kit.prompt import PromptScreen

PROBLEM = Problem(target=1_000_000)


def dialogs(screen: Screen) -> list[TextualScreen[object]]:
    return screen.app.screen_stack[1:]


def iteration(screen: Screen) -> int:
    return screen.run.state.iteration


async def handled(screen: Screen) -> None:
    """All keys, and what they asked for."""
    await screen.pilot.pause()
    await screen.until(lambda: not screen.busy)


async def test_n_held_down_does_not_run_on_after_release(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        screen.send(*["n"] * 500)
        await handled(screen)
        reached = iteration(screen)
        assert 1 <= reached <= 20
        for _ in range(20):
            await screen.pilot.pause()
        assert iteration(screen) == reached


async def test_a_key_that_is_slow_to_answer_does_not_run_on(open_app: Open) -> None:
    async with open_app() as screen:
        opened: list[TextualScreen[object]] = []
        screen.app.screen_change_signal.subscribe(screen.app, opened.append)
        screen.send(*["question_mark"] * 500, age=2 * LATE)
        await handled(screen)
        assert len(opened) == 1
        assert isinstance(screen.app.screen, HelpScreen)
        screen.send("escape", "n", "n", "N", "n", age=2 * LATE)
        await handled(screen)
        assert screen.app.query_one(GraphPane).player.position.lines == 1, (
            "but for the second n, all counts"
        )


async def test_what_is_typed_is_kept_however_late_it_is_read(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        screen.send("2", "g")
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        screen.send(*"1000", age=2 * LATE)
        await handled(screen)
        assert screen.app.screen.query_one(Input).value == "1000"


async def test_a_dialog_is_opened_once(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("c")
        for tab, key in map(tuple, ("1g", "2b", "2g", "2p", "2B", "2e", "3e")):
            await screen.press(tab)
            screen.send(*[key] * 5)
            await screen.until(lambda: dialogs(screen) and screen.app.screen.is_mounted)
            await handled(screen)
            assert len(dialogs(screen)) == 1, tab + key
            await screen.press("escape")
            assert not dialogs(screen), tab + key
        screen.send(key)
        await screen.until(lambda: dialogs(screen) and screen.app.screen.is_mounted)


async def test_dialogs_do_not_pile_up(open_app: Open) -> None:
    async with open_app() as screen:
        screen.send("question_mark")
        await screen.until(lambda: dialogs(screen))
        await screen.press("ctrl+p", "ctrl+c", "ctrl+p")
        assert len(dialogs(screen)) == 2, "the help, and whether to quit"
        for _ in range(50):
            screen.app.notify("nor toasts")
        await handled(screen)
        assert 0 < len(screen.notes) <= MOST_TOASTS


async def test_page_keys_and_long_pastes_do_the_palette_no_harm(open_app: Open) -> None:
    async with open_app() as screen:
        screen.send("ctrl+p", "ctrl+p", "pageup", "pagedown")
        await handled(screen)
        (palette,) = dialogs(screen)
        assert isinstance(palette, Palette)
        line = palette.query_one(CommandInput)
        line.post_message(Paste("quit " * 100_000))
        await handled(screen)
        assert not line.value, "no command is as long, and to look for it takes seconds"


async def test_keys_in_one_burst_go_to_what_those_before_have_opened_or_closed(
    open_app: Open,
) -> None:
    async with open_app(PROBLEM) as screen:
        screen.send(*"2p", "ctrl+r", "enter", "n", "g", *"4x", "backspace", "enter")
        await screen.until(lambda: screen.run.state.iteration == 4)
        assert screen.problem.learning_rate != 0.01
        await handled(screen)
        screen.send("1", "slash", *"add", "enter", *"2n")
        await screen.until(lambda: screen.run.state.iteration == 5)
        assert screen.tab == "train"


async def test_a_command_of_the_palette_may_ask_something(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("ctrl+p", *"save session as".replace(" ", ""))
        await screen.until(lambda: screen.app.screen.query_one(CommandList).options)
        await screen.press("enter")
        await screen.until(lambda: isinstance(screen.app.screen, PromptScreen))
        assert len(dialogs(screen)) == 1


async def test_keys_go_to_the_tab_where_what_had_them_is_hidden(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("tab")
        assert screen.app.focused is not screen.app.query_one(GraphPane)
        await screen.press("m")
        await screen.press("n")
        await screen.until(lambda: screen.app.query_one(GraphPane).player.position.lines == 1)


async def test_to_leave_while_a_dialog_is_built_is_no_failure(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("2")
        screen.send("b")
        while not dialogs(screen):
            await sleep(0)
        screen.app.leave(0)
    assert screen.app.failure is None
