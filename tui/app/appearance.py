"""How the app looks: its themes, and what the settings say of colours, glyphs and movement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor

from tui.config.settings import Settings
from tui.config.theme import DARK, LIGHT, THEMES

ANSI = ("ansi-dark", "ansi-light")
"""Themes of Textual's in the terminal's own sixteen colours, for which `colours` stands here."""


def dress(app: App[Any], settings: Settings) -> None:
    """Give an app that is being made its themes, and the classes by which it is styled."""
    for theme in THEMES:
        app.register_theme(theme)
    for name in ANSI:  # neither charts nor files can be drawn in colours without a number
        app.unregister_theme(name)
    app.theme = (LIGHT if settings.theme == "light" else DARK).name
    app.stylesheet.set_variables(app.get_css_variables())
    if settings.profile == "ssh":
        app.animation_level = "none"
    app.set_class(settings.colours in ("none", "16"), "-few-colours")
    app.set_class(settings.glyphs == "ascii", "-plain")


def other_theme(name: str) -> str:
    """The name of the dark theme for the light one, and the other way; dark for any other."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % 2 if name in names else 0]


def without_grey(filters: Sequence[LineFilter], settings: Settings) -> list[LineFilter]:
    """Textual's filters, but none that draws in grey where there is to be no colour."""
    if settings.colours != "none":
        return list(filters)
    return [*(one for one in filters if not isinstance(one, Monochrome)), NoColor()]
