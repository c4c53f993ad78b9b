"""The functions from a run to the next one: begun, trained on, and taken back exactly."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from math import inf
from threading import Event

from engine.training.breakpoints import Breakpoint, Watch
from engine.training.closed_form import theory
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.divergence import explain
from engine.training.history import History, Recorder
from engine.training.pacer import Clock, Pacer, Wait
from engine.training.problem import Problem
from engine.training.run import Cancelled, Run, Stop

FRAME_SECONDS = 0.05
"""Seconds between two frames: 20 frames a second."""

_UNINTERRUPTED: Wait = Event().wait


def begin(problem: Problem) -> Run:
    """A run of the problem before its first iteration; raises ProblemError."""
    problem.check()
    return Run(problem, History(start(problem)))


def advance(
    run: Run,
    until: int | None = None,
    *,
    breakpoints: Iterable[Breakpoint] = (),
    frame_seconds: float = FRAME_SECONDS,
    pace: float | None = None,
    cancelled: Cancelled = lambda: False,
    clock: Clock = time.monotonic,
    wait: Wait = _UNINTERRUPTED,
) -> Iterator[Run]:
    """Train until `until` iterations are done in all, the problem's target where it is None.

    Yields the whole run every `frame_seconds`, and at the end, which comes early on a
    breakpoint, on cancellation and before the first iteration that is not finite: the run then
    stands at the last finite one. `pace` is in iterations a second, None for flat out; give a
    `wait` that returns early on cancellation, such as `Event.wait`.
    """
    problem, first = run.problem, run.state.iteration
    goal = problem.target if until is None else until
    recorder = Recorder(run.history)
    watch = _watch(run, breakpoints)
    following = steps(problem, run.state)
    pacer = Pacer(frame_seconds, pace, clock, wait)
    done, stop = first, None
    while stop is None and done < goal:
        pacer.wait()
        if cancelled():
            stop = Stop("paused", f"paused after {done:,} iterations")
            break
        step = next(following)
        if not step.finite:
            stop = Stop("diverged", explain(problem, step))
            break
        recorder.add(step)
        done += 1
        if reached := watch.hit(step):
            text = f"breakpoint at iteration {step.iteration:,}: {reached.text}"
            stop = Stop("breakpoint", text, reached)
        elif pacer.frame_due() and done < goal:
            yield Run(problem, recorder.snapshot(), None, pacer.rate(done - first))
    rate = pacer.rate(done - first) if done > first else run.rate
    yield Run(problem, recorder.snapshot(), stop or _at_target(problem, done), rate)


def back_to(run: Run, iteration: int, cancelled: Cancelled = lambda: False) -> Run:
    """The run exactly as it was when `iteration` iterations were done; what came after is gone.

    Raises ValueError for an iteration that the run has not reached or that is before its start.
    Cancelled, it is the run as it is, paused.
    """
    _check_reached(run, iteration)
    *_, last = _replay(run, iteration, Pacer(inf, None, time.monotonic, _UNINTERRUPTED), cancelled)
    return last


def goto(
    run: Run,
    iteration: int,
    *,
    frame_seconds: float = FRAME_SECONDS,
    cancelled: Cancelled = lambda: False,
    clock: Clock = time.monotonic,
) -> Iterator[Run]:
    """The run when `iteration` iterations are done, forward or back, by frames on the way there.

    A frame stands at the iteration that is reached, which on the way back begins at the nearest
    kept one. The last frame is the run asked for; or on cancellation forward where it was
    stopped, back the run as it is. Give the furthest run of a branch, and what was trained once
    is not trained again. Raises ValueError for an iteration before the run's start.
    """
    if iteration > run.state.iteration:
        return advance(
            run, iteration, frame_seconds=frame_seconds, cancelled=cancelled, clock=clock
        )
    _check_reached(run, iteration)
    return _replay(run, iteration, Pacer(frame_seconds, None, clock, _UNINTERRUPTED), cancelled)


def _check_reached(run: Run, iteration: int) -> None:
    start, now = run.history.start.iteration, run.state.iteration
    if not start <= iteration <= now:
        raise ValueError(f"the run can go back to {start:,} … {now:,}, not {iteration:,}")


def _replay(run: Run, iteration: int, pacer: Pacer, cancelled: Cancelled) -> Iterator[Run]:
    """From the nearest kept state to an iteration that the run has reached."""
    keyframe = run.history.keyframe(iteration)
    recorder = Recorder(run.history.until(iteration))
    for step in islice(steps(run.problem, keyframe), iteration - keyframe.iteration):
        if cancelled():
            yield replace(run, stop=Stop("paused", f"stayed at {run.state.iteration:,} iterations"))
            return
        recorder.add(step)
        if pacer.frame_due() and step.iteration + 1 < iteration:
            yield replace(run, history=recorder.snapshot(), stop=None)
    yield replace(run, history=recorder.snapshot(), stop=None)


def _watch(run: Run, breakpoints: Iterable[Breakpoint]) -> Watch:
    stopped_by = run.stop.breakpoint if run.stop else None
    return Watch(breakpoints, partial(theory, run.problem), run.history.steps, stopped_by)


def _at_target(problem: Problem, done: int) -> Stop | None:
    return Stop("target", f"{done:,} iterations done") if done >= problem.target else None
