"""Editing in the Graph tab, loaded when somebody asks for it: no first frame needs the editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui.graph.main_column import MainColumn
from tui.graph.subjects.opener import Opener
from tui.graph.what_if.what_if import WhatIf

if TYPE_CHECKING:
    from tui.graph.edit.editing import Editing


class LateEditing:
    """Changes the text of what is open; what is asked before anything was changed loads nothing.

    `edit`, `original` and `side_by_side` are actions of keys. `is_ready` says whether torch is
    there.
    """

    def __init__(
        self, opener: Opener, what_if: WhatIf, pane: Widget, is_ready: Callable[[], bool]
    ) -> None:
        self._opener, self._what_if, self._pane = opener, what_if, pane
        self._is_ready = is_ready
        self._editing: Editing | None = None

    @property
    def now(self) -> Editing:
        """What edits, from now on if it has not been there."""
        if self._editing is None:
            from tui.graph.edit.editing import Editing  # as said above

            main = self._pane.query_one(MainColumn)
            self._editing = Editing(self._opener, self._pane, main)
        return self._editing

    @property
    def has_changed(self) -> bool:
        """Whether the text of what is open has been changed."""
        return self._editing is not None and self._editing.has_changed

    def edit(self, whole: bool) -> None:
        """Change the text of what is open, at the current line or the whole of it."""
        self.now.begin(whole=whole)

    def original(self) -> None:
        """Show the original in place of what was made of it, or the other way round."""
        if self._opener.state.supposed:
            self._what_if.undo()
        else:
            self.now.toggle()

    def side_by_side(self) -> None:
        """Show the mistake that is open beside what is right."""
        from tui.graph.side_by_side.opening import open_side_by_side  # as said above

        if self._is_ready():
            self._pane.run_worker(open_side_by_side(self._pane.app, self.now.base))
        else:
            self._pane.app.notify("torch is still loading")

    def follow(self) -> None:
        """Follow the state of the tab, once that is shown."""
        if self._editing is not None:
            self._pane.call_later(self._editing.follow)

    def leave(self) -> bool:
        """Leave the editor; return whether it was open."""
        return self._editing is not None and self._editing.leave_editor()

    def close(self) -> None:
        """Keep what stands in the editor."""
        if self._editing is not None:
            self._editing.close()

    def opens(self, key: str) -> bool:
        """Open what has the key, if that is a version that somebody has made; return whether."""
        if self._editing is None or not self._editing.is_version(key):
            return False
        self._editing.open_version(self._editing.base_of(key))
        return True
