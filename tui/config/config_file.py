"""The configuration file: what it may say, what it says, and the one line about what is wrong.

Flags beat environment variables, which beat the file, which beats the defaults.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

import platformdirs

from engine.regular_files import read_regular
from tui.config.errors import ConfigError, UsageError, either, suggestion
from tui.config.keymap import key_twice
from tui.config.toml_text import MOST_DIGITS, parsed

PREFIX = "LINREG_TUI_"
"""Of the environment variables: LINREG_TUI_THEME and so on."""

SIZE_LIMIT = 100_000
"""A file of more bytes is no configuration."""
LONGEST = 200
"""Most characters of a complaint: a value may be long."""

Readers = Mapping[str, Callable[[str], object]]
"""What reads the text of each training option; raises argparse.ArgumentTypeError."""
Actions = Callable[[], Mapping[str, Collection[str]]]
"""Tells what keys can be given to, and the places where each works."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to set, by a flag, a variable or a key of the file."""

    key: str
    default: str
    check: Callable[[str], None]
    """Raises ValueError with what the text must be."""
    says: str


@dataclass(frozen=True, slots=True)
class Config:
    """A file that has been read and found right."""

    path: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    """By the key of a `Setting`."""
    training: Mapping[str, str] = field(default_factory=dict)
    """Defaults of training options, by the option without its dashes."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys, separated by commas, by the name of what they do."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where each training option stands."""

    def wrong(self, option: str, words: str) -> ConfigError:
        """What is wrong with a training option beside what else there is."""
        return ConfigError(f"{self.path}:{self.lines[option]}: training.{option} {words}")


def _among(*words: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in words:
            raise ValueError(f"must be {either(*words)}")

    return check


def _pace(text: str) -> None:
    says = "must be iterations a second above 0, or full"
    try:
        if text != "full" and not 0 < float(text) < float("inf"):
            raise ValueError(says)
    except ValueError:
        raise ValueError(says) from None


def _keys(text: str) -> None:
    if not text.isprintable():
        raise ValueError("must be names of keys, as in ctrl+x or f5,g")


SETTINGS = (
    Setting("theme", "auto", _among("auto", "dark", "light"), "colours for the background"),
    Setting(
        "glyphs",
        "auto",
        _among("auto", "braille", "block", "ascii"),
        "the richest characters to draw with",
    ),
    Setting("profile", "auto", _among("auto", "local", "ssh"), "ssh: no animation, fewer frames"),
    Setting("mouse", "on", _among("on", "off"), "whether the app takes the mouse"),
    Setting("pace", "50", _pace, "iterations a second when playing, or full"),
)


def config_path() -> Path:
    """Where the file is looked for, by the platform's conventions."""
    return Path(platformdirs.user_config_dir("linreg-tui", appauthor=False)) / "config.toml"


def read_config(
    path: Path,
    options: Readers,
    actions: Actions | None,
) -> Config:
    """What the file says; nothing where there is none. Raises ConfigError.

    Where the file gives keys, `actions` is asked what they may be given to; without it they are
    not looked at.
    """
    try:
        data = read_regular(path, SIZE_LIMIT + 1)
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return Config(path)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > SIZE_LIMIT:
        raise ConfigError(f"{path}: is larger than {SIZE_LIMIT:,} bytes, and no configuration")
    return _Reader(path, text).config(parsed(path, text), options, actions)


def decide(config: Config, environ: Mapping[str, str], flags: Mapping[str, str]) -> dict[str, str]:
    """Every setting's text: from the flags, else the environment, else the file, else as usual.

    Raises UsageError for a variable that says what it may not.
    """
    decided = {}
    for setting in SETTINGS:
        variable = PREFIX + setting.key.upper()
        given = environ.get(variable)
        if given:
            try:
                setting.check(given)
            except ValueError as error:
                raise UsageError(f"{variable} {error}, not {given!r}") from None
        usual = config.settings.get(setting.key, setting.default)
        decided[setting.key] = flags.get(setting.key) or given or usual
    return decided


class _Reader:
    """Reads one file's tables, and knows the line that each key stands in."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.split("\n")

    def config(
        self,
        document: Mapping[str, object],
        options: Readers,
        actions: Actions | None,
    ) -> Config:
        checks = {setting.key: setting.check for setting in SETTINGS}
        places = actions() if actions and "keymap" in document else {}
        named = dict.fromkeys(sorted(places), _keys)
        tables = {
            "training": self._table(document, "training", options),
            "keymap": self._table(document, "keymap", named) if actions else {},
        }
        if found := key_twice(tables["keymap"], places):
            words = f"has {found.key}, as has {found.other}: only one of them would hear it"
            raise self._wrong("keymap", found.name, words)
        rest = {key: value for key, value in document.items() if key not in tables}
        settings = self._values(rest, "", checks, also=tuple(tables))
        lines = {key: self._line("training", key) for key in tables["training"]}
        return Config(self._path, settings, **tables, lines=lines)

    def _table(
        self,
        document: Mapping[str, object],
        name: str,
        checks: Mapping[str, Callable[[str], object]],
    ) -> dict[str, str]:
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong("", name, f"must be a table: [{name}]")
        return self._values(table, name, checks)

    def _values(
        self,
        table: Mapping[str, object],
        name: str,
        checks: Mapping[str, Callable[[str], object]],
        also: tuple[str, ...] = (),
    ) -> dict[str, str]:
        texts = {}
        for key, value in table.items():
            if key not in checks:
                guess = suggestion(key, (*checks, *also)) or f"; known are {', '.join(checks)}"
                raise self._wrong(name, key, f"is no known key{guess}")
            try:
                texts[key] = _text(value, several=name == "keymap")
                read = checks[key](texts[key])
                if isinstance(read, int | float) and not isinstance(value, int | float):
                    what = "true or false" if isinstance(read, bool) else "a number"
                    raise ValueError(f"must be {what}, without quotes")
            except argparse.ArgumentTypeError as error:  # which says what it is not
                words = str(error)
                if isinstance(value, bool):
                    words = words.replace(repr(texts[key]), str(value).lower())
                raise self._wrong(name, key, words) from None
            except ValueError as error:
                raise self._wrong(name, key, f"{error}{_not(value)}") from None
        return texts

    def _wrong(self, table: str, key: str, words: str) -> ConfigError:
        full = f"{table}.{key}" if table else key
        words = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
        return ConfigError(f"{self._path}:{self._line(table, key)}: {full} {words}")

    def _line(self, table: str, key: str) -> int:
        """The line of a key, or of its table where it is written in another way; from 1."""
        here, of_table = "", 1
        names = (key, f"{table}.{key}")
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
                here = header[1].strip("'\"")
                of_table = number if here in (table, key) else of_table
            elif assigned := re.match(r"\s*([^=#]+?)\s*=", line):
                written = assigned[1].replace('"', "").replace("'", "").replace(" ", "")
                if (here == table and written == key) or (not here and written == names[1]):
                    return number
        return of_table


def _text(value: object, *, several: bool) -> str:
    """A file's value as a flag would give it, one or `several`; raises ValueError."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        try:
            return str(value)
        except ValueError:  # it was written in base 16
            raise ValueError(f"must have at most {MOST_DIGITS} digits") from None
    if several and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    raise ValueError("must be text, a number, true or false")


def _not(value: object) -> str:
    """What a value is instead of what it must be, where that can be said."""
    if isinstance(value, bool):
        return f", not {str(value).lower()}"
    try:
        return f", not {value if isinstance(value, date | time) else repr(value)}"
    except (ValueError, RecursionError):  # a number of too many digits; tables in tables
        return ""
