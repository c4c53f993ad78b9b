"""`linreg-tui config`: where the configuration is, what holds, and whether it is right."""

from __future__ import annotations

import os
from argparse import Namespace

from tui.cli.arguments import actions
from tui.cli.options import training_readers
from tui.cli.parsers import PARSERS
from tui.config.config_file import config_path, decide, document, read_config
from tui.kit.text import safe


def run(options: Namespace) -> int:
    """Print what `options.wanted` names: the file's `path`, what holds (`show`), or its `check`.

    Returns the exit code; raises ConfigError for a file that is wrong.
    """
    path = config_path()
    if options.wanted == "path":
        print(safe(str(path)))
        return 0
    found = read_config(path, training_readers(PARSERS[""]()), actions)
    decided = decide(found, os.environ, {})
    if options.wanted == "show":
        print(safe(document(found, decided), newlines=True))
    else:
        there = "is right" if path.exists() else "does not exist: all is as usual"
        print(f"{safe(str(path))} {there}")
    return 0
