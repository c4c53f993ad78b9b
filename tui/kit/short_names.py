"""Dotted names that are cut to little room and can still be told from each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from tui.kit.text import tail


def apart(names: Sequence[str]) -> list[str]:
    """Return what tells names from each other: parts that all begin or end with are left out."""
    parts = [name.split(".") for name in names]
    least = min((len(part) for part in parts), default=1) - 1
    first = last = 0
    while first < least and len({part[first] for part in parts}) == 1:
        first += 1
    while last < least - first and len({part[-1 - last] for part in parts}) == 1:
        last += 1
    return [".".join(part[first : len(part) - last]) for part in parts]


def shortened(names: Iterable[str], width: int) -> dict[str, str]:
    """Return every name in at most `width` cells.

    What is too long loses its beginning; where two would look alike, what tells them apart comes
    first: `0…weight` and `1…weight`. In very little room they may look alike all the same.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        alike[tail(name, width)].append(name)
    short: dict[str, str] = {}
    for cut, group in alike.items():
        for name, key in zip(group, apart(group), strict=True):
            short[name] = cut if len(group) == 1 else _with_key(name, key, width)
    return short


def _with_key(name: str, key: str, width: int) -> str:
    key = key.partition(".")[0]
    while key and cell_len(key) > width - 2:
        key = key[:-1]
    return key + tail(name, width - cell_len(key))
