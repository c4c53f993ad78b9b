"""Rows of spans in a scrolling widget: the base of everything drawn.

Only the rows on the screen are asked for, so 100,000 rows scroll like 10. `styles` gives roles
their looks; a role may be several words (`op current`), whose looks are laid over each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.kit import styles
from tui.kit.spans import Span


class RowsView(ScrollView):
    """Shows `row(0)` to `row(n - 1)`; subclasses say what a row is and how many there are."""

    DEFAULT_CSS = "RowsView { background: transparent; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._styles_of_roles: dict[str, Style] = {}
        self._painted: dict[int, list[tuple[str, str]]] = {}
        self._extent = Size(0, 0)

    def row(self, y: int) -> Sequence[Span]:
        """The spans of one row; beyond the last one, nothing."""
        return ()

    @property
    def text(self) -> str:
        """All rows as plain text."""
        rows = ("".join(span.text for span in self.row(y)) for y in range(self._extent.height))
        return "\n".join(row.rstrip() for row in rows)

    def show_rows(self, width: int, height: int) -> None:
        """Say how large the rows are now, and paint those that differ from what is there."""
        self._extent = Size(width, height)
        if not self._claim():
            self.repaint()

    def on_resize(self) -> None:
        """What had room may have none now."""
        self._claim()

    def _claim(self) -> bool:
        """Scroll only over rows that do not fit: another size lays out the whole screen anew."""
        fits = self._extent.width <= self.size.width and self._extent.height <= self.size.height
        size = Size(0, 0) if fits else self._extent
        if size == self.virtual_size:
            return False
        if self._bars(size) == self._bars(self.virtual_size):
            # Nothing but a scroll bar changes, and that needs no new layout of the screen.
            self.set_reactive(RowsView.virtual_size, size)
            self._scroll_update(size)
        else:
            self.virtual_size = size
        self.refresh()
        return True

    def _bars(self, extent: Size) -> tuple[bool, bool]:
        """Which scroll bars so large a drawing needs."""
        always = self.styles.overflow_y == "scroll"
        return extent.width > self.size.width, always or extent.height > self.size.height

    def repaint(self) -> None:
        """Paint the rows that differ from what is there: few bytes over a slow line."""
        for y, painted in list(self._painted.items()):
            if self._resolved(y) != painted:
                self.refresh_lines(y)

    def reveal(self, region: Region) -> bool:
        """Scroll, without animation, until a region of the rows is on the screen; whether it did.

        Where it scrolls all rows are painted anew.
        """
        return bool(self.scroll_to_region(region, animate=False, force=True))

    def render_line(self, y: int) -> Strip:
        """Render one line of the widget, `y` cells below its top, for Textual's line protocol."""
        left, top = self.scroll_offset
        base = self.rich_style
        if y == 0:
            self._painted = {row: p for row, p in self._painted.items() if row >= top}
        resolved = self._painted[top + y] = self._resolved(top + y)
        segments = [Segment(text, self._style(role)) for text, role in resolved]
        return Strip(segments).crop_extend(left, left + self.size.width, base).apply_style(base)

    def notify_style_update(self) -> None:
        """Forget styles when the theme changes."""
        super().notify_style_update()
        self._styles_of_roles.clear()

    def modifiers(self, span: Span) -> str:
        """More roles, separated by blanks, for a span of a node or edge: `lit`, `current`."""
        return ""

    def _resolved(self, y: int) -> list[tuple[str, str]]:
        resolved = []
        for span in self.row(y):
            extra = self.modifiers(span) if span.key != -1 else ""
            resolved.append((span.text, f"{span.role} {extra}" if extra else span.role))
        return resolved

    def _style(self, role: str) -> Style:
        style = self._styles_of_roles.get(role)
        if style is None:
            few = self.app.has_class("-few-colours")
            style = styles.style(role, self.app.theme_variables, few_colours=few)
            self._styles_of_roles[role] = style
        return style
