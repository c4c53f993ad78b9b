"""Keys that come faster than they are answered: each finds what it was meant for, or nothing.

A dialog takes a moment to come, and a worker asks for it, so more keys may have come before it is
there; a key that is held down goes on coming after what it does has become slow.
"""

from __future__ import annotations

from asyncio import CancelledError, sleep
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import get_current_worker

IMPORTING = 1_000
"""Hundredths of a second that the workbench and its tabs may take to come."""
MOUNTING = 100
"""Hundredths of a second that a screen may take to come to the front, looks not counted."""
LATE = 0.25
"""Seconds: a key that has waited longer, and is the same as the one before it, was held down."""


class Keyboard:
    """Owned by the app: which keys reach it, and that one dialog is asked for at a time.

    While it is `loading` the app may be slow for another reason than a key that is held down.
    """

    def __init__(self, app: App[None], loading: Callable[[], bool]) -> None:
        self._app, self._loading = app, loading
        self._last_key = ""
        self._free = 0.0
        """When keys last stopped waiting for what is imported."""
        self._asking: set[Screen[Any]] = set()
        """The screens over which a dialog is, or is about to be."""

    async def until_there(self, condition: Callable[[], bool]) -> None:
        """Wait for what is imported; a key that has come before that was not held down."""
        if not condition():
            await self._until(condition, IMPORTING)
            self._free = monotonic()

    async def _until(self, condition: Callable[[], bool], looks: int = MOUNTING) -> None:
        """Wait for what is about to come, but not for ever."""
        for _ in range(looks):
            if condition():
                break
            await sleep(0.01)

    async def takes(self, key: events.Key) -> bool:
        """Wait for a dialog or tab that is about to come; whether a key is meant for what is there.

        A key that was held down and comes late is not; what is typed, or leads out, always is.
        """
        await self._until(lambda: not self._app._screen_stack or self._is_there())
        again, self._last_key = key.key == self._last_key, key.key
        in_time = key.time <= self._free or monotonic() - key.time <= LATE
        late = not in_time and key.key != "escape"
        return not (again and late and not self._types(key) and not self._loading())

    def _is_there(self) -> bool:
        """Whether the screen, and what on it has the keys, has all that its keys act on.

        Who has asked in a dialog that is gone is still to take the answer.
        """
        focused, screen = self._app.focused, self._app.screen
        answered = screen not in self._asking
        return answered and screen.is_mounted and (focused is None or focused.is_mounted)

    def _types(self, key: events.Key) -> bool:
        """Whether a key types something where the focus is."""
        focused = self._app.focused
        if isinstance(focused, Input):
            return True
        return focused is not None and focused.check_consume_key(key.key, key.character)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a worker asks in a dialog: from each screen one at a time, no other is opened."""
        node = get_current_worker().node
        screen = self._app.screen_stack[0] if node is self._app else node.screen
        if screen in self._asking:
            raise CancelledError
        self._asking.add(screen)
        try:
            yield
        finally:
            self._asking.discard(screen)
