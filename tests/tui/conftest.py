"""An app under Pilot, and waiting for what its workers do without sleeping."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import pytest
import textual.screen
from textual import events
from textual.filter import LineFilter
from textual.keys import REPLACED_KEYS, key_to_character
from textual.message_pump import MessagePump
from textual.notifications import Notification
from textual.pilot import Pilot

from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint
from engine.training.points import Points
from engine.training.problem import Problem
from engine.training.run import Run
from engine.training.theory import Theory
from tests.tui import frames, stylesheets
from tui.app.app import LinregApp
from tui.app.workbench import Workbench
from tui.graph.subjects.loader import Recorders
from tui.run.iteration import Inside
from tui.script.subject import Start
from tui.session.resumed import Resumed

PATIENCE = 10_000
"""So often a condition is looked at: a bound for a busy machine, not an expectation."""
TURN = 0.005
"""Seconds from one look to the next."""
SCHEDULED = 4
"""Turns of the loop until what a driver sends is in the app's queue, which a pause looks at."""
SOON = 100
"""So many turns of the loop may pass, one after the other, until a message is dealt with."""
PAUSE = 10
"""Looks from one pause of the pilot to the next."""
NEVER_LATE = 1e6
"""Seconds until a key could be taken for one that was held down."""

vars(textual.screen)["UPDATE_PERIOD"] = 0.2
"""Seconds from one frame to the next, where no test asks for one: nobody looks at them."""

stylesheets.share()
frames.skip()

T = TypeVar("T")
Open = Callable[..., AbstractAsyncContextManager["Screen"]]


class Screen:
    """What a test needs of a running app."""

    def __init__(self, app: LinregApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def bench(self) -> Workbench:
        """The workbench, with the shared run."""
        return self.app.bench

    @property
    def run(self) -> Run:
        """The shared run, as it stands."""
        return _there(self.bench.state.run)

    @property
    def experiment(self) -> Experiment:
        """All branches."""
        return _there(self.bench.state.experiment)

    @property
    def problem(self) -> Problem:
        """What is trained."""
        return self.bench.trainer.problem

    @property
    def theory(self) -> Theory:
        """What is known of the problem."""
        return _there(self.bench.state.theory)

    @property
    def points(self) -> Points | None:
        """The data, once they are prepared."""
        return self.bench.state.points

    @property
    def inside(self) -> Inside:
        """The current iteration, line by line."""
        return _there(self.bench.state.inside)

    @property
    def cursor(self) -> int | None:
        """After how many iterations the run is looked at; None: where it stands."""
        return self.bench.state.cursor

    @property
    def pace(self) -> float | None:
        """Iterations a second; None is flat out."""
        return self.bench.state.pace

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Where the run stops."""
        return self.bench.state.breakpoints

    @property
    def notes(self) -> list[Notification]:
        """The messages that stand over the tabs, oldest first."""
        return list(self.app._notifications)

    @property
    def messages(self) -> list[str]:
        """Their text."""
        return [note.message for note in self.notes]

    @property
    def said(self) -> str:
        """All of it, in a line."""
        return " ".join(self.messages)

    @property
    def busy(self) -> str:
        """What is being done; empty while nothing is."""
        return self.bench.state.busy

    @property
    def reading(self) -> str:
        """How much of a file is read; empty while none is."""
        return self.bench.state.reading

    @property
    def tab(self) -> str:
        """The one in front."""
        return self.bench.tab

    async def prepared(self) -> None:
        """Wait until torch is there, and the run."""
        await self.until(lambda: self.bench.state.run and not self.busy)

    def command(self, title: str) -> None:
        """Choose a command of the palette."""
        commands = self.app.get_system_commands(self.app.screen)
        next(command.callback for command in commands if command.title == title)()

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app go on until the condition holds.

        A pause of the pilot asks every widget for an answer, which is too much at each look.
        """
        for turn in range(PATIENCE):
            if condition():
                return
            await sleep(TURN)
            if turn % PAUSE == 0:
                await self.pilot.pause(0)
        pytest.fail("the condition never held")

    async def press(self, *keys: str) -> None:
        """Press keys one by one, waiting after each until what it asked for is done.

        What the last one leads to is painted. However late a starved process reads them, none
        was held down.
        """
        for key in keys:
            self.send(key, age=-NEVER_LATE)
            for _ in range(SCHEDULED):
                await sleep(0)
            await self._answered()
            await self.pilot.pause()
            if self.busy:
                await self.until(lambda: not self.busy)
                await self.pilot.pause()
        frames.paint(self.app)

    async def _answered(self) -> None:
        """Wait until a key has gone from the app to what has the focus, and back up to the app.

        A pause of the pilot asks all of them at once, and takes a starved process for an idle one:
        the next key would come before what this one leads to, such as to a dialog that it closes.
        """
        await self._dealt_with(self.app)
        for node in (self.app.focused or self.app.screen).ancestors_with_self:
            await self._dealt_with(node)

    async def _dealt_with(self, node: MessagePump) -> None:
        """Wait until all messages that a node has now are dealt with, unless the app ends."""
        done: list[bool] = []
        turns = 0
        if node.call_later(done.append, True):
            while not done and node.is_running and not self.app._exit:
                await sleep(0 if turns < SOON else TURN)
                turns += 1

    def send(self, *keys: str, age: float = 0.0) -> None:
        """Press keys as a terminal does, which waits for no answer; `age` seconds ago."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            event = events.Key(key, key_to_character(REPLACED_KEYS.get(key, key)))
            event.time -= age
            driver.send_message(event)


def _there(value: T | None) -> T:
    assert value is not None, "the run is not prepared"
    return value


@asynccontextmanager
async def opened(
    problem: Problem | None = None,
    size: tuple[int, int] = (120, 40),
    subject: Start | None = None,
    resumed: Resumed | None = None,
    notifications: bool = False,
    recorders: Recorders | None = None,
    glyph_filter: LineFilter | None = None,
    devices: Callable[[], int] | None = None,
) -> AsyncIterator[Screen]:
    """The app in a size, from when torch is there and the run is prepared."""
    app = LinregApp(problem, subject, resumed=resumed, recorders=lambda: recorders or Recorders())
    app.glyph_filter = glyph_filter or app.glyph_filter
    app.bench.trainer.devices = devices
    async with app.run_test(size=size, notifications=notifications) as pilot:
        screen = Screen(app, pilot)
        await screen.prepared()
        await pilot.pause()
        yield screen
        frames.paint(app)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores, versions and sessions of whoever runs the tests are not for the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def open_app() -> Open:
    """A context that runs the app."""
    return opened
