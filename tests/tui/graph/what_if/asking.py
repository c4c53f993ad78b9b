"""Typing into the dialogs that ask what if."""

from __future__ import annotations

from textual.widgets import Input, Static

from tests.tui.conftest import Screen
from tests.tui.graph.screens import pane_of
from tui.kit.heading import Heading
from tui.script.player import Player


async def ask(screen: Screen, key: str, text: str) -> None:
    """Open a dialog by its key, and type an answer into it."""
    await screen.press(key)
    await screen.until(lambda: isinstance(screen.app.focused, Input))
    screen.app.screen.query_one(Input).value = text
    await screen.press("enter")


async def suppose(screen: Screen, text: str) -> None:
    """Suppose another gradient into the selected node, and wait until it is shown."""
    before = pane_of(screen).state.supposed
    await ask(screen, "W", text)
    await screen.until(lambda: pane_of(screen).state.supposed not in (None, before))
    await screen.pilot.pause()


async def nudge(screen: Screen, *keys: str) -> None:
    """Press keys, and wait after each until what it comes to is shown."""
    pane = pane_of(screen)
    for key in keys:
        before = pane.state.player
        await screen.press(key)

        def shown(before: Player = before) -> bool:
            return pane.state.player is not before and not pane.state.replaying

        await screen.until(shown)
    await screen.pilot.pause()


def problem(screen: Screen) -> str:
    """What is wrong with what was typed."""
    return str(screen.app.screen.query_one(".problem", Static).render())


def graph_heading(screen: Screen) -> str:
    """The title over the graph."""
    return screen.app.query_one("#drawing-heading", Heading).title
