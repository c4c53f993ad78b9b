"""What the trainer does on its thread: training, and preparing what is to be trained.

Importing this module loads torch: `trainer` imports it when the first command comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event

from engine.data.source import ProblemError, Source, Table, TableError
from engine.data.table_cache import in_other_units as standardised_or_not
from engine.data.table_cache import load, read_alike, read_table
from engine.data.table_difference import difference
from engine.data.table_wish import Progress, ReadCancelledError
from engine.training.advance import advance, begin, goto
from engine.training.branches import BranchError, Experiment, experiment
from engine.training.breakpoints import Breakpoint
from engine.training.closed_form import theory
from engine.training.dataset import points
from engine.training.device import cuda_devices, facts, moved_here, resolve_device
from engine.training.fork import fork
from engine.training.moved_data import with_data_at
from engine.training.problem import Problem
from engine.training.run import Cancelled, Run
from engine.training.theory import Theory
from tui.kit.text import reason
from tui.run import moves
from tui.run.data_form import DataChoice
from tui.run.iteration import Spot
from tui.run.messages import Command, ProblemPrepared, looked_at
from tui.run.only_looking import OnlyLooking
from tui.run.read_progress import SINGULAR, Teller, notice
from tui.run.right_of_way import RightOfWay
from tui.run.theories import Theories

Training = Callable[[Spot, Event], Iterator[Spot]]
"""From a spot to the spots on the way; the event is set when it is to stop."""
Tell = Callable[[str], object]
"""Takes a line about how far something is."""
MakeProgress = Callable[[str, Tell], Progress]
"""Makes, for a file's name, what takes the bytes read so far and tells the user of them."""
Devices = Callable[[], int]
"""Returns the number of CUDA devices."""
Make = Callable[[Tell, Cancelled], tuple[Experiment, str]]
"""Makes an experiment, and a line about it for the user; raises ProblemError or BranchError."""

CHEAP = 1_000_000
"""With more points another branch's problem is solved only when it is gone on with."""

STEPS: dict[Command, Callable[[Spot], Spot]] = {
    "next": moves.next_iteration,
    "finish": moves.next_iteration,
    "previous": moves.previous_iteration,
    "node": moves.next_node,
    "node back": moves.previous_node,
    "reset": moves.going_back(0),
}


def step(command: Command) -> Training:
    """One iteration, line or node, forward or back, as `STEPS` says."""
    return lambda here, _: iter([STEPS[command](here)])


def train(
    breakpoints: tuple[Breakpoint, ...],
    frame_seconds: float,
    pace: float | None = None,
    seen: Callable[[], bool] = lambda: True,
    way: RightOfWay | None = None,
) -> Training:
    """To the target or a breakpoint, at a pace or flat out; `seen` as for `moves.watched`.

    Keys go before what trains flat out, where they have the `way`.
    """

    def act(here: Spot, cancel: Event) -> Iterator[Spot]:
        frames = advance(
            here.run,
            breakpoints=breakpoints,
            frame_seconds=frame_seconds,
            pace=pace,
            cancelled=cancel.is_set if way is None or pace else way.around(cancel.is_set),
            wait=cancel.wait,
        )
        return moves.watched(frames, seen)

    return act


def go_to(furthest: Run, wanted: int, way: RightOfWay) -> Training:
    """From the furthest that a branch has been: what is trained need not be trained again."""

    def act(_: Spot, cancel: Event) -> Iterator[Spot]:
        return moves.watched(goto(furthest, wanted, cancelled=way.around(cancel.is_set)))

    return act


def beginning(problem: Problem) -> Make:
    """A new experiment of one branch, before its first iteration."""

    def make(_tell: Tell, _cancelled: Cancelled) -> tuple[Experiment, str]:
        source = problem.source
        words = notice(source) if isinstance(source, Table) else ""
        return experiment(begin(problem)), words

    return make


def forked(before: Experiment, problem: Problem, *, anew: bool = False) -> Make:
    """The experiment with a changed problem, on a branch of its own where it needs one."""
    return lambda _tell, _cancelled: (fork(before, problem, anew=anew), "")


def in_other_units(before: Experiment, progress: MakeProgress = Teller) -> Make:
    """Standardise the features of the current branch's table on a new one, or the other way."""

    def read(tell: Tell, cancelled: Cancelled) -> tuple[Experiment, str]:
        problem = before.branch.run.problem
        assert isinstance(problem.source, Table)
        told = progress(Path(problem.source.path).name, tell)
        table = standardised_or_not(problem.source, problem.dtype, told, cancelled)
        return fork(before, replace(problem, source=table, start_w=None), keep=True), ""

    return read


def moved(saved: Experiment, devices: Devices | None = None) -> Make:
    """A saved experiment, on a device that is here; `devices` as for `prepared`.

    As it was saved where no branch is left for that: then it can be looked at.
    """

    def move(_tell: Tell, _cancelled: Cancelled) -> tuple[Experiment, str]:
        try:
            return moved_here(saved, devices or cuda_devices)
        except BranchError as error:
            return saved, str(error)

    return move


class OtherTableError(ProblemError):
    """A file that can be read, but does not hold the data that were looked for."""

    def __init__(self, then: Table, now: Table) -> None:
        super().__init__(f"{Path(now.path).name} is another file: {difference(then, now)}")
        self.table = now


def finding(path: Path, before: Experiment, progress: MakeProgress = Teller) -> Make:
    """The experiment with the current branch's data read at `path`, and all others of that file.

    Raises OtherTableError where other data are there, and TableError where none can be read.
    """

    def find(tell: Tell, cancelled: Cancelled) -> tuple[Experiment, str]:
        problem = before.branch.run.problem
        then = problem.source
        if not isinstance(then, Table):
            raise ProblemError("these points are from no file")
        now = read_alike(then, path, problem.dtype, progress(path.name, tell), cancelled)
        if difference(then, now):
            raise OtherTableError(then, now)
        return with_data_at(before, then.fingerprint, now.path), f"found: {path.name}"

    return find


def reading(choice: DataChoice, before: Experiment, progress: MakeProgress = Teller) -> Make:
    """Read a file and learn from it on a branch of its own."""

    def read(tell: Tell, cancelled: Cancelled) -> tuple[Experiment, str]:
        problem = before.branch.run.problem
        table = read_table(
            choice.path,
            replace(choice.wish, seed=problem.source.seed),
            dtype=problem.dtype,
            progress=progress(choice.path.name, tell),
            cancelled=cancelled,
        )
        return fork(before, replace(problem, source=table, start_w=None)), notice(table)

    return read


def prepared(
    experiment: Experiment,
    words: str,
    ticket: int,
    tell: Tell,
    cancelled: Cancelled,
    progress: MakeProgress = Teller,
    devices: Devices | None = None,
    spared: tuple[type[Exception], ...] = (),
) -> ProblemPrepared:
    """Theory, points and device of the current branch, whose data may have to be read.

    `devices` returns how many CUDA devices there are; None: as many as PyTorch finds.
    Raises ProblemError where the data cannot be read or the device is not available; where
    that is one of the errors `spared`, the branch can only be looked at instead.
    """
    try:
        return _prepared(experiment, words, ticket, tell, cancelled, progress, devices)
    except ReadCancelledError:
        raise
    except spared as error:
        problem = experiment.branch.run.problem
        source = problem.source
        lost = source if isinstance(error, TableError) and isinstance(source, Table) else None
        here = facts(replace(problem, device="cpu"))
        return looked_at(experiment, OnlyLooking(reason(error), lost), here, ticket, words)


def _prepared(
    experiment: Experiment,
    words: str,
    ticket: int,
    tell: Tell,
    cancelled: Cancelled,
    progress: MakeProgress,
    devices: Devices | None,
) -> ProblemPrepared:
    run = experiment.branch.run
    problem = run.problem
    resolve_device(problem.device, devices or cuda_devices)
    if isinstance(problem.source, Table):
        name = Path(problem.source.path).name
        load(problem.source, problem.dtype, progress(name, tell), cancelled)
    known = theory(problem)
    if words and known.singular:
        words += f"; {SINGULAR}"
    return ProblemPrepared(
        experiment=experiment,
        spot=moves.spot(run),
        theories=_theories(experiment, known),
        points=points(problem),
        facts=facts(problem),
        ticket=ticket,
        words=words,
    )


def _theories(experiment: Experiment, known: Theory) -> Theories:
    """The current problem's, and those of others that are there or read in a moment."""
    here = experiment.branch.run.problem
    found: dict[tuple[Source, str], Theory] = {(here.source, here.dtype): known}
    for branch in experiment.branches:
        problem = branch.run.problem
        key = (problem.source, problem.dtype)
        if key not in found and problem.points <= CHEAP:
            with suppress(ProblemError, RuntimeError, MemoryError, OSError):
                if isinstance(here.source, Table):
                    load(here.source, here.dtype)  # it stays in memory, whatever others are read
                found[key] = theory(problem)
    return Theories(found)
