"""What training can be asked to do: functions from a spot to the spots on the way.

They run in a worker, once torch is there; `trainer` imports them when the first order comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

from engine.data.source import Table
from engine.data.table_cache import load, read_table
from engine.training.advance import advance, goto
from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint
from engine.training.closed_form import theory
from engine.training.dataset import points
from engine.training.device import facts, resolve_device
from engine.training.fork import fork
from engine.training.run import Cancelled, Run
from tui.run import moves
from tui.run.data_form import DataChoice
from tui.run.iteration import Spot
from tui.run.messages import Command, ProblemPrepared
from tui.run.read_progress import SINGULAR, Teller, found

Act = Callable[[Spot, Event], Iterator[Spot]]
"""The event is set when the act is to stop."""
Tell = Callable[[str], object]
"""Takes a line about how far something is."""
Read = Callable[[Tell, Cancelled], tuple[Experiment, str]]
"""Makes an experiment and says in a line what is in it; raises ProblemError."""

STEPS: dict[Command, Callable[[Spot], Spot]] = {
    "next": moves.next_iteration,
    "finish": moves.next_iteration,
    "previous": moves.previous_iteration,
    "node": moves.next_node,
    "node back": moves.previous_node,
    "reset": moves.going_back(0),
}


def step(order: Command) -> Act:
    """One step."""
    return lambda here, _: iter([STEPS[order](here)])


def train(
    breakpoints: tuple[Breakpoint, ...],
    frame_seconds: float,
    pace: float | None = None,
    seen: Callable[[], bool] = lambda: True,
) -> Act:
    """To the target or a breakpoint, at a pace or flat out; `seen` as for `moves.watched`."""

    def act(here: Spot, cancel: Event) -> Iterator[Spot]:
        frames = advance(
            here.run,
            breakpoints=breakpoints,
            frame_seconds=frame_seconds,
            pace=pace,
            cancelled=cancel.is_set,
            wait=cancel.wait,
        )
        return moves.watched(frames, seen)

    return act


def go_to(furthest: Run, wanted: int) -> Act:
    """From the furthest that a branch has been: what is trained need not be trained again."""

    def act(_: Spot, cancel: Event) -> Iterator[Spot]:
        return moves.watched(goto(furthest, wanted, cancelled=cancel.is_set))

    return act


def reading(choice: DataChoice, before: Experiment) -> Read:
    """Read a file and learn from it on a branch of its own."""

    def read(tell: Tell, cancelled: Cancelled) -> tuple[Experiment, str]:
        problem = before.branch.run.problem
        table = read_table(
            choice.path,
            target=choice.target,
            features=choice.features,
            standardise=choice.standardise,
            missing=choice.missing,
            dtype=problem.dtype,
            seed=problem.source.seed,
            progress=Teller(choice.path.name, tell),
            cancelled=cancelled,
        )
        return fork(before, replace(problem, source=table, start_w=None)), found(table)

    return read


def prepared(
    experiment: Experiment, words: str, ticket: int, tell: Tell, cancelled: Cancelled
) -> ProblemPrepared:
    """Everything that is to be known of the current branch, whose data may have to be read.

    Raises ProblemError where they cannot be or its device is not there.
    """
    run = experiment.branch.run
    problem = run.problem
    resolve_device(problem.device)
    if isinstance(problem.source, Table):
        progress = Teller(Path(problem.source.path).name, tell)
        load(problem.source, problem.dtype, progress, cancelled)
    known = theory(problem)
    if words and known.singular:
        words += f"; {SINGULAR}"
    return ProblemPrepared(
        experiment=experiment,
        spot=moves.spot(run),
        theory=known,
        points=points(problem),
        facts=facts(problem),
        ticket=ticket,
        words=words,
    )
