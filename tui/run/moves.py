"""Stepping through training, by iterations and inside of one: functions from spot to spot.

Between two iterations a `Spot` looks into the one just done, from its end; inside of one it is
the one that the run will do next. The functions need torch and belong into a worker.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator

from engine.training.advance import advance, back_to
from engine.training.iteration_tracer import trace_iteration
from engine.training.run import Run
from engine.training.traced_iteration import TracedIteration
from tui.run.iteration import Inside, Spot
from tui.script import position
from tui.script.position import Position

LOOK_LIMIT = 100_000
"""With more points an iteration is looked into when a run stops, not at every frame."""
SELDOM = 2.0
"""Seconds between two looks at a long run, at least: each repeats the iterations not kept."""
LOOK_SHARE = 0.005
"""The part of a long run's time that they may take, at most."""


def spot(run: Run) -> Spot:
    """Between two iterations: the one just done, from its end; the first one from its start."""
    done = run.state.iteration
    if done == run.history.start.iteration:
        return Spot(run, Inside(_traced(run), Position()))
    traced = _traced(back_to(run, done - 1))
    return Spot(run, Inside(traced, position.end(traced.recording)))


def next_iteration(here: Spot) -> Spot:
    """The iteration that has begun to its end, or a whole one."""
    traced = _ahead(here)
    run = _last(advance(here.run, here.run.state.iteration + 1))
    return Spot(run, Inside(traced, position.end(traced.recording)))


def previous_iteration(here: Spot) -> Spot:
    """Before the iteration that has begun, or before the last one."""
    if here.within:
        return spot(here.run)
    done = here.run.state.iteration
    return spot(back_to(here.run, max(done - 1, here.run.history.start.iteration)))


def going_back(iteration: int) -> Callable[[Spot], Spot]:
    """To where so many iterations were done, or to where the run began."""

    def go(here: Spot) -> Spot:
        first = here.run.history.start.iteration
        return spot(back_to(here.run, max(iteration, first)))

    return go


def next_node(here: Spot) -> Spot:
    """One line of the loop, or inside backward one node; after the last line, the next loop."""
    traced = _ahead(here)
    start = here.inside.position if here.inside is not None and here.within else Position()
    inside = Inside(traced, position.next_node(traced.recording, start))
    return next_iteration(Spot(here.run, inside)) if inside.done else Spot(here.run, inside)


def previous_node(here: Spot) -> Spot:
    """One line or node back, from the end of an iteration into it."""
    run, inside = here
    if inside is None or inside.fresh:
        return here
    if inside.done:
        run = back_to(run, run.state.iteration - 1)
    before = position.previous_node(inside.traced.recording, inside.position)
    return spot(run) if before == Position() else Spot(run, Inside(inside.traced, before))


def watched(
    frames: Iterable[Run],
    seen: Callable[[], bool] = lambda: True,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Spot]:
    """The frames of a longer run, looked into as far as that costs little, and the last one.

    `seen`: whether anybody can see now what is looked into.
    """
    latest: Run | None = None
    due = -math.inf
    for latest in frames:
        begun, few = clock(), latest.problem.source.points <= LOOK_LIMIT
        if few and (latest.history.stride == 1 or begun >= due) and seen():
            looked = spot(latest)
            due = begun + max(SELDOM, (clock() - begun) / LOOK_SHARE)
            yield looked
        else:
            yield Spot(latest, None)
    if latest is not None:
        yield spot(latest)


def _ahead(here: Spot) -> TracedIteration:
    if here.inside is not None and here.inside.traced.before == here.run.state:
        return here.inside.traced
    return _traced(here.run)


def _traced(run: Run) -> TracedIteration:
    return trace_iteration(run.problem, run.state)


def _last(frames: Iterable[Run]) -> Run:
    *_, last = frames
    return last
