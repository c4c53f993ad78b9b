"""`linreg-tui completion`: a script for the shell: commands, lessons, options and files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import shtab

from engine.lessons import LESSONS
from tui.cli.options.command_parsers import PARSERS


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
            for action in added._actions:
                if kind := _path_kind(str(action.metavar)):
                    action.complete = kind  # type: ignore[attr-defined]
    for lesson in LESSONS:
        commands.add_parser(lesson.key, help=lesson.summary, add_help=False, parents=[parsers[""]])
    print(shtab.complete(parent, options.shell))
    return 0


def _path_kind(metavar: str) -> Mapping[str, object] | None:
    """What completes the value of an argument: files, folders, or nothing."""
    if metavar == "DIR":
        return shtab.DIRECTORY
    return shtab.FILE if "FILE" in metavar or "RUN" in metavar else None
