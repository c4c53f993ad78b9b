"""`linreg-tui completion`: a script for the shell that completes commands, options and files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Literal

import shtab

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = ("bash", "zsh", "fish")


def completion(shell: str, parsers: Mapping[str, argparse.ArgumentParser]) -> int:
    """Print the script; the parser named "" is that of no command. Returns the exit code."""
    parent = argparse.ArgumentParser("linreg-tui", add_help=False, parents=[parsers[""]])
    commands = parent.add_subparsers(dest="command")
    for name, parser in parsers.items():
        if name:
            added = commands.add_parser(
                name, help=parser.description, add_help=False, parents=[parser]
            )
            for action in added._get_positional_actions():
                if "FILE" in str(action.metavar):
                    action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parent, shell))
    return 0
