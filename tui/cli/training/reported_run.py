"""A run gone through to its end, and reported as it goes."""

from __future__ import annotations

import shutil
import time
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice

from engine.data.source import Table
from engine.training.divergence import DivergenceWatch, explain
from engine.training.problem import Problem, State, Step
from engine.training.theory import Theory
from tui.cli.options.data_options import reading
from tui.cli.printing.output import complain
from tui.cli.printing.progress import Progress
from tui.cli.training.ending import ending, remedy
from tui.cli.training.reports import ColumnReport, JsonLines, Outcome, RunReport
from tui.run.read_progress import SINGULAR


def report_of(options: Namespace, problem: Problem) -> RunReport:
    """The report that the options ask for; without a terminal 80 columns wide, or COLUMNS."""
    columns = shutil.get_terminal_size().columns
    if options.json:
        return JsonLines(reading(problem))
    return ColumnReport(problem.features, columns)


def trained(
    problem: Problem,
    start: State,
    taken: Iterator[Step],
    known: Theory,
    print_every: int,
    report: RunReport,
    *,
    bar: bool = True,
) -> Outcome:
    """Straight from the fast path: what is printed needs no history, and skips none of it.

    `bar`: whether a progress bar is drawn, where there is a terminal for it.
    """
    progress, watch = Progress(problem.target), DivergenceWatch(problem, start, known)
    last: Step | None = None
    stopped, code = None, 0
    began = time.perf_counter()
    try:
        for step in islice(taken, problem.target):
            if not step.finite:
                stopped, code = explain(problem, step, known), 1
                break
            last = step
            if step.iteration % print_every == 0:
                progress.clear()
                report.row(step)
            if bar:
                progress.update(step.iteration + 1)
            if stopped := watch.sign(step):
                code = 1
                break
        else:
            stopped = watch.at_end(last) if last else None
            code = 1 if stopped else 0
    except KeyboardInterrupt:
        done = last.iteration + 1 if last else 0
        stopped, code = f"interrupted after {done:,} of {problem.target:,} iterations", 130
    seconds = time.perf_counter() - began
    progress.clear()
    state, loss = (last.state, last.loss) if last else (start, None)
    diverged = code == 1
    end = ending(problem, known, start, state, diverged=diverged)
    words = remedy(problem, known) if diverged else ""
    return Outcome(state, loss, seconds, stopped, code, end.lines, end.fields, words)


def complain_of_data(problem: Problem, known: Theory) -> None:
    """Print on stderr where data from a file decide no single optimum, and what decides one."""
    if isinstance(problem.source, Table) and known.singular:
        one = "; --standardise finds one" if known.scaling_decides else ""
        complain(f"{SINGULAR}{one}")


def complain_of_stop(outcome: Outcome) -> None:
    """Print on stderr in one line why a run did not get to its end, and what would."""
    if outcome.stopped:
        complain("; ".join(filter(None, (outcome.stopped, outcome.remedy))))
