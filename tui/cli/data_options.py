"""The options that say where the points come from: made on the spot, or from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.data.csv_layout import TableError
from engine.data.source import Source, Synthetic, Table
from engine.training.problem import Problem
from tui.cli.output import complain
from tui.cli.progress import Progress
from tui.config.errors import UsageError
from tui.run.data_form import column_names
from tui.run.read_progress import dropped

MADE = ("points", "noise")
"""Options that a file leaves no room for."""


def add_data(parser: ArgumentParser) -> None:
    """Add the options of a CSV file."""
    group = parser.add_argument_group("data of your own")
    group.add_argument("--data", metavar="FILE.csv", help="learn from a file; - is stdin")
    group.add_argument("--target", metavar="COLUMN", help="what to predict (default: the last)")
    group.add_argument(
        "--features", metavar="A,B,…", default="", help="what to predict it from (default: all)"
    )
    group.add_argument(
        "--standardise", action="store_true", help="every feature to mean 0 and deviation 1"
    )
    group.add_argument(
        "--drop-missing", action="store_true", help="leave rows out that lack a number"
    )


def source(options: Namespace) -> Source:
    """The points that the options describe; raises UsageError. Reads the file, if there is one."""
    return made_source(options) or _table(options)


def made_source(options: Namespace) -> Synthetic | None:
    """The points that are made, None where there is a file; raises UsageError."""
    if options.data is None:
        for name in ("target", "features", "standardise", "drop_missing"):
            if getattr(options, name):
                raise UsageError(f"--{name.replace('_', '-')} needs --data FILE.csv")
        return Synthetic(options.points, options.noise, options.seed)
    usual = Synthetic()
    for name in MADE:
        if getattr(options, name) != getattr(usual, name):
            raise UsageError(f"--{name} is for made points; --data brings its own")
    return None


def read_again(problem: Problem) -> None:
    """Have the data of a problem from elsewhere in memory; raises UsageError."""
    if isinstance(problem.source, Table):
        # Late: numpy, which only a file needs.
        from engine.data.table_cache import load

        with shown_reading() as progress:
            load(problem.source, problem.dtype, progress)


def complain_of_dropped(problem: Problem) -> None:
    """One line on stderr where rows were left out."""
    if isinstance(problem.source, Table) and problem.source.dropped:
        complain(dropped(problem.source))


def _table(options: Namespace) -> Table:
    # Late: numpy, which only a file needs.
    from engine.data.parquet_rows import is_parquet
    from engine.data.table_cache import read_table

    if is_parquet(options.data):
        raise UsageError("a Parquet file is read by train --gram alone")
    with shown_reading() as progress:
        return read_table(
            options.data,
            target=options.target,
            features=column_names(options.features),
            standardise=options.standardise,
            missing="drop" if options.drop_missing else "refuse",
            dtype=options.dtype,
            seed=options.seed,
            progress=progress,
        )


@contextmanager
def shown_reading(unit: str = " MB") -> Iterator[Callable[[int, int | None], None]]:
    """Shows how much has been read, in millions of `unit`; raises UsageError where it cannot be."""
    bar: Progress | None = None

    def show(done: int, total: int | None) -> None:
        nonlocal bar
        if total:
            bar = bar or Progress(total, 1e6, unit)
            bar.update(done)

    try:
        yield show
    except TableError as error:
        raise UsageError(str(error)) from None
    finally:
        if bar is not None:
            bar.clear()
