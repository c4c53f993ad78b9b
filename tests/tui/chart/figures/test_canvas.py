from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from plotext._figure import _figure_class

from tui.chart.figures.canvas import Stroke, build, raster

PIXEL = st.tuples(st.integers(0, 11), st.integers(0, 11))
SIGNAL = st.tuples(
    st.lists(PIXEL, min_size=1, max_size=12), st.booleans(), st.sampled_from(["braille", "hd", "*"])
)


def figure(signals: list[tuple[list[tuple[int, int]], bool, str]]) -> Any:
    made = _figure_class()
    made.theme("clear")
    made._limit_size(False, False)
    made.plot_size(5, 4)
    made.frame(False)
    made.xfrequency(0)
    made.yfrequency(0)
    made.xlim(0, 1)
    made.ylim(0, 1)
    for colour, (pixels, joined, marker) in enumerate(signals, 16):
        draw = made.plot if joined else made.scatter
        xs, ys = ([number / 11 for number in numbers] for numbers in zip(*pixels, strict=True))
        draw(xs, ys, marker=marker, color=colour)
    made._set_sizes()
    return made


@settings(max_examples=50)
@given(st.lists(SIGNAL, min_size=1, max_size=3))
def test_cells_are_those_that_plotext_builds_itself(
    signals: list[tuple[list[tuple[int, int]], bool, str]],
) -> None:
    ours, theirs = figure(signals).monitor, figure(signals).monitor
    build(ours)
    theirs.build_plot()
    assert ours.matrix.marker == theirs.matrix.marker
    colours = [[0 if c == "default" else c for c in row] for row in theirs.matrix.fullground]
    assert ours.matrix.fullground == colours


def test_lines_are_drawn_with_pixels_the_last_on_top() -> None:
    flat = Stroke("low", [(0.0, 0.0), (1.0, 0.0)], joined=True)
    steep = Stroke("up", [(0.0, 0.0), (0.0, 1.0)], joined=True)
    assert raster(3, 2, "braille", [flat, steep]) == (
        (("⡇", "up"), (" ", ""), (" ", "")),
        (("⡇", "up"), ("⣀", "low"), ("⣀", "low")),
    )
    assert raster(3, 2, "braille", [steep, flat])[1] == (("⣀", "low"),) * 3
    assert raster(3, 2, "block", [flat])[1] == (("▄", "low"),) * 3
