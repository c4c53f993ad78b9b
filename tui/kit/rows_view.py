"""Rows of spans in a scrolling widget: the base of everything drawn.

Only the rows on the screen are asked for, all at once, so 100,000 rows scroll like 10. `styles`
gives roles their looks; a role may be several words (`op current`), whose looks are laid over
each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from tui.kit import styles
from tui.kit.heading import Heading
from tui.kit.spans import Span

Resolved = list[tuple[str, str]]
"""A row as it is painted: texts with their roles. Which node a text belongs to is not seen."""


class RowsView(ScrollView):
    """Shows rows 0 to n - 1; subclasses say in `rows` what they are, by `show_rows` how many.

    Whatever changes a row ends in `show_rows` or `repaint`: between them rows are kept.
    """

    DEFAULT_CSS = "RowsView { background: transparent; }"

    ellipsis: ClassVar[bool] = True
    """Whether a row that goes on beyond the right edge ends in an ellipsis: text does, for half
    of a number is another one, and a drawing does not."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._styles_of_roles: dict[str, Style] = {}
        self._painted: dict[int, Resolved] = {}
        self._ready: dict[int, Resolved] = {}
        """Rows as they are now, as far as they have been asked for."""
        self._strips: dict[int, tuple[Resolved, Strip]] = {}
        """What rows on the screen were rendered to."""
        self._look: tuple[int, int, Style] | None = None
        """What strips depend on besides their rows: the first column, the width, and the style."""
        self._base: Style | None = None
        """The widget's own style while lines are rendered: it takes a walk over all ancestors."""
        self._room = Size(0, 0)
        self._extent = Size(0, 0)

    def rows(self, positions: Sequence[int]) -> Iterable[Sequence[Span]]:
        """Return the spans of each of these rows, from 0; beyond the last row they are empty."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All rows as plain text."""
        rows = self.rows(range(self._extent.height))
        return "\n".join("".join(span.text for span in row).rstrip() for row in rows)

    def show_rows(self, width: int, height: int) -> None:
        """Say how large the rows are now, and paint those that differ from what is there."""
        self._extent = Size(width, height)
        if self._claim():
            self._ready = {}
        else:
            self.repaint()

    def watch_has_focus(self, focused: bool) -> None:
        """Show in the heading above whether the keys scroll this."""
        super().watch_has_focus(focused)
        heading = Heading.of(self)
        if heading is not None:
            heading.focused = focused

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Put a scroll bar that appears where the rows are: it missed what scrolled before."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_scroll_y(self, before: float, after: float) -> None:
        """Paint the scroll bar anew only where it looks other than before."""
        bar = self.vertical_scrollbar
        if _thumb(bar, bar.position) == _thumb(bar, after):
            bar.set_reactive(ScrollBar.position, bar.validate_position(after))
        super().watch_scroll_y(before, after)

    def on_resize(self) -> None:
        """Claim as much room as the rows need in the new size."""
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

    def repaint(self, changed: Collection[int] | None = None) -> None:
        """Paint the rows that differ from what is there: few bytes over a slow line.

        Only those that have `changed` are asked for anew; None: any may have.
        """
        if not self.size.area:  # hidden, or not laid out yet: rows depend on the room there is
            self._ready = {}
            return
        if changed is None:
            changed = self._painted.keys() | self._ready.keys()
        anew = self._resolved([y for y in self._painted if y in changed])
        self._ready = {y: row for y, row in self._ready.items() if y not in changed} | anew
        for y, row in anew.items():
            if self._painted[y] != row:
                self.refresh_lines(y)

    def reveal(self, region: Region) -> None:
        """Scroll, without animation, until a region of the rows is on the screen."""
        self._claim()  # a new size may be known already, whose handler comes later
        self.scroll_to_region(region, animate=False, force=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render the lines of a region, asking for rows anew where they have other room."""
        room = self.scrollable_content_region.size
        if room != self._room:
            self._room, self._ready = room, {}
        self._base = self.rich_style
        look = self.scroll_offset.x, self.size.width, self._base
        if look != self._look:
            self._look, self._strips = look, {}
        lines = super().render_lines(crop)
        self._base = None
        return lines

    def render_line(self, y: int) -> Strip:
        """Render one line of the widget, `y` cells below its top, for Textual's line protocol."""
        left, top = self.scroll_offset
        base = self._base or self.rich_style
        if y == 0:
            self._painted = {row: p for row, p in self._painted.items() if row >= top}
        if top + y not in self._ready:
            self._make_ready(top + y)
        resolved = self._painted[top + y] = self._ready[top + y]
        known = self._strips.get(top + y)
        if known is not None and known[0] is resolved and self._base is not None:
            return known[1]
        segments = [Segment(text, self._style(role)) for text, role in resolved]
        strip = Strip(segments)
        if self.ellipsis:
            strip = _ended(strip, left + self.scrollable_content_region.width)
        strip = strip.crop_extend(left, left + self.size.width, base).apply_style(base)
        if self._base is not None:
            self._strips[top + y] = resolved, strip
        return strip

    def notify_style_update(self) -> None:
        """Forget styles when the theme changes."""
        super().notify_style_update()
        self._styles_of_roles.clear()
        self._strips.clear()

    def _make_ready(self, y: int) -> None:
        """Ask for a row, and for all others on the screen that are not there."""
        top = self.scroll_offset.y
        wanted = {y, *range(top, top + self.size.height)}
        kept = {row: ready for row, ready in self._ready.items() if row in wanted}
        self._ready = kept | self._resolved(sorted(wanted - kept.keys()))
        self._strips = {row: strip for row, strip in self._strips.items() if row in wanted}

    def _resolved(self, positions: Sequence[int]) -> dict[int, Resolved]:
        rows = self.rows(positions)
        return {
            y: [(span.text, span.role) for span in row]
            for y, row in zip(positions, rows, strict=True)
        }

    def _style(self, role: str) -> Style:
        style = self._styles_of_roles.get(role)
        if style is None:
            few = self.app.has_class("-few-colours")
            style = styles.style(role, self.app.theme_variables, few_colours=few)
            self._styles_of_roles[role] = style
        return style


def _ended(strip: Strip, room: int) -> Strip:
    """Return a row whose text ends in an ellipsis where it needs more room than there is."""
    if strip.cell_length <= room or room < 1 or not strip.crop(room).text.strip():
        return strip
    last = [*strip.crop(room - 1, room)][:1]
    return Strip([*strip.crop(0, room - 1), *(Segment("…", one.style) for one in last)])


def _thumb(bar: ScrollBar, position: float) -> int:
    """Where the thumb of a bar is drawn, in eighths of a cell, as Textual computes it."""
    rows, window, room = bar.window_virtual_size, bar.window_size, bar.size.height
    if not window or rows <= window:
        return 0
    return int((room - max(1, window * room / rows)) * position / (rows - window) * 8)
