"""The options that say what is recorded of a script, and where that is kept."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from pathlib import Path

from engine.data.cells import visible
from engine.recording.pass_plan import Condition, Plan, condition
from tui.cli.options.parser import Parser
from tui.cli.options.values import file_name, number, positive, whole

SECONDS_LIMIT = 1e9
"""Nobody waits longer than these thirty years."""


def add_target(parser: Parser, metavar: str, says: str) -> None:
    """Add what the command is about: one thing by its path, or a module by its name."""
    parser.add_argument("subject", nargs="?", type=file_name, metavar=metavar, help=says)
    says = "run a module by its dotted name, as python -m does"
    parser.add_argument("-m", dest="module", metavar="MODULE", help=says)


def add_pass(parser: Parser) -> None:
    """Add which backward pass is shown."""
    says = "the pass of this number, from 0 (default: the last); a script's is recorded for it"
    parser.add_argument("--pass", dest="number", type=_number_from_0, metavar="N", help=says)


def add_rank(parser: Parser) -> None:
    """Add which rank of a folder of recordings is shown."""
    says = "of a folder of recordings, one a rank, the graph of this one (default: 0)"
    parser.add_argument("--rank", type=_number_from_0, metavar="N", help=says)


def add_recording(parser: Parser, output: str) -> None:
    """Add how a script is recorded; `output` says what `-o` does."""
    group = parser.add_argument_group("recording of a script")
    group.add_argument("-o", dest="output", type=_path, metavar="RUN", help=output)
    says = "record passes line by line where this holds: nonfinite, loss>X, grad>X, pass=N; "
    says += "may be given several times"
    group.add_argument(
        "--when", type=_condition, action="append", default=[], metavar="COND", help=says
    )
    says = "and every Nth pass (default: 0 to 2, then 10, 100, 1,000 and so on)"
    group.add_argument("--every", type=positive, metavar="N", help=says)
    says = "step into files below this folder, too; may be given several times"
    group.add_argument(
        "--follow", type=_folder, action="append", default=[], metavar="DIR", help=says
    )
    says = "stop the script after so many recorded lines"
    group.add_argument("--limit", type=positive, metavar="LINES", help=says)
    says = "stop the script after so many seconds"
    group.add_argument("--time", type=_seconds, metavar="SECONDS", help=says)


def plan(options: Namespace) -> Plan:
    """Return how a script is recorded, as the options say; a wanted pass is recorded deeply."""
    when: list[Condition] = list(options.when)
    wanted: int | None = getattr(options, "number", None)
    if wanted is not None:
        when.append(Condition("pass", wanted))
    return Plan(
        every=options.every,
        when=tuple(when),
        follow=tuple(options.follow),
        limit=options.limit,
        seconds=options.time,
    )


def given(options: Namespace) -> str | None:
    """Return the first option that is of use only for a script that is run; None without one."""
    for name in ("when", "every", "follow", "limit", "time"):
        if getattr(options, name):
            return f"--{name}"
    if options.output is not None:
        return "-o"
    return "--" if options.own else None


def _condition(text: str) -> Condition:
    try:
        return condition(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number_from_0(text: str) -> int:
    if (count := whole(text)) < 0:
        raise argparse.ArgumentTypeError(f"must be at least 0, not {count}")
    return count


def _path(text: str) -> Path:
    return Path(file_name(text))


def _folder(text: str) -> str:
    try:
        if not Path(text).is_dir():
            what = "is no folder" if Path(text).exists() else "does not exist"
            raise argparse.ArgumentTypeError(f"{text} {what}")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{visible(text, 80)}: {error.strerror}") from error
    return os.path.abspath(text)  # noqa: PTH100 - links stay as they are


def _seconds(text: str) -> float:
    seconds = number(text)
    if not 0 < seconds <= SECONDS_LIMIT:
        raise argparse.ArgumentTypeError(
            f"must be above 0 and at most {SECONDS_LIMIT:,.0f}, not {text}"
        )
    return seconds
