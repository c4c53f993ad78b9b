"""Keys that come faster than they are answered: each finds what it was meant for, or nothing.

A dialog takes a moment to come, and a worker asks for it, so more keys may have come before it is
there; a key that is held down goes on coming after what it does has become slow. Textual hands
each key to what has the focus and acts once it has come all the way up from there, by when the
next ones have been handed down the same way: the one behind the `enter` that closes a dialog would
be typed into it.
"""

from __future__ import annotations

from asyncio import CancelledError, sleep
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input, TextArea
from textual.worker import get_current_worker

from tui.app.too_small import too_small
from tui.kit.dialog import Dialog
from tui.kit.question import QuestionScreen

IMPORTING = 1_000
"""Hundredths of a second that the workbench and its tabs may take to come."""
TURNS = 100
"""So often what is waited for may be looked for at once: from a field to its screen is less."""
MOUNTING = 100
"""Hundredths of a second that a screen may take to come to the front, looks not counted."""
MANY = 30
"""So many messages in the queue are not waited for: nobody has typed them."""
LEADING_OUT = ("quit", "suspend_process", "dismiss", "dismiss(None)")
"""Actions that need nothing that is seen."""
LATE = 0.25
"""Seconds: a key that has waited longer, and is the same as the one before it, was held down."""


class Keyboard:
    """Owned by the app: which keys reach it, and that one dialog is asked for at a time.

    While it is `loading` the app may be slow for another reason than a key that is held down.
    """

    def __init__(self, app: App[None], loading: Callable[[], bool]) -> None:
        self._app, self._loading = app, loading
        self._last_key = ""
        self._is_typed = False
        """Whether the last key types something."""
        self._is_printable = False
        """Whether the last key is a character."""
        self._typing = False
        """Whether something has been typed that nobody has waited for."""
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
        """Wait for what is about to come, mostly in a moment, but not for ever."""
        for turn in range(TURNS + looks):
            if condition():
                break
            await sleep(0 if turn < TURNS else 0.01)

    def is_unseen(self) -> bool:
        """Whether what has the keys is hidden: by a terminal that has no room for it."""
        front = self._app._screen_stack[-1:]
        return too_small(self._app.size) and not any(isinstance(s, QuestionScreen) for s in front)

    async def takes(self, key: events.Key) -> bool:
        """Wait for a dialog or tab that is about to come; whether a key is meant for what is there.

        A key that was held down and comes late is not; what is typed, or leads out, always is. To
        what is hidden only what leads out is.
        """
        await self._until(lambda: not self._app._screen_stack or self._is_there())
        if not self._app._screen_stack:
            return False  # the app has ended
        if self.is_unseen() and not self._leads_out(key):
            return False
        again, self._last_key = key.key == self._last_key, key.key
        in_time = key.time <= self._free or monotonic() - key.time <= LATE
        late = not in_time and key.key != "escape"
        focused = self._app.focused
        types = focused is not None and focused.check_consume_key(key.key, key.character)
        self._is_typed, self._is_printable = types, key.is_printable
        wanted = types or isinstance(focused, Input)
        return not (again and late and not wanted and not self._loading())

    async def acts(self, key: str, bound: Callable[[str, bool], Awaitable[bool]]) -> bool:
        """Do what a key is bound to, and wait for what that leads to; whether it needs no more.

        `bound` does what a key is bound to, before or after what has the focus, and returns
        whether it is. A character that nobody waits for needs no more either. Of many keys that
        come at once, as with a paste, a line takes one after the other as Textual hands them on.
        """
        if self._is_typed:
            self._typing = True
            return await bound(key, True)
        focused, screen = self._app.focused, self._app.screen
        many = self._app.message_queue_size > MANY
        if many and isinstance(focused, Input):
            return await bound(key, True)
        if key == "escape":
            screen.clear_selection()
        elif isinstance(focused, Input) and self._typing:
            await self._caught_up((focused,), screen)
        self._typing = False
        if not await bound(key, True):
            if isinstance(focused, TextArea):
                return False  # it takes other keys, too
            if not await bound(key, False):
                return self._is_printable
        if focused is not None and key == "enter" and not many:
            await self._caught_up((*focused.ancestors_with_self,), screen)
        if not many:
            await sleep(0)  # a worker that is to ask something asks
        return True

    async def _caught_up(self, nodes: Sequence[DOMNode], screen: Screen[Any]) -> None:
        """Wait until each has dealt with what it has been told, and with what those before say.

        Where the screen goes because of that, it was.
        """
        done: list[bool] = []

        def climb(left: Sequence[DOMNode]) -> None:
            if not left or left[0] is self._app or not left[0].call_later(climb, left[1:]):
                done.append(True)

        climb(nodes)
        await self._until(lambda: bool(done) or self._app._screen_stack[-1:] != [screen])

    def _leads_out(self, key: events.Key) -> bool:
        """Whether a key closes or stops something, and types nothing."""
        if key.key in ("escape", "ctrl+c"):
            return True
        focused, bound = self._app.focused, self._app.screen.active_bindings.get(key.key)
        types = focused is not None and focused.check_consume_key(key.key, key.character)
        return bound is not None and not types and bound.binding.action in LEADING_OUT

    def _is_there(self) -> bool:
        """Whether the screen, and what on it has the keys, has all that its keys act on.

        Who has asked in a dialog that is gone is still to take the answer.
        """
        focused, screen = self._app.focused, self._app.screen
        if screen in self._asking or not screen.is_mounted:
            return False
        if isinstance(screen, Dialog) and not screen.has_keys:
            return False
        return focused is None or focused.is_mounted

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
