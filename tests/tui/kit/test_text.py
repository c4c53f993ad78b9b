from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.hostile import PAYLOADS, unsafe
from tui.kit.text import fit, safe, tail


@given(st.text())
def test_safe_text_is_printable_whatever_it_was(text: str) -> None:
    assert not unsafe(safe(text))
    assert not unsafe(safe(text, newlines=True).replace("\n", ""))


@pytest.mark.parametrize("text", ["plain", "[/red] [bold", "名前", "e\u0301", "ŷ · ∂w", ""])
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@given(st.text() | st.sampled_from(sorted(PAYLOADS.values())), st.integers(0, 30))
def test_text_is_cut_to_its_cells_at_either_end(text: str, width: int) -> None:
    text = safe(text)
    assert cell_len(fit(text, width)) == width
    end = tail(text, width)
    assert cell_len(end) <= width
    assert text.endswith(end.removeprefix("…"))
