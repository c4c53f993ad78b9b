"""`linreg-tui completion`: a script for the shell that completes commands, options and files."""

from __future__ import annotations

import argparse

import shtab

from tui.cli.parsers import PARSERS


def run(options: argparse.Namespace) -> int:
    """Print the script for `options.shell`; returns the exit code."""
    parsers = {name: make() for name, make in PARSERS.items()}
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
    print(shtab.complete(parent, options.shell))
    return 0
