"""A screen in front of the others that gives one answer, however often it is asked to."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Keys typed faster than it goes away find it gone already, where Textual would raise."""

    has_keys = False
    """Whether its first field, if it has one, has been given the keys."""
    _answered = False

    def on_mount(self) -> None:
        """Take away what was said before: it would lie over the first fields."""
        self.app.clear_notifications()

    def on_screen_resume(self) -> None:
        """Take the keys, in the same moment as Textual gives them to the first field."""
        self.has_keys = True

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Go, with a result; nothing where it has gone or another dialog is in front.

        What Textual calls current is behind a dialog, too: from there it would close that one.
        """
        if self._answered or self.app.screen is not self:
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key may act: only while there is something in the dialog.

        A key may have been on its way to another screen when this one came, or to this one when
        it was answered.
        """
        there = self.is_mounted and not self._answered
        return there and super().check_action(action, parameters)
