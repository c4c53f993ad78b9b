"""An app under Pilot, and waiting for what its workers do without sleeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual import events
from textual.keys import REPLACED_KEYS, key_to_character
from textual.pilot import Pilot

from engine.training.problem import Problem
from tui.app.app import LinregApp
from tui.app.workbench import Workbench
from tui.graph.loader import Recorders
from tui.script.subject import Subject
from tui.session.session_file import Resumed

PATIENCE = 2000
"""So many turns of the event loop a condition may take: a bound, not a time."""

Open = Callable[..., AbstractAsyncContextManager["Screen"]]


class Screen:
    """What a test needs of a running app."""

    def __init__(self, app: LinregApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def bench(self) -> Workbench:
        """The workbench, with the shared run."""
        return self.app.screen_stack[0].query_one(Workbench)

    async def until(self, condition: Callable[[], object]) -> None:
        """Pump the event loop until the condition holds."""
        for _ in range(PATIENCE):
            if condition():
                return
            await self.pilot.pause(0.005)
        pytest.fail("the condition never held")

    async def press(self, *keys: str) -> None:
        """Press keys one by one, waiting after each until what it asked for is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.until(lambda: not self.bench.busy)
            await self.pilot.pause()

    def send(self, *keys: str, age: float = 0.0) -> None:
        """Press keys as a terminal does, which waits for no answer; `age` seconds ago."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            event = events.Key(key, key_to_character(REPLACED_KEYS.get(key, key)))
            event.time -= age
            driver.send_message(event)


@asynccontextmanager
async def opened(
    problem: Problem | None = None,
    size: tuple[int, int] = (120, 40),
    subject: Subject | None = None,
    resumed: Resumed | None = None,
    notifications: bool = False,
    recorders: Recorders | None = None,
) -> AsyncIterator[Screen]:
    """The app in a size, from when torch is there and the run is prepared."""
    app = LinregApp(problem, subject, resumed=resumed, recorders=recorders)
    async with app.run_test(size=size, notifications=notifications) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.training and not screen.bench.busy)
        await pilot.pause()
        yield screen


@pytest.fixture
def open_app() -> Open:
    """A context that runs the app."""
    return opened
