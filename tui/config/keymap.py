"""One key for two actions: only one of them would ever hear it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class KeyTwice(NamedTuple):
    """A key that was given to two actions which work in the same place."""

    key: str
    name: str
    """The action of the two that was named last."""
    other: str


def key_twice(keymap: Mapping[str, str], places: Mapping[str, Collection[str]]) -> KeyTwice | None:
    """The first key of a keymap that is given twice where both would work; None: there is none."""
    from textual.binding import BindingsMap  # late: most people have no keymap

    taken: dict[tuple[str, str], str] = {}
    for name, keys in keymap.items():
        for key in BindingsMap([(keys, name, name)] if keys else []).key_to_bindings:
            for place in sorted(places[name]):
                if other := taken.get((key, place)):
                    return KeyTwice(key, name, other)
                taken[key, place] = name
    return None
