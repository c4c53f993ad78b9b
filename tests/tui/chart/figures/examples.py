"""Scenes to draw, made by gradient descent in plain Python on data of one feature."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.data.source import Synthetic, Table
from engine.training.history import History, Recorder
from engine.training.points import Points
from engine.training.problem import Problem, State, Step
from engine.training.run import Run, Stop
from engine.training.theory import Theory
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.kit.spans import Picture

XS = tuple(i / 20 for i in range(21))


def scene(*, rate: float = 0.1, steps: int = 300, noise: float = 0.1) -> Scene:
    """A run on 21 points around y = 3x + 0.8 that starts at w = 0.5, b = 0."""
    ys = tuple(3 * x + 0.8 + noise * (-1) ** i for i, x in enumerate(XS))
    run = descend(XS, ys, rate, steps)
    return Scene(run, points(XS, ys), theory(XS, ys))


def branched(*, at: int = 100, steps: int = 300, rate: float = 0.3) -> Scene:
    """The same with another learning rate after so many iterations."""
    before = scene(steps=at)
    here, xs, ys = before.run.state, XS, before.points.y if before.points else ()
    run = descend(xs, ys, rate, steps, here)
    return replace(
        before, run=run, inherited=before.run.history.steps, origin=before.run.history.start
    )


def points(xs: tuple[float, ...], ys: tuple[float, ...]) -> Points:
    return Points(tuple((x,) for x in xs), ys, len(ys), (spread(xs),), spread(ys))


def spread(values: tuple[float, ...]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (math.nan, math.nan)


START = State(0, (0.5,), 0.0)


def descend(
    xs: tuple[float, ...], ys: tuple[float, ...], rate: float, steps: int, start: State = START
) -> Run:
    (w,), b = start.w, start.b
    recorder = Recorder(History(start))
    stop = None
    for i in range(start.iteration, steps):
        errors = [w * x + b - y for x, y in zip(xs, ys, strict=True)]
        loss = sum(e * e for e in errors) / len(xs)
        w_grad = 2 * sum(e * x for e, x in zip(errors, xs, strict=True)) / len(xs)
        b_grad = 2 * sum(errors) / len(xs)
        w, b = w - rate * w_grad, b - rate * b_grad
        step = Step(i, loss, (w,), b, (w_grad,), b_grad)
        recorder.add(step)
        if not step.finite:
            stop = Stop("diverged", f"not finite at iteration {i}")
            break
    problem = Problem(Synthetic(points=len(xs)), learning_rate=rate, target=max(steps, 1))
    return Run(problem, recorder.snapshot(), stop)


def theory(xs: tuple[float, ...], ys: tuple[float, ...]) -> Theory:
    """By the closed form for one feature."""
    n = len(xs)
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    squares = sum((x - mean_x) ** 2 for x in xs)
    w = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / squares
    b = mean_y - w * mean_x
    loss = sum((w * x + b - y) ** 2 for x, y in zip(xs, ys, strict=True)) / n
    a, c, d = 2 * sum(x * x for x in xs) / n, 2 * mean_x, 2.0
    middle, turn = (a + d) / 2, math.hypot((a - d) / 2, c)
    values = (middle - turn, middle + turn)
    length = math.hypot(c, values[1] - a)
    u, v = c / length, (values[1] - a) / length
    return Theory((w,), b, loss, ((a, c), (c, d)), values, ((-v, u), (u, v)))


def cells(picture: Picture) -> list[list[tuple[str, str]]]:
    """Character and role of every cell."""
    return [[(char, span.role) for span in row for char in span.text] for row in picture.rows]


def found(picture: Picture, role: str) -> set[tuple[int, int]]:
    """(row, column) of the cells in the canvas, below the legend, whose front has the role."""
    return {
        (row, column)
        for row, line in enumerate(cells(picture))
        for column, (_, name) in enumerate(line)
        if row >= 2 and name.partition("@")[0] == role
    }


def frame(view: View) -> tuple[int, int, int, int]:
    """Left, top, width and height of a canvas with labels of the usual width."""
    return 8, 2, view.width - 9, view.height - 4


def table(*, standardised: bool) -> Scene:
    """The usual run, as if its points came from a file."""
    source = Table("/data/cars.csv", "dist", ("speed",), 21, "")
    scaled = replace(source, means=(100.0,), scales=(20.0,))
    known = scene()
    problem = replace(known.run.problem, source=scaled if standardised else source)
    return replace(known, run=replace(known.run, problem=problem))
