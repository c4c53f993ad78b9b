from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.config.theme import DARK
from tui.kit.text import safe
from tui.script.source_view import SourceView, highlighted


@pytest.mark.parametrize(
    ("line", "word", "role"),
    [
        ("for x in y:", "for", "keyword"),
        ("lr = 0.1  # small", "0.1", "number"),
        ("lr = 0.1  # small", "# small", "comment"),
        ("print('a')", "'a'", "string"),
        ("print(f'loss {loss}')", "loss ", "string"),
        ("print(f'loss {loss}')", "print", "name"),
    ],
)
def test_words_have_roles(line: str, word: str, role: str) -> None:
    (spans,) = highlighted(line)
    assert "".join(span.text for span in spans) == line
    assert any(word in span.text and span.role == role for span in spans)


@pytest.mark.parametrize("source", ["x = '\udc9b'\ny = 1", "if x:\n  (", "x = 'a\n"])
def test_what_python_cannot_read_is_shown_all_the_same(source: str) -> None:
    texts = ["".join(span.text for span in spans) for spans in highlighted(source)]
    assert texts == [safe(line) for line in source.splitlines()]


class Source(App[None]):
    """Seven of ten lines, the last but one to run next."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """Nothing but the source."""
        view = SourceView()
        view.styles.height = 7
        yield view


async def test_the_current_line_stays_in_view_also_where_all_had_room_for_a_moment() -> None:
    async with Source().run_test() as pilot:
        view = pilot.app.query_one(SourceView)
        view.show_source("pass\n" * 10)
        view.show_position(8, 9, {})
        for height, first in ((7, 3), (12, 0), (7, 3)):
            view.styles.height = height
            await pilot.pause()
            await pilot.pause()
            assert (height, view.scroll_offset.y) == (height, first)
