"""The options that decide a training run, and the problem that they describe."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from engine.data.source import ProblemError, Source, Synthetic
from engine.training.problem import Method, Problem
from tui.cli.options.data_options import MADE, source
from tui.cli.options.parser import Parser
from tui.cli.options.values import number, one_of, positive, whole
from tui.config.config_file import Config
from tui.config.errors import UsageError

_FIELDS = {"lr": "learning_rate", "steps": "target", "momentum": "momentum"}
"""What a problem calls the options whose values have a range."""


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
    usual = Problem(dtype="float64")  # what is too large for float32 only is refused later

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
        raise _wrong(options, str(error)) from None
    return described


def _wrong(options: argparse.Namespace, words: str) -> UsageError:
    """What is wrong with an option, or with the line of the configuration that it comes from."""
    words = re.sub("^learning rate", "lr", re.sub("^batch size", "batch-size", words))
    option, _, rest = words.partition(" ")
    configured = getattr(options, "configured", {})
    # What only some methods have may be wrong by the method alone.
    for key in (option, "method") if option == "momentum" else (option,):
        name = key.replace("-", "_")
        if name in configured and configured[name] == getattr(options, name):
            found: Config = options.config
            return found.wrong(key, rest if key == option else f"needs more: {words}")
    return UsageError(f"--{words}")


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise argparse.ArgumentTypeError(f"must be true or false, not {text!r}")
    return text == "on"


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
