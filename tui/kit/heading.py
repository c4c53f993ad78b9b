"""A section's title on a thin line.

A widget of its own, not a border title: those repaint the whole widget when they change, and
these change at every step.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.kit.text import fit


class Heading(Widget):
    """One row: the title left, what changes right."""

    DEFAULT_CSS = """
    Heading { height: 1; color: $faint 60%; }
    """

    title: reactive[str] = reactive("")
    aside: reactive[str] = reactive("")
    focused: reactive[bool] = reactive(False)
    """Whether the section below has the keys."""

    def __init__(self, title: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(Heading.title, title)

    def show(self, title: str, aside: str = "") -> None:
        """Show another title and another aside, both already safe to show."""
        self.title, self.aside = title, aside

    @staticmethod
    def of(widget: Widget) -> Heading | None:
        """Return the heading that stands over a widget, or over what the widget is in."""
        for node in widget.ancestors_with_self:
            beside = list(node.parent.children) if node.parent else []
            # What has just been taken away still hears of the focus, and has nothing beside it.
            before = beside[: beside.index(node)] if node in beside else ()
            found = next((one for one in reversed(before) if isinstance(one, Heading)), None)
            if found is not None:
                return found
        return None

    def render(self) -> Content:
        """Draw the title, and the aside where there is room for it."""
        width = self.size.width
        title = fit(self.title, min(cell_len(self.title), max(width - 3, 1)))
        line = max(width - cell_len(title) - 3, 0)
        aside = f" {self.aside} ─" if self.aside and cell_len(self.aside) + 6 <= line else ""
        return Content.assemble(
            "▌ " if self.focused else "─ ",
            (title, "bold reverse $accent" if self.focused else "bold $foreground"),
            f" {'─' * (line - cell_len(aside))}"[: max(width - cell_len(title) - 2, 0)],
            (aside, "$faint"),
        )
