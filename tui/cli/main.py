"""The command line: reads what is wanted and hands over to the app or a headless command.

`--help` and `--version` are answered at once, so nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from engine.data.cells import visible
from engine.lessons import LESSONS, Lesson, find
from tui.cli.exit_code import exit_code
from tui.cli.options.arguments import read
from tui.cli.options.values import for_data, is_data
from tui.cli.printing.output import complain, drop_stdout, prepare_streams
from tui.config.errors import UsageError, suggestion
from tui.version import __version__

WITHOUT_FOLDER = frozenset(("-h", "--help", "--version"))
"""What is answered wherever it is asked."""

COMMANDS = {
    "inspect": "tui.cli.start.open_app",
    "record": "tui.cli.scripts.record",
    "check": "tui.cli.scripts.check",
    "train": "tui.cli.training.train",
    "chart": "tui.cli.training.chart",
    "graph": "tui.cli.scripts.graph",
    "serve": "tui.cli.start.serve",
    "lessons": "tui.cli.lessons",
    "doctor": "tui.cli.doctor",
    "config": "tui.cli.config",
    "completion": "tui.cli.completion",
}
"""The module of every command; its `run` takes the options and returns the exit code."""


def main(arguments: Sequence[str] | None = None, *, drop: Callable[[], None] = drop_stdout) -> int:
    """Run one command, by default that of `sys.argv`; returns the exit code.

    `drop` is called where stdout can no longer be written, before Python flushes it.
    """
    prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    return exit_code(lambda: _run(words), drop, _say_once if "--distributed" in words else complain)


def _say_once(message: str) -> None:
    # Late, by name: it loads torch, by which the ranks of a run find each other.
    import_module("tui.cli.training.group_command").say_once(message)


def _run(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if not WITHOUT_FOLDER & set(arguments):
        _check_folder()
    try:
        if not first or first.startswith("-"):
            return _without_command(arguments)
        if first in COMMANDS:
            options = read(first, arguments[1:])
            # Late, by name: each command loads what it needs, most of them torch.
            return int(import_module(COMMANDS[first]).run(options))
        if lesson := find(first):
            return _without_command(arguments[1:], lesson)
    except SystemExit:  # argparse has printed the help
        return 0
    if first.endswith(".py"):
        raise UsageError(f"put a command first: linreg-tui inspect {first}")
    if is_data(first):
        raise UsageError(f"data are named by an option: linreg-tui {for_data(first)}")
    words = [*COMMANDS, *(lesson.key for lesson in LESSONS)]
    known = suggestion(first, words) or f"; commands are {', '.join(COMMANDS)}"
    raise UsageError(f"unknown command or lesson {visible(first, 80)}{known}")


def _check_folder() -> None:
    """Raise UsageError where the working directory is gone: torch would end the process."""
    try:
        os.getcwd()  # noqa: PTH109 - the call that torch's libraries make, too
    except OSError as error:
        raise UsageError("the working directory is gone: cd to one that is there") from error


def _without_command(arguments: list[str], lesson: Lesson | None = None) -> int:
    for word in arguments:
        if word in COMMANDS or find(word):
            kind = "command" if word in COMMANDS else "lesson"
            raise UsageError(f"put the {kind} first: linreg-tui {word} [options]")
    options = read("", arguments)
    if options.version:
        print(f"linreg-tui {__version__}")
        return 0
    options.lesson = lesson
    return int(import_module(COMMANDS["inspect"]).run(options))
