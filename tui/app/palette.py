"""Textual's list of commands, which outlives any key and any text."""

from __future__ import annotations

from contextlib import suppress

from textual.command import Command, CommandInput, CommandList, CommandPalette, SearchIcon
from textual.css.query import NoMatches

from tui.kit.dialog import Dialog

LONGEST = 200
"""Most characters to look for: each is tried at every place of every command."""


class Palette(CommandPalette, Dialog[None]):
    """Textual's own raises where a page key comes before the commands have been laid out.

    And where commands are found after it has been closed.
    """

    def on_mount(self) -> None:
        """Take no text that is longer than any command, as a paste can be."""
        self.query_one(CommandInput).max_length = LONGEST
        self.query_one(SearchIcon).icon = ">"  # its own is in the fonts of few terminals

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError, IndexError):
            super()._action_command_list(action)

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        with suppress(NoMatches):
            super()._refresh_command_list(command_list, commands, clear_current)

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
