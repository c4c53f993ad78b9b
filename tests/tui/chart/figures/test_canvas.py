from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import plotext._utility
from hypothesis import given
from hypothesis import strategies as st

from tui.chart.figures.canvas import Stroke, grouped, raster


def theirs() -> Any:
    """plotext's own function, which the canvas replaces where it was."""
    path = Path(plotext._utility.__file__)
    spec = importlib.util.spec_from_file_location("fresh", path)
    assert spec and spec.loader
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh.hd_group


HD_GROUP = theirs()
PIXEL = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(PIXEL, min_size=1), st.sampled_from([(2, 4), (2, 2)]))
def test_pixels_are_grouped_as_plotext_groups_them(
    pixels: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    xs, ys = map(list, zip(*pixels, strict=True))
    across, up = ([count] * len(pixels) for count in size)
    assert grouped(xs, ys, across, up) == tuple(HD_GROUP(xs, ys, across, up))


def test_lines_are_drawn_with_pixels_the_last_on_top() -> None:
    flat = Stroke("low", [(0.0, 0.0), (1.0, 0.0)], joined=True)
    steep = Stroke("up", [(0.0, 0.0), (0.0, 1.0)], joined=True)
    assert raster(3, 2, "braille", [flat, steep]) == [
        [("⡇", "up"), (" ", ""), (" ", "")],
        [("⡇", "up"), ("⣀", "low"), ("⣀", "low")],
    ]
    assert raster(3, 2, "block", [flat])[1] == [("▄", "low")] * 3
