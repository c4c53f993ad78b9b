"""Text that is two cells wide keeps every row of a chart as wide as the chart."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui.chart.figures.cells import Cells, clipped
from tui.chart.figures.picture_file import rendered
from tui.config.theme import DARK, tokens
from tui.kit.spans import Picture, Span


def written(column: int, text: str, then: tuple[int, str] | None = None) -> str:
    cells = Cells(6, 1)
    cells.put(0, column, text, "label")
    if then:
        cells.put(0, *then, "label")
    (row,) = cells.picture().rows
    return "".join(span.text for span in row)


@pytest.mark.parametrize(
    ("column", "then", "row"),
    [
        (1, None, " 数据 "),
        (3, None, "   数 "),
        (-1, None, " 据   "),
        (1, (1, "x"), " x 据 "),
        (1, (2, "x"), "  x据 "),
        (1, (2, "据"), "  据  "),
    ],
)
def test_a_wide_character_is_written_whole_or_not_at_all(
    column: int, then: tuple[int, str] | None, row: str
) -> None:
    found = written(column, "数据", then)
    assert found == row
    assert cell_len(found) == 6


def test_a_combining_mark_takes_no_cell() -> None:
    assert written(0, "e\u0301f") == "e\u0301f    "


@pytest.mark.parametrize("width", range(6))
def test_a_clipped_text_is_measured_in_cells(width: int) -> None:
    assert cell_len(clipped("数据x", width)) <= width
    assert clipped("数据", 4) == "数据"


def test_an_svg_gives_every_wide_character_two_cells() -> None:
    picture = Picture(5, ((Span("数据", "label"), Span("x", "point")),))
    svg = rendered(picture, "svg", tokens(DARK))
    assert 'x="16.00" textLength="16.86"' in svg
    assert 'x="32.86" textLength="16.86"' in svg
    assert 'x="49.72" textLength="8.43"' in svg
