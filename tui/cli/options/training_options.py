"""Options: how they are read, and the one line that says what is wrong with one."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from engine.data.source import ProblemError, Source, Synthetic
from engine.training.problem import Method, Problem
from tui.cli.options.data_options import MADE, source
from tui.config.errors import UsageError, suggestion

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

LAST_PORT = 65535
_FIELDS = {"lr": "learning_rate", "steps": "target", "momentum": "momentum"}
"""What a problem calls the options whose values have a range."""
OF_THE_APP = {"--resume": "linreg-tui --resume [FILE] opens a session; commands start anew"}
"""Options that somebody may well try with a command, and what to do instead."""
DIGITS = 19
"""More than these are out of the range of every whole number there is to give."""


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
            guess = (
                suggestion(unknown[0], self._option_string_actions) or f"; see {self.prog} --help"
            )
            raise UsageError(f"unknown argument {unknown[0]}{guess}")
        return options

    def read_known(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """The options in `arguments`, and what is not known here; raises UsageError."""
        return self.parse_known_args(_with_negative_numbers(arguments))

    def error(self, message: str) -> NoReturn:
        """Raise argparse's complaint as a UsageError, in this program's words."""
        message = re.sub(r"^argument ([^:]+): ", r"\1 ", message)
        message = message.replace("not allowed with argument", "does not go with")
        message = message.replace("expected one argument", "needs a value")
        message = message.replace("the following arguments are required:", "missing")
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


def add_training(parser: Parser) -> None:
    """Add the options that decide a training run, with the reference run as default."""
    usual, points = Problem(), Synthetic()
    group = parser.add_argument_group("training")
    length = group.add_mutually_exclusive_group()

    def add(flag: str, type_: Callable[[str], object], default: object, says: str) -> None:
        metavar = "N" if type_ is whole else "X" if type_ is number else flag.strip("-").upper()
        shown = f"{default:g}" if isinstance(default, float) else default
        says = f"{says} (default {shown})"
        (length if flag == "--steps" else group).add_argument(
            flag, type=type_, default=default, metavar=metavar, help=says
        )

    add("--points", whole, points.points, "how many points to learn y = 3x + 0.8 from")
    add("--noise", number, points.noise, "standard deviation of the noise on y")
    add("--seed", whole, points.seed, "of the points and of where w starts")
    add("--lr", number, usual.learning_rate, "learning rate")
    add("--steps", whole, usual.target, "iterations")
    add("--method", one_of(*get_args(Method)), usual.method, "sgd, nesterov, rmsprop or adam")
    add("--momentum", number, usual.momentum, "of sgd and nesterov: from 0, below 1")
    group.add_argument(
        "--batch-size",
        type=positive,
        metavar="N",
        help="points an iteration learns from (default all)",
    )
    length.add_argument(
        "--epochs", type=positive, metavar="N", help="passes over all points, instead of --steps"
    )
    add("--device", str, usual.device, "auto, cpu, cuda or cuda:N")
    add("--dtype", one_of("float32", "float64"), usual.dtype, "float32 or float64")
    add("--update", one_of("no_grad", "data"), usual.update, "no_grad, or data for the old way")
    group.add_argument(
        "--no-zeroing", action="store_true", help="never zero the gradients: they add up"
    )


def training_readers(parser: Parser) -> dict[str, Callable[[str], object]]:
    """What reads the text of each training option, by the option without its dashes.

    Where a command would refuse the value later, it raises argparse.ArgumentTypeError already.
    """
    actions = next((g._group_actions for g in parser._action_groups if g.title == "training"), [])
    types = {
        action.option_strings[-1].strip("-"): action.type if callable(action.type) else _switch
        for action in actions
    }
    return {key: _in_range(key, reader) for key, reader in types.items()}


def _in_range(key: str, reader: Callable[[str], object]) -> Callable[[str], object]:
    """The reader of an option, which refuses what a problem cannot have."""
    usual = Problem()

    def read(text: str) -> object:
        value: Any = reader(text)
        checked = usual
        if key in MADE or key == "seed":
            checked = replace(usual, source=replace(Synthetic(), **{key: value}))
        elif key in _FIELDS:
            checked = replace(usual, **{_FIELDS[key]: value})
        elif key == "device" and not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", value):
            raise argparse.ArgumentTypeError(f"must be auto, cpu, cuda or cuda:N, not {text!r}")
        try:
            checked.check()
        except ProblemError as error:
            words = str(error)
            raise argparse.ArgumentTypeError(words[words.find("must") :]) from None
        return value

    return read


def set_defaults(parser: Parser, texts: Mapping[str, str]) -> None:
    """Other defaults for training options; the texts have been checked."""
    readers = training_readers(parser)
    values = {key.replace("-", "_"): readers[key](text) for key, text in texts.items()}
    parser.set_defaults(**values, configured=values)


def problem(
    options: argparse.Namespace, points: Callable[[argparse.Namespace], Source] = source
) -> Problem:
    """The problem that the training options describe, on `points`; raises UsageError.

    Loads torch for any device but the CPU, to see what there is; reads the data there are.
    """
    described = _with_device(
        Problem(
            source=points(options),
            learning_rate=options.lr,
            target=options.steps,
            dtype=options.dtype,
            zeroing=not options.no_zeroing,
            update=options.update,
            momentum=options.momentum,
            method=options.method,
            batch_size=options.batch_size,
            device=options.device,
        )
    )
    try:
        described.check()
        if options.epochs is not None:
            described = replace(described, target=options.epochs * described.batches)
            described.check()
    except ProblemError as error:
        words = f"--{error}".replace("--learning rate", "--lr")
        raise UsageError(words.replace("--batch size", "--batch-size")) from None
    return described


def whole(text: str) -> int:
    """An option's whole number; raises argparse.ArgumentTypeError."""
    try:
        if len(text.replace("_", "").lstrip("+-0")) <= DIGITS:
            return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
    raise argparse.ArgumentTypeError(f"must be a whole number of at most {DIGITS} digits")


def positive(text: str) -> int:
    """An option's whole number of at least 1; raises argparse.ArgumentTypeError."""
    if (count := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {count}")
    return count


def port(text: str) -> int:
    """An option's number of a TCP port; raises argparse.ArgumentTypeError."""
    if not 0 <= (number := whole(text)) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be from 0 to {LAST_PORT}, not {number}")
    return number


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise argparse.ArgumentTypeError(f"must be true or false, not {text!r}")
    return text == "on"


def number(text: str) -> float:
    """An option's number, which may turn out not to be finite."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None


def one_of(*choices: str) -> Callable[[str], str]:
    """The type of an option that takes one of a few words."""

    def chosen(text: str) -> str:
        if text not in choices:
            known = " or ".join(choices)
            raise argparse.ArgumentTypeError(f"must be {known}, not {text!r}")
        return text

    return chosen


def _with_device(described: Problem) -> Problem:
    if described.device == "cpu":
        return described
    try:
        return replace(described, device=available_device(described.device))
    except ProblemError as error:
        raise UsageError(str(error)) from None


def available_device(name: str) -> str:
    """The device that a name other than `cpu` stands for here; raises ProblemError."""
    # Late: it loads torch, which only other devices than the CPU need.
    from engine.training.device import resolve_device

    return resolve_device(name)


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
