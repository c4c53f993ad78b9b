"""Showing the state of the Graph tab: each part of it where it differs from what was there."""

from __future__ import annotations

from functools import cached_property, partial

from textual.widget import Widget

from tui.graph.display import Display
from tui.graph.edit.late_editing import LateEditing
from tui.graph.hints import hint
from tui.graph.main_column import MainColumn
from tui.graph.predict.mode import PredictMode
from tui.graph.shared_run import SharedRun
from tui.graph.side_panel import SidePanel
from tui.graph.subjects.lesson_list import LessonList
from tui.graph.subjects.opened import Opened
from tui.graph.subjects.opener import Opener
from tui.kit.key_ids import keys_of
from tui.kit.text import safe
from tui.script.compared import SAME
from tui.script.nothing_yet import LOADING
from tui.script.player import Player

HINT_LEAST = 75
"""From this width on the heading says which key leads to the original and back."""
RECORDING = "recording …  escape stops it"


class ShownState:
    """Shows the opener's state in the widgets of a pane, and lets the other tabs know of it."""

    def __init__(
        self, opener: Opener, predict: PredictMode, pane: Widget, edits: LateEditing
    ) -> None:
        self._opener, self._predict, self._pane, self._edits = opener, predict, pane, edits
        self._shared = SharedRun()
        self._drawn: Player | None = None
        """What is on the screen, where that is not the player as it is now."""

    @property
    def _main(self) -> MainColumn:
        return self._pane.query_one(MainColumn)

    @cached_property
    def _display(self) -> Display:
        return Display(self._main, self._pane.query_one(SidePanel))

    def follow(self, before: Opened, state: Opened) -> None:
        """Show what differs from before."""
        self._main.awaits = bool(state.awaited)
        if state.key != before.key:
            self.mark_opened()
        was = state.original.recording if state.original else None
        self._pane.set_class(was is not None and not was.passes.count, "-lesson-changed")
        if state.remark is not before.remark:
            self._main.show_remark(state.remark, state.player)
        if (state.key, state.player.position) != (before.key, before.player.position):
            self._predict.withdraw()
        if (state.player.lens is None) != (before.player.lens is None):
            self._pane.refresh_bindings()
        if state.player is not before.player:
            self._drawn = self._drawn or before.player
            self.catch_up()
            self._tell_run()
        if (state.awaited, state.waiting) != (before.awaited, before.waiting):
            self._show_text()
        if state.refused != before.refused:
            self._main.show_paragraphs(state.refused)
        going_on = state.awaited, state.waiting, state.replaying
        if going_on != (before.awaited, before.waiting, before.replaying):
            self.show_headings()

    def catch_up(self) -> None:
        """Show what differs from what is on the screen; a hidden pane has no size, and waits."""
        if self._drawn is not None and self._pane.size.area:
            before, self._drawn = self._drawn, None
            state = self._opener.state
            self._display.show(before, state.player, self._opener.subject, state.original)
            if state.recording is None:
                self._show_text()
            self.show_headings()

    def begin(self) -> None:
        """Show what is open before anything of it is recorded."""
        self.mark_opened()
        if self._opener.state.waiting:
            self._show_text()
            self.show_headings()

    def _show_text(self) -> None:
        """Show the text of what is recorded, or is to be as soon as that is possible."""
        state = self._opener.state
        if text := state.awaited or state.waiting:
            self._main.show_source(text)
        if state.waiting:
            self._main.invite()

    def show_headings(self) -> None:
        """Write what is open and goes on over the source, and what differs over the graph."""
        state = self._opener.state
        going_on = state.replaying or (RECORDING if state.awaited else "")
        going_on = going_on or (LOADING if state.waiting else "")
        differs = SAME if state.supposed else self._display.versus.differs
        title = safe(self._opener.title) + self._predict.words
        if self._main.size.width >= HINT_LEAST:
            original, changed = state.original is not None, self._edits.has_changed
            keys = partial(keys_of, self._pane)
            title += hint(state.key, keys, original=original, changed=changed)
        self._main.show_headings(title, state.player, going_on, differs)
        self._main.show_supposed(safe(state.supposed.words) if state.supposed else "")

    def show_node(self) -> None:
        """Show what is known of the selected node."""
        self._display.show_node(self._opener.state.player, self._opener.subject)

    def mark_opened(self) -> None:
        """Mark what is open in the list of lessons, to which the user's own is added."""
        subject = self._opener.subject
        title = "" if subject is None else subject.title
        self._pane.query_one(LessonList).mark_opened(self._opener.state.key, title)

    def _tell_run(self) -> None:
        """Let the other tabs know of the script's run, where it differs."""
        state = self._opener.state
        title = state.titled(self._opener.title)
        message = self._shared.changed(state, title, self._opener.subject)
        if message is not None:
            self._pane.post_message(message)
