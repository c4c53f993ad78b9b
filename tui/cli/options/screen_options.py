"""The options that say how the app looks."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tui.cli.options.parser import Parser
from tui.config.config_file import SETTINGS, Setting


def add_screen(parser: Parser) -> None:
    """Add what decides how the app looks; unset where the environment or a file may decide."""
    group = parser.add_argument_group("screen")
    for setting in SETTINGS:
        if setting.key != "mouse":
            says = f"{setting.says} (default {setting.default})"
            metavar = setting.key.upper()
            group.add_argument(
                f"--{setting.key}", type=_checked(setting), metavar=metavar, help=says
            )
    says = "the same as --glyphs ascii"
    group.add_argument("--ascii", action="store_const", dest="glyphs", const="ascii", help=says)
    says = "leave the mouse to the terminal, to select text"
    group.add_argument("--no-mouse", action="store_const", dest="mouse", const="off", help=says)


def _checked(setting: Setting) -> Callable[[str], str]:
    def checked(text: str) -> str:
        try:
            setting.check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{error}, not {text!r}") from None
        return text

    return checked
