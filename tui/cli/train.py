"""`linreg-tui train`: the run without a screen, a row every so many iterations."""

from __future__ import annotations

import shutil
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from itertools import islice

from engine.data.source import ProblemError, Table
from engine.training.advance import begin
from engine.training.closed_form import theory
from engine.training.cuda_graph import Graphed, graphed
from engine.training.descent import steps
from engine.training.device import facts
from engine.training.divergence import DivergenceWatch, explain
from engine.training.problem import Problem, State, Step
from tui.cli.output import complain
from tui.cli.progress import Progress
from tui.cli.reports import ColumnReport, JsonLines, Outcome, RunReport
from tui.config.errors import UsageError
from tui.kit.text import reason
from tui.run.read_progress import SINGULAR

Iterate = Callable[[Problem, State], Iterator[Step]]
"""Endless iterations of gradient descent from a state."""
AsGraph = Callable[[Problem, State], Graphed]
"""The same as a CUDA graph."""


def run(options: Namespace, iterate: Iterate = steps, as_graph: AsGraph = graphed) -> int:
    """Train `options.problem` to its target and print every `print_every`th iteration.

    Returns the exit code: 0, 1 where it diverged or failed, 130 where it was interrupted.
    """
    problem: Problem = options.problem
    if options.cuda_graph:
        iterate = _saying(as_graph)
    columns = shutil.get_terminal_size().columns  # without a terminal 80, or COLUMNS
    report = JsonLines() if options.json else ColumnReport(problem.features, columns)
    try:
        facts(problem)
        if isinstance(problem.source, Table) and theory(problem).singular:
            complain(SINGULAR)
        start = begin(problem).state
        outcome = _trained(problem, start, iterate(problem, start), options.print_every, report)
    except (MemoryError, RuntimeError) as error:
        complain(f"training failed: {reason(error)}")
        return 1
    report.end(outcome)
    if outcome.stopped:
        complain(outcome.stopped)
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


def _trained(
    problem: Problem, start: State, taken: Iterator[Step], print_every: int, report: RunReport
) -> Outcome:
    """Straight from the fast path: what is printed needs no history, and skips none of it."""
    progress, watch = Progress(problem.target), DivergenceWatch(problem, start)
    last: Step | None = None
    stopped, code = None, 0
    began = time.perf_counter()
    try:
        for step in islice(taken, problem.target):
            if not step.finite:
                stopped, code = explain(problem, step), 1
                break
            last = step
            if step.iteration % print_every == 0:
                progress.clear()
                report.row(step)
            progress.update(step.iteration + 1)
            if stopped := watch.sign(step):
                code = 1
                break
    except KeyboardInterrupt:
        done = last.iteration + 1 if last else 0
        stopped, code = f"interrupted after {done:,} of {problem.target:,} iterations", 130
    seconds = time.perf_counter() - began
    progress.clear()
    state, loss = (last.state, last.loss) if last else (start, None)
    return Outcome(state, loss, seconds, stopped, code)
