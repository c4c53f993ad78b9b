"""`linreg-tui config`: where the configuration is, what holds, and whether it is right."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from collections.abc import Callable
from functools import partial

from engine.data.source import ProblemError
from tui.cli.options.arguments import actions
from tui.cli.options.command_parsers import PARSERS
from tui.cli.options.training_options import (
    available_device,
    problem,
    set_defaults,
    training_readers,
)
from tui.config.config_file import Config, config_path, decide, read_config
from tui.config.config_text import document
from tui.kit.text import safe


def run(options: Namespace) -> int:
    """Print what `options.wanted` names: the file's `path`, what holds (`show`), or its `check`.

    Returns the exit code; raises ConfigError for a file that is wrong.
    """
    path = config_path()
    if options.wanted == "path":
        print(safe(str(path)))
        return 0
    readers = training_readers(PARSERS[""]())
    if options.wanted == "check":
        readers["device"] = partial(_available, readers["device"])
    found = read_config(path, readers, actions)
    decided = decide(found, os.environ, {})
    if options.wanted == "show":
        print(safe(document(found, decided), newlines=True))
    else:
        _check_together(found)
        there = "is right" if path.exists() else "does not exist: all is as usual"
        print(f"{safe(str(path))} {there}")
    return 0


def _check_together(found: Config) -> None:
    """Raise ConfigError where values that are right do not go together."""
    parser = PARSERS["train"]()
    set_defaults(parser, found.training)
    options = parser.read([])
    options.config = found
    options.batch_size = None  # it may be of data that have more points
    problem(options)


def _available(reader: Callable[[str], object], text: str) -> object:
    """The device of the file, where it is available; raises argparse.ArgumentTypeError."""
    name = reader(text)
    try:
        return name if text == "cpu" else available_device(text)
    except ProblemError as error:
        raise argparse.ArgumentTypeError(f"is of no use: {error}") from None
