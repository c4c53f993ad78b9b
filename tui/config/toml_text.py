"""A configuration's text taken apart, with one line where it is no TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tui.config.errors import ConfigError

MOST_DIGITS = 4300
"""Python makes no whole number of more."""
_DEEP = 50
"""So many brackets in a line are not what anybody writes."""
_BARE = re.compile(r"[^=#]+=\s*([A-Za-z][\w:+./-]*)\s*(?:#.*)?$")
"""A key with a word that lacks its quotes."""


def parsed(path: Path, text: str) -> Mapping[str, object]:
    """The keys and values of a file's text; raises ConfigError, with the line."""
    import tomllib  # late: most people have no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = where[1] if where and where[1] else text.rstrip("\n").count("\n") + 1
        words = _plain(re.sub(r"\s*\(at .*\)", "", str(error)))
        bare = _BARE.match(text.split("\n")[int(line) - 1])
        quotes = f'; text stands in quotes: "{bare[1]}"' if bare else ""
        raise ConfigError(f"{path}:{line}: {words}{quotes}") from None
    except ValueError:  # of Python's, about a whole number
        digits = re.compile(f"[0-9_]{{{MOST_DIGITS},}}")
        line = _first_line(text, digits.search)
        raise ConfigError(f"{path}:{line}: a number has more than {MOST_DIGITS} digits") from None
    except RecursionError:
        line = _first_line(text, lambda line: line.count("[") + line.count("{") > _DEEP)
        raise ConfigError(f"{path}:{line}: is nested too deeply") from None


def _plain(words: str) -> str:
    """What Python says of a mistake, without its tuples: `cannot declare [training] twice`."""
    words = re.sub(r"\('(.+?)',?\)", r"[\1]", words).replace("', '", ".")
    return f"{words[:1].lower()}{words[1:]}"


def _first_line(text: str, found: Callable[[str], object]) -> int:
    """The number of the first line in which something is found; 1 where in none."""
    return next((n for n, line in enumerate(text.split("\n"), 1) if found(line)), 1)
