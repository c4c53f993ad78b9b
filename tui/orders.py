"""What training can be asked to do: functions from a spot to the spots on the way.

They run in a worker, once torch is there; `tui.training` imports them when the first order comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

from engine.device import facts
from engine.regression.branches import Experiment
from engine.regression.breakpoints import Breakpoint
from engine.regression.data import points
from engine.regression.run import Run, advance, goto
from engine.regression.theory import theory
from tui import iterating
from tui.iterating import Spot
from tui.messages import Order, ProblemPrepared

Act = Callable[[Spot, Event], Iterator[Spot]]
"""The event is set when the act is to stop."""

STEPS: dict[Order, Callable[[Spot], Spot]] = {
    "next": iterating.next_iteration,
    "finish": iterating.next_iteration,
    "previous": iterating.previous_iteration,
    "node": iterating.next_node,
    "node back": iterating.previous_node,
    "reset": iterating.going_back(0),
}


def step(order: Order) -> Act:
    """One step."""
    return lambda here, _: iter([STEPS[order](here)])


def train(
    breakpoints: tuple[Breakpoint, ...], frame_seconds: float, pace: float | None = None
) -> Act:
    """To the target or a breakpoint, at a pace or flat out."""

    def act(here: Spot, cancel: Event) -> Iterator[Spot]:
        frames = advance(
            here.run,
            breakpoints=breakpoints,
            frame_seconds=frame_seconds,
            pace=pace,
            cancelled=cancel.is_set,
            wait=cancel.wait,
        )
        return iterating.watched(frames)

    return act


def go_to(furthest: Run, iteration: int) -> Act:
    """From the furthest that a branch has been: what is trained need not be trained again."""

    def act(_: Spot, cancel: Event) -> Iterator[Spot]:
        return iterating.watched(goto(furthest, iteration, cancelled=cancel.is_set))

    return act


def prepared(experiment: Experiment, ticket: int) -> ProblemPrepared:
    """Everything that is to be known of the current branch."""
    run = experiment.branch.run
    problem = run.problem
    return ProblemPrepared(
        experiment=experiment,
        spot=iterating.spot(run),
        theory=theory(problem),
        points=points(problem),
        facts=facts(problem),
        ticket=ticket,
    )
