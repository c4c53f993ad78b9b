"""The last look itself: what is hostile does not pass it."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.color import Color

from tests.hostile import PAYLOADS, unsafe
from tui.kit.glyph_filter import GlyphFilter
from tui.kit.glyph_level import Level


@pytest.mark.parametrize("kind", PAYLOADS)
def test_the_glyph_filter_lets_nothing_through(kind: str) -> None:
    payload = PAYLOADS[kind]
    levels: tuple[Level, ...] = ("braille", "block", "ascii")
    for level in levels:
        (seen,) = GlyphFilter(level).apply([Segment(payload)], Color(0, 0, 0))
        assert not unsafe(seen.text)
        assert level != "ascii" or seen.text.isascii()
