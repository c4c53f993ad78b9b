"""Textual's list of commands, which outlives any key."""

from __future__ import annotations

from contextlib import suppress

from textual.command import CommandPalette

from tui.kit.dialog import Dialog


class Palette(CommandPalette, Dialog[None]):
    """Textual's own raises where a page key comes before the commands have been laid out."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError, IndexError):
            super()._action_command_list(action)
