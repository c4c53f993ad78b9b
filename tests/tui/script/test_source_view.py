from __future__ import annotations

import pytest

from tui.kit.text import safe
from tui.script.source_view import highlighted


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
