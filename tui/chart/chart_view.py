"""A chart on the screen: a `Picture` whose roles may have a background of their own."""

from __future__ import annotations

from rich.style import Style

from tui.chart.figures.ink import style
from tui.config.settings import settings_of
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture
from tui.kit.styles import sixteen

ESCAPES = 40
"""Bytes that position and colour a stretch of one role, as measured."""


class ChartView(PictureView):
    """Gives the roles of a chart their colours."""

    ellipsis = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.sent = 0
        """About how many bytes the last picture has taken on its way to the terminal."""

    def show(self, picture: Picture) -> None:
        """Replace the picture, and estimate what it sends: the rows that differ, in bytes."""
        old = self.picture.rows if self.picture.width == picture.width else ()
        rows = [row for y, row in enumerate(picture.rows) if y >= len(old) or row != old[y]]
        self.sent = sum(len(span.text.encode()) + ESCAPES for row in rows for span in row)
        super().show(picture)

    def _style(self, role: str) -> Style:
        found = self._styles_of_roles.get(role)
        if found is None:
            found = self._styles_of_roles[role] = style(role, self._tokens())
        return found

    def _tokens(self) -> dict[str, str]:
        tokens = self.app.theme_variables
        if settings_of(self).colours != "16":
            return tokens
        return sixteen(tokens, light=not self.app.current_theme.dark)
