"""The functions from a run to the next one: begun, trained on, and taken back exactly."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from math import inf
from threading import Event

from engine.training.breakpoints import Breakpoint, BreakpointWatch
from engine.training.closed_form import theory
from engine.training.convergence import aimed
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.divergence import DivergenceWatch, explain
from engine.training.history import History, Recorder
from engine.training.pacer import Clock, Pacer, Wait
from engine.training.problem import Problem
from engine.training.run import Cancelled, Run, Stop
from engine.training.theory import Theory

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
    goal, first = run.problem.target if until is None else until, run.state.iteration
    training, pacer = _Training(run, breakpoints), Pacer(frame_seconds, pace, clock, wait)
    while training.stop is None and training.done < goal:
        pacer.wait()
        training.iterate(cancelled)
        if training.stop is None and pacer.frame_due() and training.done < goal:
            yield training.run(pacer.rate(training.done - first))
    rate = pacer.rate(training.done - first) if training.done > first else run.rate
    yield _at_target(training.run(rate))


class _Training:
    """A run that goes on, iteration by iteration, until `stop` says why it goes no further."""

    def __init__(self, run: Run, breakpoints: Iterable[Breakpoint]) -> None:
        self.stop: Stop | None = None
        self.done = run.state.iteration
        self._problem = run.problem
        self._recorder = Recorder(run.history)
        self._watch = _watch(run, breakpoints)
        self._following = steps(run.problem, run.state)

    def iterate(self, cancelled: Cancelled) -> None:
        """Do one more iteration, unless it is cancelled or would not be finite."""
        if cancelled():
            self.stop = Stop("paused", f"paused after {self.done:,} iterations")
            return
        step = next(self._following)
        if not step.finite:
            self.stop = Stop("diverged", explain(self._problem, step, theory(self._problem)))
            return
        self._recorder.add(step)
        self.done += 1
        if reached := self._watch.hit(step):
            why = "" if reached.kind == "i=" else f": {reached.text}"
            text = f"breakpoint at iteration {step.iteration:,}{why}"
            self.stop = Stop("breakpoint", text, reached)

    def run(self, rate: float | None) -> Run:
        """The run so far, at so many iterations a second."""
        return Run(self._problem, self._recorder.snapshot(), self.stop, rate)


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


def _watch(run: Run, breakpoints: Iterable[Breakpoint]) -> BreakpointWatch:
    stopped_by = run.stop.breakpoint if run.stop else None
    return BreakpointWatch(breakpoints, partial(_known, run), run.history.steps, stopped_by)


def _known(run: Run) -> Theory:
    return aimed(theory(run.problem), run.history.start)


def _at_target(run: Run) -> Run:
    """The run that has stopped of itself, which is no success where its error has grown."""
    done, last = run.state.iteration, run.history.last
    if run.stop is not None or done < run.problem.target:
        return run
    watch = DivergenceWatch(run.problem, run.history.start, theory(run.problem))
    if last is not None and (sign := watch.at_end(last)):
        return replace(run, stop=Stop("diverged", sign))
    return replace(run, stop=Stop("target", f"{done:,} iterations done"))
