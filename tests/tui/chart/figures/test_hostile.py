from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from itertools import cycle, islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.data.source import Synthetic
from engine.training.history import History
from engine.training.points import Points
from engine.training.problem import Problem, State, Step
from engine.training.run import Run
from engine.training.step_columns import Steps
from engine.training.theory import Theory
from tests.examples import examples
from tests.tui.chart.figures.examples import points, scene, spread
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import Scene
from tui.chart.figures.sparkline import sparkline
from tui.chart.figures.view import View, Window
from tui.kit.glyph_level import Level

HOSTILE = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-320, 1e-300, 0.1]
) | st.floats(width=64)
GLYPHS: list[Level] = ["braille", "block", "ascii"]


@st.composite
def runs(draw: st.DrawFn, features: int) -> Run:
    weights = st.tuples(*[HOSTILE] * features)
    row = st.tuples(HOSTILE, weights, HOSTILE, weights, HOSTILE)
    numbers = draw(st.lists(row, max_size=6))
    steps = Steps(Step(i, *numbers) for i, numbers in enumerate(numbers))
    start = State(0, draw(weights), draw(HOSTILE))
    problem = Problem(Synthetic(true_w=draw(weights), true_b=draw(HOSTILE)), target=1000)
    return Run(problem, History(start, steps))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    features = draw(st.integers(1, 5))
    weights = st.tuples(*[HOSTILE] * features)
    xs = tuple(draw(st.lists(weights, max_size=5)))
    ys = tuple(draw(HOSTILE) for _ in xs)
    ranges = (
        tuple(spread(column) for column in zip(*xs, strict=True)) or ((math.nan,) * 2,) * features
    )
    known = Points(xs, ys, len(ys), ranges, spread(ys))
    rows = tuple(draw(st.tuples(*[HOSTILE] * (features + 1))) for _ in range(features + 1))
    theory = Theory(draw(weights), draw(HOSTILE), draw(HOSTILE), rows, rows[0], rows)
    left = draw(runs(features))
    before = left.history
    return Scene(
        draw(runs(features)),
        draw(st.none() | st.just(known)),
        draw(st.none() | st.just(theory)),
        tuple(draw(st.lists(runs(features), max_size=1))),
        tuple(draw(st.lists(st.integers(0, 2000), max_size=2))),
        inherited=before.steps,
        origin=draw(st.none() | st.just(before.start)),
        twin=draw(st.none() | st.just(Scene(left, None, theory))),
    )


@st.composite
def views(draw: st.DrawFn) -> View:
    part = st.tuples(st.floats(0, 0.9), st.floats(0.91, 1))
    (left, right), (bottom, top) = draw(part), draw(part)
    on = draw(st.booleans())
    return View(
        draw(st.integers(1, 140)),
        draw(st.integers(1, 40)),
        draw(st.sampled_from(GLYPHS)),
        draw(st.none() | st.integers(0, 10)),
        draw(st.none() | st.just(Window(left, right, bottom, top))),
        draw(st.none() | st.booleans()),
        draw(st.booleans()),
        residuals=on,
        gradients=on,
        predicted=on,
        excess=draw(st.booleans()),
        across=draw(st.integers(-9, 9)),
        up=draw(st.integers(-9, 9)),
        curvature=draw(st.booleans()),
        fill=draw(st.booleans()),
    )


def fills(chart: Chart, known: Scene, view: View) -> bool:
    """Whether the picture has exactly the view's cells."""
    drawn = picture(chart, known, view)
    widths = {sum(cell_len(span.text) for span in row) for row in drawn.rows}
    return widths == {view.width} and drawn.width == view.width and drawn.height == view.height


@examples(150)
@given(st.sampled_from(Chart), scenes(), views())
def test_any_data_in_any_view_fills_exactly_its_cells(
    chart: Chart, known: Scene, view: View
) -> None:
    assert fills(chart, known, view)


@pytest.mark.parametrize("chart", Chart)
def test_every_size_is_filled(chart: Chart) -> None:
    known = scene(steps=40)
    sizes = [
        (w, h) for w in (*range(1, 26), 59, 64, 100, 300) for h in (1, 2, 3, 5, 6, 7, 9, 12, 13, 30)
    ]
    for width, height in [*sizes, (1, 100), (19, 100), (300, 100)]:
        assert fills(chart, known, View(width, height)), (width, height)


def made_of(*values: float) -> Scene:
    """A scene in which every number is one of these, in turn."""
    turns = cycle(values)
    one = partial(next, turns)
    steps = Steps(Step(i, one(), (one(),), one(), (one(),), one()) for i in range(50))
    start = State(0, (one(),), one())
    known = points(tuple(islice(turns, 9)), tuple(islice(turns, 9)))
    run = replace(scene().run, history=History(start, steps))
    return replace(scene(), run=run, points=known, inherited=steps, origin=start)


HARD = {
    **{str(v): made_of(v) for v in (0.0, 5.0, -1e308, 1e308, 1e-320, math.nan, math.inf)},
    "both signs": made_of(-1.0, 0.0, 1.0),
    "all of them": made_of(-math.inf, -1e308, -1.0, 0.0, 1e-320, math.nan, 1.0, 1e308, math.inf),
    "one point": replace(scene(steps=1), points=points((0.5,), (2.0,))),
    "no points": replace(scene(), points=points((), ())),
    "nothing yet": Scene(Run(Problem(), History(State(0, (1.0,), 1.0)))),
}
SIZES = [(1, 1), (300, 1), (1, 100), (20, 6), (63, 12), (300, 100)]


@pytest.mark.parametrize("chart", Chart)
@pytest.mark.parametrize("data", HARD)
def test_hard_data_fill_their_cells(chart: Chart, data: str) -> None:
    for size, on in product(SIZES, (True, False)):
        if size != SIZES[-1] or on:
            view = View(
                *size,
                log_x=on,
                log_y=on,
                predicted=on,
                gradients=on,
                residuals=on,
                fill=on,
                excess=on,
                curvature=on,
            )
            assert fills(chart, HARD[data], view), size


@given(st.lists(HOSTILE, max_size=300), st.integers(0, 100), st.booleans())
def test_a_sparkline_has_exactly_its_width(values: list[float], width: int, plain: bool) -> None:
    line = sparkline(values, width, ascii=plain)
    assert cell_len(line) == width
    assert line.isascii() or not plain


def test_a_sparkline_rises_with_its_values_and_keeps_peaks() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([0] * 50 + [1] + [0] * 49, 10).count("█") == 1
    assert sparkline([0, math.nan, 1], 5, ascii=True) == "  . #"
