"""`linreg-tui config`: where the configuration is, what holds, and whether it is right."""

from __future__ import annotations

import os
from typing import Literal

from tui.config.config_file import Actions, Readers, config_path, decide, document, read_config
from tui.kit.text import safe

Wanted = Literal["path", "show", "check"]


def config(
    wanted: Wanted,
    options: Readers,
    actions: Actions,
) -> int:
    """Print what is wanted; returns the exit code. Raises ConfigError for a file that is wrong."""
    path = config_path()
    if wanted == "path":
        print(safe(str(path)))
        return 0
    found = read_config(path, options, actions)
    decided = decide(found, os.environ, {})
    if wanted == "show":
        print(safe(document(found, decided), newlines=True))
    else:
        there = "is right" if path.exists() else "does not exist: all is as usual"
        print(f"{safe(str(path))} {there}")
    return 0
