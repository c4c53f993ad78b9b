"""A `Picture` on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from tui.kit.rows_view import RowsView
from tui.kit.spans import Picture, Span


class PictureView(RowsView):
    """Shows one picture, and scrolls over it where it is larger than the widget."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._picture = Picture(0, ())

    @property
    def picture(self) -> Picture:
        """The picture that is shown now."""
        return self._picture

    def show(self, picture: Picture) -> None:
        """Replace the picture, and repaint the rows that differ from the old one."""
        self._picture = picture
        self.show_rows(picture.width, len(picture.rows))

    def rows(self, positions: Sequence[int]) -> Sequence[Sequence[Span]]:
        """Return these rows of the picture; empty ones below its last row."""
        rows = self._picture.rows
        return [rows[y] if y < len(rows) else () for y in positions]
