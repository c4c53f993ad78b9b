"""`linreg-tui chart`: train, then print one chart."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console

from engine.training.advance import advance, begin
from engine.training.closed_form import theory
from engine.training.convergence import aimed
from engine.training.dataset import points
from engine.training.density import Wish
from engine.training.device import facts
from engine.training.point_counts import density
from engine.training.problem import Problem
from engine.training.run import Run
from tui.chart.figures.draw import picture
from tui.chart.figures.fit import wanted
from tui.chart.figures.kinds import Chart
from tui.chart.figures.picture_file import coloured
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.cli.printing.output import complain
from tui.cli.training.ending import remedy
from tui.config.errors import UsageError
from tui.config.terminal import Colours, colour_level, glyph_level, is_light
from tui.config.theme import DARK, LIGHT, tokens
from tui.kit.spans import Picture
from tui.kit.styles import sixteen
from tui.kit.text import reason

LEAST = {"width": 20, "height": 1}
"""The smallest: a number and its name are cut in fewer columns."""
LARGEST = {"width": 1000, "height": 500}
"""The largest size of a chart, in columns and rows."""
SYSTEMS: dict[Colours, str] = {"16": "standard", "256": "256", "true": "truecolor"}
"""The names of colour depths in rich."""


def run(options: argparse.Namespace) -> int:
    """Train `options.problem` to its target and print the chart; returns the exit code.

    That is 1 where training diverged or failed; raises UsageError for a size out of range.
    """
    colours = _colours(os.environ, asked=options.color)
    view = _view(options, colours)
    try:
        trained = _trained(options.problem)
        shown = picture(Chart(options.chart), _scene(trained, view), view)
    except (MemoryError, RuntimeError) as error:
        complain(f"training failed: {reason(error)}")
        return 1
    _print(shown, colours)
    if trained.stop is not None and trained.stop.reason == "diverged":
        words = remedy(options.problem, theory(options.problem))
        complain("; ".join(filter(None, (trained.stop.text, words))))
        return 1
    return 0


def _trained(problem: Problem) -> Run:
    facts(problem)
    *_, run = advance(begin(problem))
    return run


def _scene(run: Run, view: View) -> Scene:
    known = aimed(theory(run.problem), run.history.start)
    scene = Scene(run, points(run.problem), known)
    grid = wanted(scene, view)
    if grid is None:
        return scene
    state = run.state if run.problem.features > 1 else None
    return replace(scene, density=density(Wish(run.problem, grid, state)))


def _view(options: argparse.Namespace, colours: Colours) -> View:
    screen = sys.stdout.isatty()
    size = shutil.get_terminal_size()
    rows = size.lines - 1 if screen else size.lines  # a terminal needs one for what comes next
    environ = os.environ if screen else {**os.environ, "TERM": "xterm"}
    return View(
        _extent("width", options.width, size.columns),
        _extent("height", options.height, rows),
        glyphs=options.glyphs or glyph_level(environ, sys.stdout.encoding),
        fill=colours in ("256", "true"),
    )


def _extent(name: str, asked: int | None, usual: int) -> int:
    most = LARGEST[name]
    if asked is None:
        return min(max(usual, 1), most)
    if not LEAST[name] <= asked <= most:
        raise UsageError(f"--{name} must be from {LEAST[name]} to {most:,}, not {asked}")
    return asked


def _colours(environ: Mapping[str, str], *, asked: bool) -> Colours:
    level = colour_level({**environ, "NO_COLOR": ""} if asked else environ)
    if asked:
        return "256" if level == "none" else level
    return level if sys.stdout.isatty() else "none"


def _print(shown: Picture, colours: Colours) -> None:
    if colours == "none":
        print(shown.text)
        return
    console = Console(
        file=sys.stdout,
        width=shown.width,
        force_terminal=True,
        color_system=SYSTEMS[colours],  # type: ignore[arg-type]
        no_color=False,
        legacy_windows=False,
    )
    light = is_light(os.environ)
    look = tokens(LIGHT if light else DARK) | {"foreground": "default"}
    if colours == "16":
        look = sixteen(look, light=light)
    console.print(coloured(shown, look), crop=False, soft_wrap=True)
