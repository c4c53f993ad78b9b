"""The breakpoints of training: listed, switched on and off, added and deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.training.breakpoints import Breakpoint, BreakpointError, parse
from tui.kit.dialog import Dialog
from tui.kit.option_list import Choices
from tui.kit.text import safe
from tui.kit.text_input import Line

EXAMPLES = "i=200   loss<1e-4   grad>100   dist<0.01   gain<1e-6"


class BreakpointScreen(Dialog[tuple[Breakpoint, ...]]):
    """Dismissed with the list as it is, by escape.

    `read` turns a typed condition into a breakpoint; raises BreakpointError.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("space", "switch", "On/off", show=False),
        Binding("delete,backspace", "remove", "Delete", show=False),
    ]

    def __init__(
        self, breakpoints: tuple[Breakpoint, ...], read: Callable[[str], Breakpoint] = parse
    ) -> None:
        super().__init__()
        self._read = read
        self._breakpoints = list(breakpoints)

    def compose(self) -> ComposeResult:
        """A line to add one, and the list."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "breakpoints"
            dialog.border_subtitle = "enter adds · tab to the list · escape closes"
            yield Line(placeholder=EXAMPLES)
            yield Static(markup=False, classes="problem")
            yield Choices(compact=True, classes="choices")
            yield Static(
                "space switches on and off, delete removes; a number that is not finite always "
                "stops a run",
                classes="hint",
            )

    def on_mount(self) -> None:
        """Fill the list with the breakpoints passed to the dialog."""
        self._list()

    def action_close(self) -> None:
        """Dismiss the dialog with the breakpoints now in the list."""
        self.dismiss(tuple(self._breakpoints))

    def action_switch(self) -> None:
        """Switch the one under the cursor."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            point = self._breakpoints[index]
            self._breakpoints[index] = replace(point, enabled=not point.enabled)
            self._list(index)

    def action_remove(self) -> None:
        """Delete the one under the cursor."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            del self._breakpoints[index]
            self._list(min(index, len(self._breakpoints) - 1))

    @on(OptionList.OptionSelected)
    def _switch(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_switch()

    @on(Input.Submitted)
    def _add(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self.action_close()
            return
        try:
            point = self._read(event.value)
        except BreakpointError as error:
            self.query_one(".problem", Static).update(safe(str(error)))
            return
        if point not in self._breakpoints:
            self._breakpoints.append(point)
        event.input.value = ""
        self.query_one(".problem", Static).update("")
        self._list(len(self._breakpoints) - 1)

    def _list(self, index: int = 0) -> None:
        choices = self.query_one(OptionList)
        choices.clear_options()
        for point in self._breakpoints:
            mark, style = ("● ", "$success") if point.enabled else ("○ ", "$muted")
            choices.add_option(Option(Content.assemble((mark, style), safe(point.text))))
        choices.display = bool(self._breakpoints)
        if self._breakpoints:
            choices.highlighted = max(index, 0)
