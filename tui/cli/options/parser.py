"""A parser of options that says in one line, and in this program's words, what is wrong."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from engine.data.cells import visible
from tui.cli.options.values import for_data, is_data
from tui.config.errors import UsageError, either, suggestion

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_LONG = re.compile(r"((['\"])[^'\"]{60})[^'\"]{20,}(?=\2)")
"""A value of an option that nobody reads to its end."""
OF_THE_APP = {"--resume": "linreg-tui --resume [FILE] opens a session; commands start anew"}
"""Options that somebody may well try with a command, and what to do instead."""


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line and suggests what was meant."""

    def __init__(self, prog: str, **settings: object) -> None:
        super().__init__(
            prog,
            formatter_class=_Formatter,
            allow_abbrev=False,
            add_help=False,
            **settings,  # type: ignore[arg-type]
        )

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options in `arguments`; raises UsageError."""
        options, unknown = self.read_known(arguments)
        if unknown and unknown[0] in OF_THE_APP:
            raise UsageError(f"{unknown[0]} is for the app: {OF_THE_APP[unknown[0]]}")
        if unknown:
            first = unknown[0]
            guess = suggestion(first, self._option_string_actions) or f"; see {self.prog} --help"
            if is_data(first) and "--data" in self._option_string_actions:
                guess = f"; data are named by an option: {for_data(first)}"
            raise UsageError(f"unknown argument {visible(first, 80)}{guess}")
        return options

    def read_known(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """The options in `arguments`, and what is not known here; raises UsageError."""
        return self.parse_known_args(_with_negative_numbers(arguments))

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """As argparse, of which older ones lose the value of `--lr=--`, and leave a list."""
        if arg_strings == ["--"] and action.option_strings and action.nargs in (None, "?"):
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Raise argparse's complaint about a word that is none of an option's choices."""
        if action.choices is not None and value not in action.choices:
            words = f"must be {either(*action.choices)}, not {value!r}"
            raise argparse.ArgumentError(action, words)

    def error(self, message: str) -> NoReturn:
        """Raise argparse's complaint as a UsageError, in this program's words."""
        message = re.sub(r"^argument ([^:]+): ", r"\1 ", message)
        message = message.replace("not allowed with argument", "does not go with")
        message = message.replace("expected one argument", "needs a value")
        message = message.replace("the following arguments are required:", "missing")
        message = re.sub(r"ignored explicit argument .*", "takes no value", message)
        message = _LONG.sub(r"\1…", message)
        raise UsageError(f"{message}; see {self.prog} --help")

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """As argparse does, but where it cannot be written that is an OSError."""
        (file or sys.stdout).write(self.format_help())


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Descriptions as they are written, and options in one narrow column."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24)


def add_general(parser: Parser) -> argparse._ArgumentGroup:
    """Add what every command has; returns the group, for what only one has."""
    group = parser.add_argument_group("general")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    return group


def _with_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """`--lr -1e5` as `--lr=-1e5`: argparse takes only plain negative numbers for values."""
    joined: list[str] = []
    for argument in arguments:
        flag = joined[-1] if joined else ""
        if re.match(r"-(\d|\.\d|inf|nan)", argument) and re.match("--[^=]+$", flag):
            joined[-1] = f"{flag}={argument}"
        else:
            joined.append(argument)
    return joined
