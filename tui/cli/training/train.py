"""`linreg-tui train`: the run without a screen, a row every so many iterations."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator

from engine.data.source import ProblemError
from engine.training.advance import begin
from engine.training.closed_form import theory
from engine.training.convergence import aimed
from engine.training.cuda_graph import Graphed, graphed
from engine.training.descent import steps
from engine.training.device import facts
from engine.training.problem import Problem, State, Step
from tui.cli.printing.output import complain
from tui.cli.training import train_by_sums, train_ranks
from tui.cli.training.reported_run import complain_of_data, complain_of_stop, report_of, trained
from tui.config.errors import UsageError
from tui.kit.text import reason

Iterate = Callable[[Problem, State], Iterator[Step]]
"""Endless iterations of gradient descent from a state."""
AsGraph = Callable[[Problem, State], Graphed]
"""The same as a CUDA graph."""


def run(options: Namespace, iterate: Iterate = steps, as_graph: AsGraph = graphed) -> int:
    """Train `options.problem` to its target and print every `print_every`th iteration.

    Returns the exit code: 0, 1 where it diverged or failed, 130 where it was interrupted. With
    --distributed or --gram the problem is made by those who read the data.
    """
    if options.cuda_graph and (options.distributed or options.gram):
        raise UsageError("--cuda-graph is for one process that has all data in memory")
    if (options.distributed or options.gram) and (options.method != "sgd" or options.batch_size):
        which = "--distributed" if options.distributed else "--gram"
        raise UsageError(f"{which} is gradient descent on all points: no --method, no --batch-size")
    if options.distributed:
        return train_ranks.run(options)
    if options.gram:
        return train_by_sums.run(options)
    problem: Problem = options.problem
    if options.cuda_graph:
        iterate = _saying(as_graph)
    report = report_of(options, problem)
    try:
        facts(problem)
        start = begin(problem).state
        known = aimed(theory(problem), start)
        complain_of_data(problem, known)
        taken = iterate(problem, start)
        outcome = trained(problem, start, taken, known, options.print_every, report)
    except (MemoryError, RuntimeError) as error:
        complain(f"training failed: {reason(error)}")
        return 1
    report.end(outcome)
    complain_of_stop(outcome)
    return outcome.code


def _saying(as_graph: AsGraph) -> Iterate:
    """Iterations as a CUDA graph, which say how they compare; raises UsageError without a GPU."""

    def iterate(problem: Problem, state: State) -> Iterator[Step]:
        try:
            made = as_graph(problem, state)
        except ProblemError as error:
            raise UsageError(f"--cuda-graph: {error}") from None
        complain(made.agreement)
        return made.steps

    return iterate
