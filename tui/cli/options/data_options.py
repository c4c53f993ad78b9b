"""The options that say where the points come from: made on the spot, or from a file."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.data.encodings import encoding_name
from engine.data.source import POINTS_LIMIT, Decimal, Source, Synthetic, Table, TableError
from engine.data.table_wish import TableWish
from engine.training.problem import Problem
from tui.cli.options.values import file_name
from tui.cli.printing.output import Json, complain
from tui.cli.printing.progress import Progress
from tui.config.errors import UsageError

MADE = ("points", "noise")
"""Options that a file leaves no room for."""
FROM_FILE = (
    *("target", "features", "standardise", "drop_missing"),
    *("missing", "decimal", "thousands", "skip_rows", "encoding"),
)
"""Options that only a file has."""


def add_data(parser: ArgumentParser) -> None:
    """Add the options of a file of data."""
    add = parser.add_argument_group("data of your own").add_argument
    what = "CSV, or Parquet (needs linreg-tui[polars]); - is stdin"
    add("--data", type=file_name, metavar="FILE.csv", help=what)
    add("--target", metavar="COLUMN", help="what to predict (default: the last of numbers)")
    add("--features", metavar="A,B,…", default="", help="what to predict it from (default: all)")
    what = "every feature to mean 0 and deviation 1"
    add("--standardise", action="store_true", help=what)
    add("--drop-missing", action="store_true", help="leave rows out that lack a number")
    what = "stands for a missing number, as -999; again for more"
    add("--missing", metavar="VALUE", action="append", default=[], help=what)
    marks = (".", ",")
    add("--decimal", choices=marks, metavar="MARK", help="the mark before decimals, . or ,")
    add("--thousands", choices=marks, metavar="MARK", help="the mark between thousands, . or ,")
    what = "lines above the table to leave out"
    add("--skip-rows", metavar="N", type=whole_rows, default=0, help=what)
    what = "of the text, as shift_jis (default: as found)"
    add("--encoding", metavar="NAME", type=encoding, help=what)


def whole_rows(text: str) -> int:
    """How many lines are to be left out; raises ArgumentTypeError."""
    if text.isdecimal() and len(text) <= len(str(POINTS_LIMIT)) and int(text) <= POINTS_LIMIT:
        return int(text)
    raise ArgumentTypeError(f"must be from 0 to {POINTS_LIMIT:,}, not {text!r}")


def encoding(text: str) -> str:
    """Python's name of an encoding; raises ArgumentTypeError where it knows none of that name."""
    try:
        return encoding_name(text)
    except ValueError:
        raise ArgumentTypeError(f"must name an encoding, as shift_jis, not {text!r}") from None


def source(options: Namespace) -> Source:
    """The points that the options describe; raises UsageError. Reads the file, if there is one."""
    return made_source(options) or _table(options)


def made_source(options: Namespace) -> Synthetic | None:
    """The points that are made, None where there is a file; raises UsageError."""
    if options.data is None:
        for name in FROM_FILE:
            if getattr(options, name):
                raise UsageError(f"--{name.replace('_', '-')} needs --data FILE.csv")
        return Synthetic(options.points, options.noise, options.seed)
    usual = Synthetic()
    configured = getattr(options, "configured", {})
    for name in MADE:
        if getattr(options, name) not in (getattr(usual, name), configured.get(name)):
            raise UsageError(f"--{name} is for made points; --data brings its own")
    return None


def read_again(problem: Problem) -> None:
    """Have the data of a problem from elsewhere in memory; raises UsageError."""
    if isinstance(problem.source, Table):
        # Late: numpy, which only a file needs.
        from engine.data.table_cache import load

        with shown_reading() as progress:
            load(problem.source, problem.dtype, progress)


def tell_of_reading(problem: Problem) -> None:
    """Say on stderr what was read from a file, and what was chosen or left out in it."""
    if isinstance(problem.source, Table):
        # Late: only a file has anything to be told of.
        from tui.run.read_progress import found

        for line in found(problem.source):
            complain(line)


def reading(problem: Problem) -> dict[str, Json]:
    """The same as fields of JSON; none where no file was read."""
    table = problem.source
    if not isinstance(table, Table):
        return {}
    data: dict[str, Json] = {
        "rows": table.points,
        "target": table.target,
        "features": list(table.features),
        "dropped": table.dropped,
        "ignored": list(table.ignored),
        "notes": list(table.notes),
    }
    return {"data": data}


def _table(options: Namespace) -> Table:
    # Late: numpy, which only a file needs.
    from engine.data.table_cache import read_table

    wish = table_wish(options)
    with shown_reading() as progress:
        return read_table(options.data, wish, dtype=options.dtype, progress=progress)


def table_wish(options: Namespace) -> TableWish:
    """What the options want of a file; raises UsageError."""
    # Late: only a file has columns.
    from tui.run.data_form import column_names

    return TableWish(
        target=options.target,
        features=column_names(options.features),
        standardise=options.standardise,
        missing="drop" if options.drop_missing else "refuse",
        seed=options.seed,
        decimal=_decimal_mark(options),
        missing_values=tuple(options.missing),
        skip_rows=options.skip_rows,
        encoding=options.encoding or "",
    )


def _decimal_mark(options: Namespace) -> Decimal:
    """The mark before decimals, which is not the one between thousands; raises UsageError."""
    if options.decimal and options.decimal == options.thousands:
        raise UsageError("--decimal and --thousands cannot be the same mark")
    marks: dict[str | None, Decimal] = {",": ".", ".": ","}
    return options.decimal or marks.get(options.thousands, "")


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
