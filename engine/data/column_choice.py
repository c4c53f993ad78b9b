"""Which columns of a file are learned from, and which one is predicted."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.csv_layout import Layout, TableError, visible
from engine.data.source import FEATURES_LIMIT

_NAMED = 10
"""At most so many columns are named in a message."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The columns of a file that are used."""

    names: tuple[str, ...]
    """The names of all columns of the file."""
    target: str
    features: tuple[str, ...]
    ignored: tuple[str, ...]
    """The columns that hold no numbers."""
    positions: tuple[int, ...]
    """The indices of the features and, last, of the target among all columns, from 0."""


def select(layout: Layout, target: str | None, features: Sequence[str], file: str) -> Selection:
    """The columns asked for, and by default all with numbers; raises TableError."""
    names = layout.names
    for name in (*features, *([] if target is None else [target])):
        if name not in names:
            raise TableError(f'{file} has no column "{visible(name)}"; {_instead(name, names)}')
    numeric = [name for name, holds in zip(names, layout.numeric, strict=True) if holds]
    if target is None:
        target = next((name for name in reversed(numeric) if name not in features), None)
    chosen = tuple(features or (name for name in numeric if name != target))
    if target is None or not chosen:
        have = f"only {listed(numeric)}" if numeric else "none"
        raise TableError(f"{file} needs two columns of numbers, for x and y, and has {have}")
    if len({target, *chosen}) != 1 + len(chosen):
        raise TableError(f"a column of {file} can be used only once")
    if len(chosen) > FEATURES_LIMIT:
        raise TableError(f"{file} has {len(chosen):,} features; choose at most {FEATURES_LIMIT}")
    ignored = tuple(name for name in names if name not in {*numeric, target, *chosen})
    positions = tuple(map(names.index, (*chosen, target)))
    return Selection(names, target, chosen, ignored, positions)


def _instead(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, 1)
    return f'did you mean "{close[0]}"?' if close else f"it has {listed(names)}"


def listed(names: Sequence[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
