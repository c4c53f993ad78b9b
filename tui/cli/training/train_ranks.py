"""`linreg-tui train --distributed`: the points shared by the ranks that torchrun has started."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from engine.data.source import STDIN, ProblemError
from engine.training.advance import begin
from engine.training.closed_form import theory
from engine.training.convergence import aimed
from engine.training.device import cuda_devices, facts
from engine.training.distributed.data_parallel import data_parallel_steps, shard
from engine.training.distributed.rank_group import RankGroup
from engine.training.distributed.world import World
from engine.training.problem import Problem, State
from engine.training.theory import Theory
from tui.cli.options.data_options import tell_of_reading
from tui.cli.options.training_options import problem
from tui.cli.training import train_by_sums
from tui.cli.training.group_command import Signals, check_alike, on_ranks, this_world, together
from tui.cli.training.reported_run import complain_of_data, complain_of_stop, report_of, trained
from tui.cli.training.reports import Unreported
from tui.config.errors import UsageError

INTERRUPTED = 130
"""The exit code of a run that Ctrl+C ended."""


def run(options: Namespace) -> int:
    """Train on all ranks and print on rank 0; returns the exit code, the same on every rank."""
    act = train_by_sums.run_on if options.gram else _run
    return on_ranks(this_world(), lambda group: act(options, group))


def own_device(name: str, world: World, count: int) -> str:
    """The device of a rank: the CPU, or the GPU that is its own; raises ProblemError.

    `count` is the number of GPUs of this machine.
    """
    if name == "cpu" or (name == "auto" and not count):
        return "cpu"
    if name in ("auto", "cuda"):
        if world.local_rank < count:
            return f"cuda:{world.local_rank}"
        raise ProblemError(f"every rank needs a GPU of its own, and this machine has {count}")
    raise ProblemError(f"every rank takes a GPU of its own: --device cuda, not {name}")


def _run(options: Namespace, group: RankGroup) -> int:
    whole, device = together(group, lambda: _described(options, group.world))
    together(group, lambda: check_alike(group, whole.source, options))
    first = group.world.rank == 0
    if first:
        tell_of_reading(whole)
    known, start = group.first_says(together(group, lambda: _begun(whole) if first else None))
    report = report_of(options, whole) if first else Unreported()
    data, signals = together(group, lambda: shard(whole, group.world, device)), Signals()
    with signals.caught():
        taken = data_parallel_steps(whole, start, data, group, signals.noted)
        outcome = trained(whole, start, taken, known, options.print_every, report, bar=first)
    if outcome.code == INTERRUPTED:
        outcome = replace(outcome, code=128 + max(group.all_say(signals.number)))
    report.end(outcome)
    if first:
        complain_of_stop(outcome)
    return outcome.code


def _described(options: Namespace, world: World) -> tuple[Problem, str]:
    """The whole problem, with its data read, on the CPU; and the device of this rank."""
    if options.data == STDIN and world.size > 1:
        raise UsageError(f"--data {STDIN}: all ranks would read the same standard input")
    device = own_device(options.device, world, 0 if options.device == "cpu" else cuda_devices())
    whole = problem(Namespace(**{**vars(options), "device": "cpu"}))
    facts(whole)
    return whole, device


def _begun(whole: Problem) -> tuple[Theory, State]:
    """The theory and the start of all ranks, as rank 0 has them."""
    start = begin(whole).state
    known = aimed(theory(whole), start)
    complain_of_data(whole, known)
    return known, start
