from __future__ import annotations

import math

import pytest

from tui.kit.glyphs import CHART_GLYPHS
from tui.run.loss_strip import Bars, cells, strip


def text(drawn: Bars, level: str = "braille") -> str:
    bars = CHART_GLYPHS["ascii" if level == "ascii" else "braille"].bars
    return "".join(span.text for span in strip(drawn, (), None, bars))


def test_every_pass_is_a_bar_where_there_is_room() -> None:
    assert text(cells([1.0, 2.0, 3.0], 10)) == "▁▅█"
    assert text(cells([1.0, 2.0, 3.0], 10), "ascii") == ".+#"


def test_bars_of_few_passes_are_wide() -> None:
    spans = strip(cells([1.0, 2.0, 3.0], 10), (), None, "abc", wide=3)
    assert "".join(span.text for span in spans) == "aaabbbccc"


def test_passes_share_a_bar_where_there_is_none() -> None:
    drawn = cells([float(n) for n in range(1_000)], 10)
    assert drawn.heights == pytest.approx([n / 9 for n in range(10)])


def test_a_wide_range_is_shown_by_logarithms() -> None:
    drawn = cells([1.0, 10.0, 100.0, 1_000.0], 4)
    assert drawn.logarithmic
    assert drawn.heights == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert not cells([0.0, 1_000.0], 4).logarithmic, "there is no logarithm of zero"


def test_what_is_not_finite_has_a_mark_of_its_own() -> None:
    assert text(cells([1.0, math.inf, math.nan, 2.0], 4)) == "▁✗✗█"
    assert text(cells([math.nan] * 4, 2)) == "✗✗"
    assert text(cells([3.0, 3.0], 2)) == "▅▅"
    assert cells([], 5).heights == ()
    assert text(cells([-1.7e308, 0.0, 1.7e308], 3)) == "▁▅█", "though their range is infinite"


def test_passes_with_lines_and_the_one_on_the_screen_stand_out() -> None:
    spans = strip(cells([1.0, 2.0, 3.0], 3), {0, 1}, 1, "abc")
    assert [(span.text, span.role) for span in spans] == [
        ("a", "value title"),
        ("b", "value title here"),
        ("c", "faint"),
    ]
