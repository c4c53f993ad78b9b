from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import overload

import pytest
from rich.color import ColorSystem
from textual.theme import Theme

from engine.training.history import History
from engine.training.problem import Step
from engine.training.run import Run
from engine.training.step_columns import Steps
from tests.tui.chart.figures.examples import (
    XS,
    branched,
    cells,
    descend,
    found,
    points,
    scene,
    table,
    theory,
)
from tui.chart.figures.draw import picture
from tui.chart.figures.ink import style
from tui.chart.figures.kinds import Chart
from tui.chart.figures.roles import LEVELS, Role, split
from tui.chart.figures.view import View, Window
from tui.config.theme import DARK, LIGHT, tokens
from tui.kit.styles import sixteen


def test_only_a_branch_is_marked_as_one() -> None:
    for chart in Chart:
        assert "branched" not in picture(chart, scene(), View(80, 24)).text


class CountedSteps(Steps):
    """Steps that keep which of them, or of what is taken from them, are made into records."""

    __slots__ = ("taken",)

    def __init__(self, steps: Steps, taken: list[Step]) -> None:
        super().__init__()
        self.columns, self.features, self.taken = steps.columns, steps.features, taken

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> Steps: ...
    def __getitem__(self, place: int | slice) -> Step | Steps:
        if isinstance(place, slice):
            return CountedSteps(super().__getitem__(place), self.taken)
        self.taken.append(super().__getitem__(place))
        return self.taken[-1]

    def __iter__(self) -> Iterator[Step]:
        for step in super().__iter__():
            self.taken.append(step)
            yield step

    def __add__(self, others: Steps) -> Steps:
        return CountedSteps(super().__add__(others), self.taken)

    def where(self, wanted: Sequence[bool]) -> Steps:
        return CountedSteps(super().where(wanted), self.taken)


def counted(run: Run, taken: list[Step]) -> Run:
    return replace(run, history=replace(run.history, steps=CountedSteps(run.history.steps, taken)))


@pytest.mark.parametrize("chart", Chart)
def test_no_chart_goes_through_the_steps_one_by_one(chart: Chart) -> None:
    """Of a million that would take seconds."""
    taken: list[Step] = []
    known = branched()
    known = replace(
        known,
        run=counted(known.run, taken),
        inherited=CountedSteps(known.inherited, taken),
        ghosts=(counted(scene(rate=0.02).run, taken),),
    )
    list(known.run.history.steps[:3])
    assert len(taken) == 3, "they are counted"
    for size in ((120, 40), (19, 2)):
        picture(chart, known, View(*size, gradients=True, predicted=True, residuals=True))
    assert len(taken) < 20


def test_breakpoints_divergence_and_the_cursor_are_marked() -> None:
    known = replace(scene(rate=5.0), stops=(3,))
    drawn = picture(Chart.LOSS, known, View(80, 24, cursor=100))
    assert len(found(drawn, "stop")) == 2
    assert len({column for _, column in found(drawn, "cursor")}) == 1


def test_parameters_end_at_the_optimum_that_is_drawn() -> None:
    drawn = picture(Chart.PARAMS, scene(steps=3000), View(80, 24))
    assert "w 3.000 → 3.000" in drawn.text and "b 0.805 → 0.805" in drawn.text
    assert found(drawn, "w") and found(drawn, "b")


@pytest.mark.parametrize("size", [(120, 30), (60, 30), (60, 8)])
def test_gradients_have_a_place_at_every_size(size: tuple[int, int]) -> None:
    drawn = picture(Chart.PARAMS, scene(), View(*size, gradients=True))
    assert "Gradients" in drawn.text


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_no_two_bands_look_the_same_in_256_colours(theme: Theme) -> None:
    colours = [style(f"@level{n}", tokens(theme)).bgcolor for n in range(LEVELS)]
    assert len({c.downgrade(ColorSystem.EIGHT_BIT).number for c in colours if c}) == LEVELS


def test_the_histogram_stands_on_its_axis() -> None:
    drawn = picture(Chart.RESIDUALS, scene(), View(80, 20))
    assert {row for row, _ in found(drawn, "residual")} >= {17}


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_sixteen_colours_tell_the_curves_of_a_chart_apart(theme: Theme) -> None:
    look = sixteen(tokens(theme), light=not theme.dark)
    for roles in (
        (Role.W, Role.W2, Role.W3, Role.B),
        (Role.LOSS, Role.PREDICTED, Role.OPTIMUM, Role.GHOST),
        (Role.POINT, Role.LINE, Role.TRUTH),
        (Role.PATH, Role.GRADIENT, Role.OPTIMUM, Role.START, Role.FORK),
    ):
        colours = [style(role, look).color for role in roles]
        shown = {c.downgrade(ColorSystem.STANDARD).number for c in colours if c}
        assert len(shown) == len(roles)


def test_ghosts_are_drawn_and_can_be_hidden() -> None:
    known = replace(scene(), ghosts=(scene(rate=0.02).run,))
    for chart in (Chart.LOSS, Chart.PARAMS, Chart.SURFACE):
        assert found(picture(chart, known, View(80, 24)), "ghost")
        assert not found(picture(chart, known, View(80, 24, ghosts=False)), "ghost")


def test_a_standardised_fit_is_in_the_units_of_the_data() -> None:
    drawn = picture(Chart.FIT, table(standardised=True), View(80, 24)).text
    (formula,) = re.findall(r"fitted (\S+)·speed − (\S+)", drawn)
    state = scene().run.state
    w, b = state.w[0] / 20, state.b - 100 * state.w[0] / 20
    assert [float(n) for n in formula] == pytest.approx([w, -b], abs=6e-4)
    assert drawn.splitlines()[-1].split()[0] == "100", "x from 0 to 1 is a speed from 100 to 120"
    assert (
        "Parameters, standardised"
        in picture(Chart.PARAMS, table(standardised=True), View(80, 24)).text
    )


def test_zooming_shows_a_part_and_panning_stays_inside() -> None:
    window = Window().zoom(0.5)
    assert (window.left, window.right) == (0.25, 0.75)
    assert window.pan(x=9.0) == Window(0.5, 1.0, 0.25, 0.75)
    assert window.zoom(100.0) == Window()
    whole = picture(Chart.LOSS, scene(), View(80, 24)).text
    assert picture(Chart.LOSS, scene(), View(80, 24, window=window)).text != whole
    assert picture(Chart.LOSS, scene(), View(80, 24, window=Window())).text == whole


@pytest.mark.parametrize("chart", Chart)
def test_ascii_is_ascii(chart: Chart) -> None:
    for fill, size in product((True, False), ((80, 24), (15, 3))):
        view = View(
            *size, glyphs="ascii", fill=fill, predicted=True, gradients=True, residuals=True
        )
        assert picture(chart, scene(), view).text.isascii()


def test_in_ascii_each_curve_has_its_letter() -> None:
    view = View(100, 24, glyphs="ascii", residuals=True, gradients=True)
    for chart, letters in (
        (Chart.FIT, {"line": "*", "residual": ":", "point": "o"}),
        (Chart.PARAMS, {"w": "w", "b": "b"}),
        (Chart.SURFACE, {"path": "o", "gradient": "+"}),
    ):
        drawn = picture(chart, scene(steps=30), view)
        grid = cells(drawn)
        for role, letter in letters.items():
            assert letter in {grid[row][column][0] for row, column in found(drawn, role)}
            assert letter in {grid[1][at][0] for at in range(100) if grid[1][at][1] == role}


@pytest.mark.parametrize("chart", Chart)
def test_every_role_has_a_name(chart: Chart) -> None:
    known = {"", *Role, *(f"level{n}" for n in range(8))}
    view = View(100, 30, predicted=True, gradients=True, residuals=True)
    for line in cells(picture(chart, scene(), view)):
        assert {part for _, role in line for part in split(role)} <= known


@pytest.mark.parametrize("width", [30, 40, 60, 71, 80, 120, 149])
@pytest.mark.parametrize("chart", Chart)
def test_labels_do_not_touch_and_x_has_its_name(chart: Chart, width: int) -> None:
    *_, axis, labels = picture(chart, scene(), View(width, 15)).text.splitlines()
    names = {"x", "w", "iterations", "y-ŷ"}
    numbers = [float(label) for label in labels.split() if label not in names]
    assert len(numbers) >= 3
    if chart is not Chart.RESIDUALS or width < 64:
        assert numbers == sorted(set(numbers))
    assert names & {*axis.split(), *labels.split(), axis.rpartition(" ")[2]}


@pytest.mark.parametrize("width", range(24, 90, 6))
def test_wide_labels_do_not_touch_either(width: int) -> None:
    xs = tuple(5000 + i / 10 for i in range(11))
    known = replace(scene(), points=points(xs, xs))
    labels = picture(Chart.FIT, known, View(width, 15)).text.splitlines()[-1]
    widths = [len(label) for label in labels.split() if label != "x"]
    assert len(widths) >= 2
    assert max(widths) <= 6


def test_a_legend_without_room_is_short() -> None:
    wide, narrow = (
        picture(Chart.FIT, scene(), View(width, 20)).text.splitlines()[1] for width in (80, 50)
    )
    assert "true 3.000·x + 0.800" in wide
    assert "fitted 2.980·x + 0.816" in wide
    assert narrow.split() == ["y", "╍╍", "true", "━━", "fitted", "•", "21", "points"]


def test_parameters_are_named_where_they_are() -> None:
    """So they can be told apart without colours."""
    drawn = picture(Chart.PARAMS, scene(steps=100), View(80, 24))
    marks = {char for line in cells(drawn)[2:-2] for char, role in line if role in ("w", "b")}
    assert {"w", "b", "●"} <= marks


def test_of_parameters_that_end_together_both_are_named() -> None:
    ys = tuple(1.02 * x + 1 for x in XS)
    known = replace(scene(), run=descend(XS, ys, rate=0.3, steps=900), theory=theory(XS, ys))
    assert "b w ●" in picture(Chart.PARAMS, known, View(80, 24)).text


def test_a_pane_too_small_shows_numbers_and_a_sparkline() -> None:
    drawn = picture(Chart.LOSS, scene(), View(19, 2))
    assert drawn.text.splitlines()[0].startswith("loss 1.0")
    assert {*drawn.text.splitlines()[1]} & {*"▁▂▃▄▅▆▇█"}


def test_before_the_first_iteration_the_charts_say_so() -> None:
    run = replace(scene().run, history=History(scene().run.history.start))
    for chart in (Chart.LOSS, Chart.PARAMS):
        assert "no iteration" in picture(chart, replace(scene(), run=run), View(80, 24)).text
