"""Keys that come faster than they are answered: each finds what it was meant for, or nothing.

A dialog takes a moment to come, and a worker asks for it, so more keys may have come before it is
there; a key that is held down goes on coming after what it does has become slow.
"""

from __future__ import annotations

from asyncio import CancelledError, sleep
from time import monotonic
from typing import Any, TypeVar

from textual import events
from textual.screen import ModalScreen, Screen
from textual.theme import ThemeProvider
from textual.widgets import Input
from textual.worker import get_current_worker

from tui.app.palette import Palette
from tui.process.guarded_app import GuardedApp

MOUNTING = 100
"""Hundredths of a second that a screen may take to come to the front."""
LATE = 0.25
"""Seconds: a key that has waited longer, and is the same as the one before it, was held down."""

Answer = TypeVar("Answer")


class KeyboardApp(GuardedApp):
    """Does no more for keys than they ask for while one looks."""

    def __init__(self) -> None:
        super().__init__()
        self._last_key = ""
        self._asked: set[Screen[Any]] = set()
        """The screens over which a dialog is, or is about to be."""

    async def on_event(self, event: events.Event) -> None:
        """As Textual; but a key waits for its dialog, and one held down does not run on."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._dialog_is_there()
            if self._runs_on(event):
                return
        await super().on_event(event)

    async def push_screen_wait(
        self, screen: Screen[Answer] | str, *, mode: str | None = None
    ) -> Answer | Any:
        """As Textual, but from each screen one dialog at a time: no other is opened."""
        node = get_current_worker().node
        asking = self.screen_stack[0] if node is self else node.screen
        if asking in self._asked:
            raise CancelledError
        self._asked.add(asking)
        try:
            return await super().push_screen_wait(screen, mode=mode)
        finally:
            self._asked.discard(asking)

    def action_command_palette(self) -> None:
        """All commands, unless something else is asked just now."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        """As Textual, in a list that outlives any key."""
        self.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))

    async def _dialog_is_there(self) -> None:
        for _ in range(MOUNTING):
            if not self._screen_stack or self.screen.is_mounted:
                break
            await sleep(0.01)

    def _runs_on(self, key: events.Key) -> bool:
        """Whether a key was held down before; what is typed, or leads out, is never taken away."""
        again, self._last_key = key.key == self._last_key, key.key
        late = monotonic() - key.time > LATE and key.key != "escape"
        return again and late and not isinstance(self.focused, Input)
