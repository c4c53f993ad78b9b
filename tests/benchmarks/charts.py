"""What a chart costs: built once from any amount of data, and live while training runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from engine.data.source import Synthetic
from engine.training.advance import begin
from engine.training.closed_form import theory
from engine.training.dataset import dataset, points
from engine.training.history import History, Recorder
from engine.training.problem import Problem, State, Step
from engine.training.run import Run
from engine.training.step_columns import Steps
from tests.benchmarks.children import Child, Work
from tests.benchmarks.figures import Figure, Samples, at_most
from tests.benchmarks.measuring import REPETITIONS, measure, timed
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import ENDLESS, app
from tests.processes import cpu_seconds, main_thread_seconds
from tui.chart.figures.canvas import drawn
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.kit.spans import Picture

VIEW = View(width=120, height=40)
COUNTS = (100, 10_000, 1_000_000)
POINTS = (100, 10_000, 1_000_000, 10_000_000)
GRID = (108, 34)
"""Cells of the canvas of a chart of 120×40."""
REMOTE = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


@benchmark("charts.history", "a chart of so many kept iterations")
def history(quick: bool) -> Iterator[Figure]:
    """A history of every iteration, none thinned before; the loss against plotext alone."""
    for count in COUNTS[: 2 if quick else None]:
        kept = History(State(0, (0.5,), 0.0), Steps(_steps(count)))
        scene = Scene(Run(Problem(target=count), kept), points(Problem()), theory(Problem()))
        target = at_most(0.015) if count == 1_000_000 else None
        for chart in Chart:
            draw = timed(partial(_anew, chart, scene))
            figure = Figure(
                f"charts.history.{chart}.{count}",
                f"{chart} chart of {count:,} iterations",
                "s",
                target=target,
                how="120×40, from the history as the engine keeps it, thinning included",
            )
            if chart is not Chart.LOSS:
                yield measure(draw).on(figure)
                continue
            figure = replace(figure, peer_name="plotext alone, all losses, at most 20 s")
            with Child(_plotext, count, limit=20) as peer:
                yield measure(draw, peer).on(figure)


@benchmark("charts.bounded", "a chart of a run of so many iterations, as the app keeps it")
def bounded(quick: bool) -> Iterator[Figure]:
    """What a frame takes: the recorder's history so far, and the chart of it.

    At most some two thousand iterations are kept, however long it ran.
    """
    for count in COUNTS[: 2 if quick else None]:
        recorder = Recorder(begin(Problem()).history)
        for step in _steps(count):
            recorder.add(step)
        target = at_most(0.015) if count == 1_000_000 else None
        for chart in Chart:
            figure = Figure(
                f"charts.bounded.{chart}.{count}",
                f"a frame of the {chart} chart after {count:,}",
                "s",
                target=target,
                how="120×40, the recorder's snapshot and the chart of it",
            )
            yield measure(timed(partial(_frame, chart, recorder))).on(figure)


@benchmark("charts.points", "a chart of so many points")
def scattered(quick: bool) -> Iterator[Figure]:
    """What the app hands to the charts of them."""
    for count in POINTS[: 2 if quick else None]:
        problem = Problem(Synthetic(points=count, noise=0.1))
        scene = Scene(begin(problem), points(problem), theory(problem))
        for chart in (Chart.FIT, Chart.RESIDUALS):
            figure = Figure(
                f"charts.points.{chart}.{count}",
                f"{chart} chart of {count:,} points",
                "s",
                how="120×40, everything that the app knows of them handed to `picture`",
            )
            yield measure(timed(partial(_anew, chart, scene))).on(figure)


@benchmark("charts.density", "points counted on a chart's grid")
def counted(quick: bool) -> Iterator[Figure]:
    """Against numpy's two-dimensional histogram."""
    from engine.training.density import Grid

    count = 100_000 if quick else 10_000_000
    for device, bound in (("cpu", 0.15), ("cuda", 0.01)):
        figure = Figure(
            f"charts.density.{device}",
            f"density of {count:,} points, {device}",
            "s",
            peer_name="numpy.histogram2d",
            target=at_most(bound) if not quick else None,
            how=f"counts on {GRID[0]}×{GRID[1]} cells, torch's own number of threads",
        )
        if device == "cuda" and not torch.cuda.is_available():
            yield Figure(figure.name, figure.what, note="no CUDA device")
            continue
        problem = Problem(Synthetic(points=count, noise=0.1), device=device)
        grid = Grid(*GRID, x=(0.0, 1.0), y=(0.0, 5.0))
        data = dataset(problem)
        x, y = data.x[:, 0].cpu().numpy(), data.y[:, 0].cpu().numpy()
        numpy = timed(partial(_numpy_counts, x, y, grid))
        ours = timed(partial(_counts, problem, grid))
        yield measure(ours, numpy, _alike).on(figure)


@benchmark("charts.live", "the loss chart while training runs")
def live(quick: bool) -> Iterator[Figure]:
    """At the pace the app starts with, and flat out; on a local line and over SSH."""
    for profile, environment in (("local", {}), ("ssh", REMOTE)):
        for mode, key in (("play", "space"), ("run", "c")):
            measured = _watched(environment, key, 2.0 if quick else 5.0)
            target = at_most(20_000) if profile == "ssh" else None
            name, what = f"charts.live.{profile}.{mode}", f"loss chart, {profile}, {mode}"
            how = f"{key} in the Chart tab in a pty, 120×40"
            yield Figure(f"{name}.bytes", what, "B/s", measured.bytes, target=target, how=how)
            drawing = f"{what}, thread that draws"
            # All of the screen's work, the chart among it; the rest of the process trains.
            yield Figure(
                f"{name}.thread", drawing, "%", measured.drawing, target=at_most(10), how=how
            )
            yield Figure(f"{name}.cpu", f"{what}, whole process", "%", measured.cpu, how=how)


@dataclass(frozen=True, slots=True)
class _Usage:
    """A second's worth, sampled for some seconds at a time."""

    bytes: Samples
    cpu: Samples
    drawing: Samples


def _watched(environment: dict[str, str], key: str, seconds: float) -> _Usage:
    rows = []
    with app(*ENDLESS, environment=environment) as work:
        work.answer("3")
        work.answer("v")
        work.until("━━ loss")
        work.settle()
        work.press(key)
        work.collect(1.0)
        pid = work.child.pid
        for _ in range(REPETITIONS):
            before = cpu_seconds(pid), main_thread_seconds(pid)
            size = sum(len(chunk.data) for chunk in work.collect(seconds))
            used, drawing = cpu_seconds(pid) - before[0], main_thread_seconds(pid) - before[1]
            rows.append((size / seconds, 100 * used / seconds, 100 * drawing / seconds))
    columns = [Samples(tuple(column)) for column in zip(*rows, strict=True)]
    return _Usage(*columns)


def _frame(chart: Chart, recorder: Recorder) -> Picture:
    run = Run(Problem(), recorder.snapshot())
    return _anew(chart, Scene(run, points(Problem()), theory(Problem())))


def _anew(chart: Chart, scene: Scene) -> Picture:
    """As a chart is drawn whose curves have moved."""
    drawn.cache_clear()
    return picture(chart, scene, VIEW)


def _steps(count: int) -> Iterator[Step]:
    """A loss that falls and trembles."""
    for i in range(count):
        loss = math.exp(-8 * i / count) * (1.1 + math.sin(i))
        yield Step(i, loss, (3 - loss,), 0.8 - loss, (-loss,), -loss)


def _plotext(count: int) -> Work:
    import plotext

    losses = [step.loss for step in _steps(count)]
    places = list(range(1, count + 1))

    def work() -> int:
        figure: Any = plotext
        figure.clear_figure()
        figure.plotsize(VIEW.width, VIEW.height)
        figure.yscale("log")
        figure.plot(places, losses, marker="braille")
        return len(figure.build())

    return work


def _counts(problem: Problem, grid: Any) -> tuple[tuple[int, ...], ...]:
    from engine.training.density import Wish
    from engine.training.point_counts import density

    return density(Wish(problem, grid)).counts


def _numpy_counts(x: Any, y: Any, grid: Any) -> tuple[tuple[int, ...], ...]:
    counts, _, _ = np.histogram2d(y, x, (grid.rows, grid.columns), (grid.y, grid.x))
    return tuple(map(tuple, counts.astype(int).tolist()))


def _alike(ours: tuple[tuple[int, ...], ...], theirs: tuple[tuple[int, ...], ...]) -> bool:
    """The same counts but for points within a rounding of a cell's edge."""
    mine, other = np.array(ours), np.array(theirs)
    return mine.shape == other.shape and int(abs(mine - other).sum()) <= 2e-4 * other.sum() + 20
