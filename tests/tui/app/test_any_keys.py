"""Any keys in any order: nothing fails, and escape and q always lead out.

A few examples are tried, always the same. `HYPOTHESIS_PROFILE=long` tries many, others each time,
and makes what fails as short as it can.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, ExitStack, chdir
from typing import TypeVar
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from textual.widgets import ContentSwitcher, Input, TextArea
from textual.worker import WorkerState

from engine.training.problem import Problem
from tests.keys import bound
from tests.tui.conftest import Screen, opened
from tui.app.too_small import too_small
from tui.kit.prompt import PromptScreen

KEYS = st.sampled_from(bound())
SIZES = st.sampled_from([(120, 40), (80, 24), (200, 50), (40, 12), (10, 3)])
ESCAPES = 6
"""So many lead from anywhere to a tab: out of a dialog on a dialog, a search, a recording."""
DEEPEST = 4
"""The tabs, the branches, another name for one, and whether to quit."""
WAITING = 50
"""Messages that may wait to be handled when the keys have been."""

T = TypeVar("T")


class AnyKeys(RuleBasedStateMachine):
    """Somebody at the keyboard, who opens the app again where the keys have closed it."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._screen: Screen | None = None
        self._home = ExitStack()
        folder = self._home.enter_context(tempfile.TemporaryDirectory())
        self._home.enter_context(chdir(folder))
        names = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR")
        self._home.enter_context(mock.patch.dict(os.environ, dict.fromkeys(names, folder)))

    @rule(key=KEYS)
    def press(self, key: str) -> None:
        self._run(self._press([key]))

    @rule(keys=st.lists(KEYS, min_size=2, max_size=9))
    def press_faster_than_it_answers(self, keys: list[str]) -> None:
        self._run(self._press(keys))

    @rule(key=KEYS, times=st.integers(10, 40))
    def hold_down(self, key: str, times: int) -> None:
        self._run(self._press([key] * times))

    @rule(size=SIZES)
    def resize(self, size: tuple[int, int]) -> None:
        self._run(self._resize(size))

    @rule()
    def wait(self) -> None:
        self._run(self._wait())

    @invariant()
    def all_is_well(self) -> None:
        if self._screen is not None:
            assert self._screen.app.failure is None
        if self._running:
            self._run(self._look())

    def teardown(self) -> None:
        try:
            self._run(self._leave())
        finally:
            self._run(self._open.aclose())
            self._runner.close()
            self._home.close()

    @property
    def _running(self) -> bool:
        return self._screen is not None and not self._screen.app._exit

    def _run(self, work: Coroutine[object, object, T]) -> T:
        """In one context, which is how Textual knows its app."""
        return self._runner.run(work)

    async def _there(self) -> Screen:
        """The app, open."""
        if self._screen is None or not self._running:
            await self._open.aclose()
            self._screen = await self._open.enter_async_context(opened(Problem(target=300)))
        return self._screen

    async def _press(self, keys: Sequence[str]) -> None:
        screen = await self._there()
        for key in keys:
            # A slash where a file's name is asked for would lead out of the folder.
            if key != "slash" or not isinstance(screen.app.screen, PromptScreen):
                screen.send(key)
        await screen.pilot.pause()

    async def _resize(self, size: tuple[int, int]) -> None:
        await (await self._there()).pilot.resize_terminal(*size)

    async def _wait(self) -> None:
        """Until what has been asked for is done; two do not train at the same time."""
        screen = await self._there()
        await screen.until(lambda: screen.busy in ("", "playing"))
        await screen.until(lambda: len(self._training(screen)) <= bool(screen.busy))

    def _training(self, screen: Screen) -> list[object]:
        workers = [w for w in screen.app.workers if w.group == "training"]
        return [w for w in workers if w.state is WorkerState.RUNNING]

    async def _look(self) -> None:
        """What holds whatever has been pressed."""
        assert self._screen is not None
        app, bench = self._screen.app, self._screen.bench
        tabs = bench.query_one(ContentSwitcher).children
        assert [tab.id for tab in tabs if tab.display] == [bench.tab]
        await self._screen.until(lambda: app.focused is not None or not app.screen.focus_chain)
        assert len(app.screen_stack) <= DEEPEST
        pumps = (app, app.screen, bench)
        assert max(pump.message_queue_size for pump in pumps) <= WAITING
        await self._screen.until(self._footer_fits)

    def _footer_fits(self) -> bool:
        """Its last key is there, where it has one: `q` is a letter for who types."""
        assert self._screen is not None
        app = self._screen.app
        typing = isinstance(app.focused, Input | TextArea)
        if len(app.screen_stack) > 1 or typing or app.size.width < 80 or too_small(app.size):
            return True
        *_, footer = app.screen._compositor.render_strips()
        return "Quit" in footer.text

    async def _leave(self) -> None:
        if self._running:
            for key in (*["escape"] * ESCAPES, "q"):
                await self._press([key])
            assert not self._running


TestAnyKeys = pytest.mark.usefixtures("every_frame")(AnyKeys.TestCase)
if settings.get_current_profile_name() != "long":
    TestAnyKeys.settings = settings(max_examples=3, stateful_step_count=20, derandomize=True)
