"""A script with its current line, and beside every line that ran what it made or printed."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Mapping, Sequence
from keyword import iskeyword

from rich.cells import cell_len
from textual.geometry import Region

from engine.recording.source_lines import source_lines
from tui.kit.rows_view import RowsView
from tui.kit.spans import Span
from tui.kit.text import fit, safe

GAP = 3
"""Columns between the code and what is written beside it."""


class SourceView(RowsView):
    """Shows source lines; `show_position` moves the marker and changes the notes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.source = ""
        self._lines: list[list[Span]] = []
        self._widths: list[int] = []
        self._notes: Mapping[int, Span] = {}
        self._current: int | None = None
        self._done: int | None = None
        self._breakpoints: Collection[int] = ()
        self._made: int | None = None
        self._changed: Collection[int] = ()
        self._gaps: Collection[int] = ()

    def show_source(self, source: str) -> None:
        """Show the text of a script, from its first line and without notes."""
        self.source = source
        self._lines = highlighted(source)
        self._widths = [sum(cell_len(span.text) for span in line) for line in self._lines]
        self.show_position(None, None, {})
        self.scroll_home(animate=False)

    def show_position(
        self, done: int | None, current: int | None, notes: Mapping[int, Span]
    ) -> None:
        """Mark the line just run and the one to run next; lines from 1. Notes by line."""
        self._done, self._current, self._notes = done, current, notes
        width = max(self._widths, default=0) + self._gutter
        self.show_rows(width, len(self._lines))
        self._reveal_focus()

    def on_resize(self) -> None:
        """Keep in view the line that one is at, however few are left."""
        self._reveal_focus()

    def _reveal_focus(self) -> None:
        """Scroll to the line that runs next, or at the end to the one that ran last."""
        focus = self._done if self._current is None else self._current
        if focus is not None:
            around = min(self.size.height, 4)
            self.reveal(Region(0, max(focus - min(around, 2), 0), 1, max(around, 1)))

    def show_breakpoints(self, lines: Collection[int]) -> None:
        """Mark the lines of these numbers, from 1, as having a breakpoint."""
        self._breakpoints = lines
        self.repaint()

    def mark_made(self, line: int | None) -> None:
        """Mark the line that made what is selected; None marks none."""
        if line != self._made:
            self._made = line
            self.repaint()

    def mark_changed(self, lines: Collection[int], gaps: Collection[int]) -> None:
        """Mark lines that are new or changed, and those before which others are gone."""
        if (lines, gaps) != (self._changed, self._gaps):
            self._changed, self._gaps = lines, gaps
            self.repaint()

    def rows(self, positions: Sequence[int]) -> Sequence[Sequence[Span]]:
        """Return lines: a gutter with breakpoint, marker and number, then code and note."""
        gutter, width = self._gutter, self.scrollable_content_region.width
        lines = len(self._lines)
        return [self._row(y, gutter, width - gutter) if y < lines else () for y in positions]

    def _row(self, y: int, gutter: int, room: int) -> Sequence[Span]:
        """A line, its number in a gutter of so many cells, in so much room beside that."""
        number = y + 1
        current = number == self._current
        spans = [
            self._edge(number),
            Span("▶" if current else " ", "marker"),
            Span(f"{number:>{gutter - 4}}", "marker" if current else self._number_role(number)),
            Span("◂ " if number == self._made else "  ", "op"),
            *self._lines[y],
        ]
        note, room = self._notes.get(number), room - self._widths[y] - GAP
        if note is not None and room >= 4:
            text = note.text if cell_len(note.text) <= room else fit(note.text, room)
            spans += [Span(" " * GAP), Span(text, note.role)]
        return spans

    def _edge(self, number: int) -> Span:
        """What stands before a line: that it has a breakpoint, else that it is changed."""
        if number in self._breakpoints:
            return Span("●", "breakpoint")
        mark = "+" if number in self._changed else "-" if number in self._gaps else " "
        return Span(mark, "changed")

    def _number_role(self, number: int) -> str:
        return "changed" if number in self._changed else "gutter"

    @property
    def _gutter(self) -> int:
        return max(len(str(len(self._lines))), 2) + 4


def highlighted(source: str) -> list[list[Span]]:
    """Source lines as spans with the roles keyword, name, number, string, comment."""
    lines = source_lines(source) or [""]
    roles: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            role = _role(token)
            (first, start), (last, stop) = token.start, token.end
            for number in range(first, last + 1) if role else ():
                left = start if number == first else 0
                right = stop if number == last else len(lines[number - 1])
                roles[number - 1].append((left, right, role))
    except (tokenize.TokenError, SyntaxError, IndexError, UnicodeEncodeError):
        pass  # an unfinished script is shown as far as it can be read
    return [_spans(line, marks) for line, marks in zip(lines, roles, strict=True)]


def _role(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return "keyword" if iskeyword(token.string) else "name"
    if tokenize.tok_name[token.type].startswith("FSTRING"):  # from Python 3.12 on
        return "string"
    roles = {tokenize.NUMBER: "number", tokenize.STRING: "string", tokenize.COMMENT: "comment"}
    return roles.get(token.type, "")


def _spans(line: str, marks: list[tuple[int, int, str]]) -> list[Span]:
    spans, done = [], 0
    for left, right, role in marks:
        spans += [Span(safe(line[done:left])), Span(safe(line[left:right]), role)]
        done = right
    spans.append(Span(safe(line[done:])))
    return [span for span in spans if span.text]
