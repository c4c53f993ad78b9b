"""The chart of the loss surface: bands, the path on it, and two of them side by side."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.training.history import History
from engine.training.problem import State
from engine.training.theory import Theory
from tests.tui.chart.figures.examples import (
    cells,
    found,
    frame,
    points,
    scene,
    table,
)
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.roles import split
from tui.chart.figures.view import View
from tui.kit.glyph_level import Level


def test_the_surface_is_lowest_at_the_optimum() -> None:
    drawn = picture(Chart.SURFACE, scene(steps=10), View(80, 24))
    grid = cells(drawn)
    ((row, column),) = found(drawn, "optimum")
    assert split(grid[row][column - 1][1])[1] == "level0"
    ((row, column),) = found(drawn, "start")
    assert split(grid[row][column][1])[1] > "level3"


@pytest.mark.parametrize("fill", [True, False])
@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_the_legend_says_what_the_cross_is(width: int, fill: bool) -> None:
    drawn = picture(Chart.SURFACE, scene(steps=10), View(width, 24, fill=fill))
    assert "✕ optimum" in drawn.text.splitlines()[1]


def test_a_diverging_path_is_seen_to_leave() -> None:
    view = View(80, 24)
    path = found(picture(Chart.SURFACE, scene(rate=1.0, steps=60), view), "path")
    left, top, width, height = frame(view)
    edges = {(row, column) for row, column in path if row in (top, top + height - 1)}
    assert edges or {c for _, c in path} & {left, left + width - 1}


def test_the_gradient_points_from_the_current_place_and_its_head_is_in_the_frame() -> None:
    drawn = picture(Chart.SURFACE, scene(steps=10), View(80, 24))
    glyphs = {cells(drawn)[row][column][0] for row, column in found(drawn, "gradient")}
    assert glyphs & {*"→↗↑↖←↙↓↘"}
    done = picture(Chart.SURFACE, scene(steps=3000), View(80, 24))
    assert not found(done, "gradient")


def test_where_many_w_and_b_are_the_best_there_is_no_way_down() -> None:
    known = replace(scene(), points=points((0.5,), (2.0,)))
    flat = Theory((0.0,), 2.0, 0.0, ((0.5, 1.0), (1.0, 2.0)), (0.0, 2.5), ((-2.0, 1.0), (1.0, 2.0)))
    for w, b, arrow in ((1.0, 1.5, False), (1.0, 1.0, True)):
        run = replace(known.run, history=History(State(0, (w,), b)))
        drawn = picture(Chart.SURFACE, replace(known, run=run, theory=flat), View(80, 24))
        assert bool(found(drawn, "gradient")) == arrow


@pytest.mark.parametrize("fill", [True, False])
@pytest.mark.parametrize("size", [(80, 20), (200, 46)])
def test_the_bands_of_the_surface_say_their_loss(size: tuple[int, int], fill: bool) -> None:
    drawn = picture(Chart.SURFACE, scene(), View(*size, fill=fill))
    written = "".join(
        char if role.startswith("tag") else " " for line in cells(drawn) for char, role in line
    )
    rungs = [float(f"{digit}e{power}") for power in range(-4, 3) for digit in (1, 2, 5)]
    assert len(written.split()) >= 5
    assert {float(text) for text in written.split()} <= {*rungs}


def test_the_least_loss_is_named_where_it_is_not_as_good_as_none() -> None:
    assert "loss − least" in picture(Chart.SURFACE, scene(noise=0.5), View(80, 24)).text
    exact = picture(Chart.SURFACE, scene(noise=0.0), View(80, 24)).text
    assert "least" not in exact
    assert " loss 0.0" in exact


def test_contours_of_ascii_are_letters_that_the_legend_explains() -> None:
    view = View(100, 30, glyphs="ascii", fill=False)
    drawn = picture(Chart.SURFACE, scene(), view)
    letters = {char for line in cells(drawn)[2:] for char, role in line if role.startswith("level")}
    assert len(letters) >= 5
    assert all(f" {letter}=" in drawn.text.splitlines()[1] for letter in letters)


def test_contours_need_no_background() -> None:
    drawn = picture(Chart.SURFACE, scene(), View(80, 24, fill=False))
    roles = {role for line in cells(drawn) for _, role in line}
    assert not any("@" in role for role in roles)
    assert sum(role.startswith("level") for role in roles) >= 5


def test_paths_on_the_surface_are_named_by_what_they_differ_in() -> None:
    here = scene()
    problem = here.run.problem
    methods = (replace(problem, method="adam", batch_size=5), replace(problem, momentum=0.9))
    runs = (scene(rate=rate).run for rate in (0.02, 0.5))
    ghosts = tuple(replace(run, problem=p) for run, p in zip(runs, methods, strict=True))
    known = replace(here, ghosts=ghosts)

    text = picture(Chart.SURFACE, known, View(100, 30)).text
    assert all(f" {words} " in text for words in ("plain", "adam, batch 5", "momentum 0.9"))
    assert "rate" not in text
    same = replace(here, ghosts=(replace(ghosts[0], problem=problem),))
    assert "plain" not in picture(Chart.SURFACE, same, View(100, 30)).text
    assert "rate 0.1, momentum 0.9" in picture(Chart.LOSS, known, View(100, 30)).text


@pytest.mark.parametrize("glyphs", ["braille", "ascii"])
def test_ravine_and_bowl_stand_side_by_side_the_unscaled_one_left(glyphs: Level) -> None:
    raw, scaled = table(standardised=False), table(standardised=True)
    wide, narrow = View(80, 24, glyphs=glyphs), View(60, 24, glyphs=glyphs)
    for here, other in ((raw, scaled), (scaled, raw)):
        known = replace(here, twin=other)
        title, legend = picture(Chart.SURFACE, known, wide).text.splitlines()[:2]
        for half in (legend[:40], legend[40:]):
            assert half.split()[-1] == "10", "the scale has the label at its end too"
        assert title.split()[:2] == ["Unscaled:", "condition"]
        assert "Standardised: condition" in title
        assert "Loss over w of speed and b" in picture(Chart.SURFACE, known, narrow).text
        along = replace(wide, curvature=True)
        assert picture(Chart.SURFACE, known, along).text.isascii() == (glyphs == "ascii")


def test_side_by_side_a_step_of_w_is_as_long_as_one_of_b() -> None:
    raw, scaled = table(standardised=False), table(standardised=True)
    lines = picture(Chart.SURFACE, replace(raw, twin=scaled), View(120, 33)).text.splitlines()
    left = [line[:60] for line in lines]
    columns = {float(n.group()): n.start() for n in re.finditer(r"[\d.]+", left[-1])}
    rows = {float(line.split("┤")[0]): y for y, line in enumerate(left) if "┤" in line}
    (across, up) = (
        abs(at[most] - at[least]) / (most - least)
        for at in (columns, rows)
        for least, most in [(min(at), max(at))]
    )
    assert across == pytest.approx(2 * up, rel=0.15), "a cell is twice as high as wide"


def test_a_scale_without_room_is_shorter_and_never_cut() -> None:
    def said(width: int) -> list[str]:
        drawn = picture(Chart.SURFACE, scene(noise=0.5), View(width, 20))
        return re.findall(r"[\w.+]+", drawn.text.splitlines()[1])

    assert said(120)[:2] == ["b", "loss"]
    lengths = [len(said(width)) for width in range(24, 60, 5)]
    assert all(set(said(width)) <= set(said(120)) for width in range(24, 60, 5))
    assert lengths == sorted(lengths)
