"""`linreg-tui train --gram`: data of any size are summed up, and iterations computed by formula."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from engine.data.source import STDIN, Source, Synthetic, Table
from engine.plurals import counted
from engine.training.convergence import aimed
from engine.training.dataset import Dataset
from engine.training.descent import steps
from engine.training.distributed.rank_group import RankGroup
from engine.training.distributed.world import World
from engine.training.gram.by_formula import ByFormula, largest_difference
from engine.training.gram.file_rows import FileRows
from engine.training.gram.made_rows import MadeRows
from engine.training.gram.moments import DataMoments, moments
from engine.training.gram.row_source import RowSource, ahead, share
from engine.training.gram.sums import Chunk, add_up, frame_of
from engine.training.problem import Problem, State
from tui.cli.options.data_options import made_source, shown_reading, table_wish, tell_of_reading
from tui.cli.options.training_options import problem
from tui.cli.printing.output import Json
from tui.cli.training.group_command import check_alike, on_ranks, together
from tui.cli.training.reported_run import complain_of_data, complain_of_stop, report_of, trained
from tui.config.errors import UsageError

COMPARED = 5000
"""Iterations of the plain loop that the formula is compared with, at most."""
WORK = 500_000_000
"""And so many numbers that those iterations go through."""
LOOKED_AT = 100
"""So many of them are compared, spread evenly."""


@dataclass(frozen=True, slots=True, eq=False)
class SummedData:
    """What is left of the data: their sums, and all of them where they were few."""

    problem: Problem
    found: DataMoments
    start: State
    whole: Dataset | None
    """All rows in float64, where they are one chunk; else None."""
    seconds: float
    """Wall-clock seconds spent in reading."""


def run(options: Namespace) -> int:
    """Sum the data up in this process and print what the loop would; returns the exit code."""
    return on_ranks(World(), lambda group: run_on(options, group))


def run_on(options: Namespace, group: RankGroup) -> int:
    """The same on all ranks, each of which sums a part of the data; rank 0 prints."""
    described = together(group, lambda: _described(options, group.world))
    data = _summed(options, described, group)
    return group.first_says(_printed(options, data, group) if group.world.rank == 0 else None)


def _described(options: Namespace, world: World) -> Problem:
    """The problem, on made points until a file's are known; raises UsageError."""
    if options.device not in ("cpu", "auto"):
        raise UsageError(f"--gram sums on the CPU, not on {options.device}")
    if options.data == STDIN and world.size > 1:
        raise UsageError(f"--data {STDIN}: all ranks would read the same standard input")
    on_cpu = Namespace(**{**vars(options), "device": "cpu"})
    return problem(on_cpu, lambda options: made_source(options) or Synthetic())


def _summed(options: Namespace, described: Problem, group: RankGroup) -> SummedData:
    """Read the data, each rank its chunks, and add up what all ranks have."""
    began, world = time.perf_counter(), group.world
    unit = " MB" if options.data else " M rows"
    with shown_reading(unit) as progress:
        rows = _rows(options, described, progress if world.rank == 0 else lambda done, total: None)
        chunks = share(rows.chunks(), world.rank, world.size)
        first = together(group, lambda: list(islice(chunks, 1)))
        # Rank 0 has the first chunk of all, so there is one.
        frame = group.first_says(frame_of(first[0]) if world.rank == 0 else None)
        sums = together(group, lambda: add_up(frame, ahead(chain(first, chunks))))
    group.add(sums.gram)
    found, source = _standardised(options, moments(sums), rows.source)
    together(group, lambda: check_alike(group, source, options))
    summed = replace(described, source=source)
    start = State(0, rows.drawn_w, described.start_b)
    whole = _whole(first[0], source) if first and len(first[0][1]) == found.count else None
    return SummedData(summed, found, start, whole, time.perf_counter() - began)


def _rows(
    options: Namespace, described: Problem, progress: Callable[[int, int | None], None]
) -> RowSource:
    if isinstance(described.source, Synthetic) and options.data is None:
        return MadeRows(described.source, described.dtype, progress)
    # It is the sums that are standardised.
    wish = replace(table_wish(options), standardise=False)
    return FileRows(options.data, wish, described.dtype, progress)


def _standardised(
    options: Namespace, found: DataMoments, source: Source | None
) -> tuple[DataMoments, Source]:
    assert source is not None
    if not options.standardise or not isinstance(source, Table):
        return found, source
    moved, means, scales = found.standardised()
    return moved, replace(source, means=means, scales=scales)


def _whole(chunk: Chunk, source: Source) -> Dataset:
    """All rows as the plain loop takes them."""
    x, y = chunk[0].double(), chunk[1].double()
    if isinstance(source, Table) and source.standardise:
        x = (x - x.new_tensor(source.means)) / x.new_tensor(source.scales)
    return Dataset(x, y, ())


def _printed(options: Namespace, data: SummedData, group: RankGroup) -> int:
    """Print every `print_every`th iteration, the end, and how the numbers came about."""
    known, run = aimed(data.found.theory(), data.start), data.problem
    tell_of_reading(run)
    complain_of_data(run, known)
    formula = ByFormula(data.found, run, data.start)
    report = report_of(options, run)
    wanted = map(formula.step, _wanted(run.target, options.print_every))
    outcome = trained(run, data.start, wanted, known, options.print_every, report)
    difference = None if outcome.stopped or data.whole is None else _difference(data, formula)
    notes = *outcome.notes, *_notes(data, difference)
    facts = {**outcome.facts, **_facts(data, difference)}
    report.end(replace(outcome, notes=notes, facts=facts))
    if group.speaks():
        complain_of_stop(outcome)
    return outcome.code


def _wanted(target: int, print_every: int) -> Iterator[int]:
    """The iterations that are printed, and the last one."""
    yield from range(0, target, print_every)
    if (target - 1) % print_every:
        yield target - 1


def _difference(data: SummedData, formula: ByFormula) -> tuple[float, int]:
    """How far the formula is from the plain loop in w and b, within so many iterations."""
    assert data.whole is not None
    plain = replace(data.problem, dtype="float64")
    count = min(plain.target, COMPARED, max(1, WORK // data.whole.x.numel()))
    stride = max(1, count // LOOKED_AT)
    apart = 0.0
    for step in islice(steps(plain, data.start, data.whole), count):
        if step.iteration % stride == 0 or step.iteration == count - 1:
            apart = max(apart, largest_difference(step, formula.step(step.iteration)))
    return apart, count


def _notes(data: SummedData, difference: tuple[float, int] | None) -> tuple[str, ...]:
    rows = counted(data.found.count, "point")
    notes = [f"float64, by formula from the sums of {rows}, read in {data.seconds:.2f} s"]
    if difference is not None:
        apart, count = difference
        loop = f"the plain loop in float64 ({counted(count, 'iteration')})"
        notes.append(f"w and b differ from {loop} by at most {apart:.1e}")
    return tuple(notes)


def _facts(data: SummedData, difference: tuple[float, int] | None) -> dict[str, Json]:
    apart, count = difference or (None, 0)
    return {
        "by": "formula",
        "dtype": "float64",
        "points": data.found.count,
        "reading_seconds": data.seconds,
        "difference": apart,
        "compared": count,
    }
