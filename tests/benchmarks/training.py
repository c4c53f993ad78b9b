"""Iterations a second, each recorded in full, against loops that people write."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

import torch

from engine.data.source import Synthetic
from engine.training.advance import advance, begin
from engine.training.descent import steps
from engine.training.problem import Problem, Step
from engine.training.run import Run
from tests.benchmarks import peers
from tests.benchmarks.children import Child, Work
from tests.benchmarks.figures import Figure, Samples, ratio_at_least
from tests.benchmarks.measuring import REPETITIONS, Measured, measure, per_second
from tests.benchmarks.peers import Row
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import ENDLESS, Terminal, app
from tui.kit.frame_rate import LOCAL

REFERENCE = Problem()
SIZES = (50, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
WORK = 20_000_000
"""So many points are gone through by all iterations of one sample, with bounds on those."""


@benchmark("training.steps", "iterations a second, every one recorded with its gradients")
def reference_run(quick: bool) -> Iterator[Figure]:
    """The reference run on one thread, as the app trains it."""
    count = 1_000 if quick else 5_000
    loops: tuple[tuple[str, str, Callable[[Problem, int], list[Row]]], ...] = (
        ("bare", "tutorial's bare loop", peers.bare_loop),
        ("sgd", "nn.Linear + SGD", peers.linear_and_sgd),
        ("tensorboard", "SGD + SummaryWriter", peers.tensorboard_loop),
    )
    with threads(1):
        for name, peer, loop in loops:
            figure = Figure(
                f"training.steps.{name}",
                "steps/s, loss, w, b, gradients kept",
                "/s",
                peer_name=peer,
                target=ratio_at_least(2) if name == "bare" else None,
                how=f"{count:,} iterations of 50 points, 1 thread; the peer keeps w, b and loss",
            )
            yield _against(figure, REFERENCE, count, loop)


@benchmark("training.run", "the same through history, pacing and breakpoints")
def whole_run(quick: bool) -> Iterator[Figure]:
    """What the app and the headless command call."""
    count = 1_000 if quick else 5_000

    def ours() -> list[Row]:
        run = _last(begin(REFERENCE), count)
        return [_row(step) for step in run.history.steps[-1:]]

    def peer() -> list[Row]:
        return peers.bare_loop(REFERENCE, count)[-1:]

    figure = Figure(
        "training.run",
        "steps/s with history and frames",
        "/s",
        peer_name="tutorial's bare loop",
        target=ratio_at_least(1.1),
        how=f"{count:,} iterations of 50 points by `advance`, 1 thread",
    )
    with threads(1):
        yield measure(per_second(count, ours), per_second(count, peer), peers.close).on(figure)


@benchmark("training.points", "iterations a second by number of points and threads")
def by_size(quick: bool) -> Iterator[Figure]:
    """From the tutorial's 50 points to ten million."""
    for points in SIZES[: 4 if quick else None]:
        count = min(max(WORK // points, 3), 1_000)
        for number in (1, 2):
            figure = Figure(
                f"training.points.{points}.threads{number}",
                f"steps/s, {points:,} points, {number} thread{'s' * (number > 1)}",
                "/s",
                peer_name="tutorial's bare loop",
                how=f"{count:,} iterations a sample",
            )
            with threads(number):
                problem = Problem(Synthetic(points=points))
                yield _against(figure, problem, count, peers.bare_loop)


@benchmark("training.cuda", "iterations a second on a GPU")
def on_cuda(quick: bool) -> Iterator[Figure]:
    """Where there is one."""
    for points in SIZES[: 4 if quick else None]:
        figure = Figure(
            f"training.cuda.{points}",
            f"steps/s, {points:,} points, CUDA",
            "/s",
            peer_name="tutorial's bare loop",
            how="500 iterations a sample",
        )
        if not torch.cuda.is_available():
            yield Figure(figure.name, figure.what, note="no CUDA device")
            continue
        problem = Problem(Synthetic(points=points), device="cuda")
        yield _against(figure, problem, 500, peers.bare_loop)


@benchmark("training.screen", "iterations a second with the app on the screen")
def on_screen(quick: bool) -> Iterator[Figure]:
    """Against the same function with the same frames in a process without a screen."""
    seconds = 1.0 if quick else 4.0
    ours, theirs = [], []
    with app(*ENDLESS) as work, Child(_screenless, seconds, limit=60 + seconds) as peer:
        work.answer("2")
        for number in range(1 + REPETITIONS):
            rate = _rate_on_screen(work, seconds)
            _, other = peer()
            if number:  # the first of each is the warm-up
                ours.append(rate)
                theirs.append(other)
    figure = Figure(
        "training.screen",
        "steps/s with the Train tab on the screen",
        "/s",
        peer_name="without a screen",
        target=ratio_at_least(0.95),
        how=f"flat out, {seconds:g} s a sample, iterations read off the screen in a pty, 120×40",
    )
    yield Measured(Samples(tuple(ours)), Samples(tuple(theirs))).on(figure)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Torch on so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _against(
    figure: Figure, problem: Problem, count: int, loop: Callable[[Problem, int], list[Row]]
) -> Figure:
    state = begin(problem).state

    def same(ours: list[Step], theirs: list[Row]) -> bool:
        return peers.close([_row(step) for step in ours], theirs)

    return measure(
        per_second(count, lambda: list(islice(steps(problem, state), count))),
        per_second(count, lambda: loop(problem, count)),
        same,
    ).on(figure)


def _row(step: Step) -> Row:
    return step.w[0], step.b, step.loss


def _last(run: Run, until: int) -> Run:
    return deque(advance(run, until, frame_seconds=LOCAL.shortest), maxlen=1)[0]


def _rate_on_screen(work: Terminal, seconds: float) -> float:
    """Run, and pause again; the output is looked at only afterwards."""
    work.press("c")
    chunks = work.collect(seconds)
    work.press("c")
    seen = []
    for chunk in chunks:
        work.feed(chunk)
        found = re.search(r"iteration +([\d,]+) of", work.text)
        if found:
            seen.append((chunk.time, int(found[1].replace(",", ""))))
    work.settle()
    # The first frames come while the run starts.
    (began, first), (ended, last) = seen[len(seen) // 4], seen[-1]
    return (last - first) / (ended - began)


def _screenless(seconds: float) -> Work:
    """In a child: the rate of a run of so many seconds."""
    torch.set_num_threads(1)
    problem = Problem(target=1_000_000_000)

    def work() -> float:
        began = time.perf_counter()
        frames = advance(begin(problem), frame_seconds=LOCAL.shortest)
        run = next(run for run in frames if time.perf_counter() - began > seconds)
        return run.state.iteration / (time.perf_counter() - began)

    return work
