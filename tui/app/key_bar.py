"""One row: the keys that work here.

Textual's Footer is a widget for each key, made anew whenever the focus moves: more work than
all the rest of going to another tab.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from tui.kit.after_paint import after_paint

LOOKS = 0.01
"""Seconds between two looks whether there are keys."""
LAST = 2
"""So many of the last keys, those of the whole app, stay where there is no room for all."""


class Key(NamedTuple):
    """A key and what it does."""

    name: str
    """As Textual calls it."""
    shown: str
    words: str
    works: bool

    @property
    def width(self) -> int:
        """Cells, with the gap to the next one."""
        return cell_len(self.shown) + 1 + cell_len(self.words) + 1


class KeyBar(Widget):
    """The bindings of what has the focus; a click is as good as the key."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; }
    """

    keys: reactive[tuple[Key, ...]] = reactive(())

    def once_painted(self, then: Callable[[], object]) -> None:
        """Call `then` when the keys are on the screen, which come later than all else.

        Where the terminal has no focus they do not come, nor under a dialog.
        """
        if self.keys or not self.app.app_focus or self.app.screen is not self.screen:
            after_paint(self, then)
        else:
            self.set_timer(LOOKS, partial(self.once_painted, then))

    def on_mount(self) -> None:
        """Subscribe to the signal that the active bindings of the screen have changed."""
        self.screen.bindings_updated_signal.subscribe(self, self._take)

    def render(self) -> Content:
        """As many keys as there is room for, the last ones before those in the middle."""
        return Content("").join(
            Content.assemble((key.shown, "bold $footer-key-foreground"), f" {key.words} ").stylize(
                "" if key.works else "dim"
            )
            for key in self._shown()
        )

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        end = 0
        for key in self._shown():
            end += key.width
            if event.x < end:
                if key.works:
                    self.app.simulate_key(key.name)
                return

    def _take(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.screen or not screen.app.app_focus:
            return
        one_for_each: dict[str, Key] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show:
                shown = self.app.get_key_display(binding)
                key = Key(binding.key, shown, binding.description, enabled)
                one_for_each.setdefault(binding.action, key)
        self.keys = tuple(one_for_each.values())

    def _shown(self) -> list[Key]:
        return fitting(self.keys, self.size.width)


def fitting(keys: tuple[Key, ...], width: int) -> list[Key]:
    """The keys that fit into `width` cells: the first ones, and always the last ones."""
    first, last = list(keys[:-LAST]), list(keys[-LAST:])
    room = width - sum(key.width for key in last)
    while first and sum(key.width for key in first) > room + 1:
        first.pop()
    return first + last
