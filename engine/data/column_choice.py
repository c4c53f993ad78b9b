"""Which columns of a file are learned from, and which one is predicted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.data.cells import listed, visible
from engine.data.column_kinds import Column, Kind, is_empty
from engine.data.source import FEATURES_LIMIT, TableError

_ALIKE = 10_000
"""Names that are looked through for one that was meant."""

_APART = re.compile(r"[:^~&!@/]")
"""What few programs write between columns."""
_KEYED = re.compile(r"([A-Za-z_]\w*=)\S")
"""A value behind its key, as in `loss=0.5`."""
_WITHIN = re.compile(r"[,;\t|]")
"""What separates columns, unless it stands in quotes."""
_TOLD = 3
"""Columns of which is told what they hold instead of numbers."""
_EXAMPLE = 24
"""Characters of a cell that shows what a column holds."""
_X_AND_Y = 2
_PARTS = 8
"""Pieces between commas that one name may have."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The columns of a file that are used."""

    names: tuple[str, ...]
    """The names of all columns of the file."""
    target: str
    features: tuple[str, ...]
    ignored: tuple[str, ...]
    """The columns that hold no numbers, or only number the rows."""
    positions: tuple[int, ...]
    """The indices of the features and, last, of the target among all columns, from 0."""
    notes: tuple[str, ...] = ()
    """What was chosen or left out in reading the file, a line each."""
    asked: bool = False
    """Whether the features were asked for."""


def select(
    columns: Sequence[Column],
    target: str | None,
    features: Sequence[str],
    file: str,
    notes: Sequence[str] = (),
) -> Selection:
    """The columns asked for, and by default all with numbers; raises TableError."""
    names = tuple(column.name for column in columns)
    numeric = _of_numbers(columns)
    predicted, chosen = _x_and_y(columns, numeric, target, features, file)
    if len({predicted, *chosen}) != 1 + len(chosen):
        raise TableError(f"a column of {file} can be used only once")
    if len(chosen) > FEATURES_LIMIT:
        raise TableError(
            f"{file} has {len(chosen):,} features; choose at most {FEATURES_LIMIT} "
            "with --features A,B,…"
        )
    used = {*numeric, predicted, *chosen}
    return Selection(
        names,
        names[predicted],
        tuple(names[i] for i in chosen),
        tuple(name for i, name in enumerate(names) if i not in used),
        (*chosen, predicted),
        (*_of_indices(columns, used), *notes),
        bool(features),
    )


def _of_numbers(columns: Sequence[Column]) -> list[int]:
    """The places of the columns with numbers to learn from."""
    numeric = [i for i, one in enumerate(columns) if one.kind.numeric and not one.index]
    if len(numeric) < _X_AND_Y:  # what people number rows by is a number after all
        numeric = [i for i, one in enumerate(columns) if one.kind.numeric and not one.counts]
    return numeric


def _x_and_y(
    columns: Sequence[Column],
    numeric: Sequence[int],
    target: str | None,
    features: Sequence[str],
    file: str,
) -> tuple[int, list[int]]:
    """The places of the target and of the features; raises TableError where one is missing."""
    names, places = [column.name for column in columns], _places(columns)
    asked = _found([] if target is None else [target], places, names, file)
    wanted = _found(features, places, names, file)
    predicted = asked[0] if asked else None
    if predicted is None:
        last = sorted(numeric, key=lambda i: (not columns[i].index, i))
        predicted = next((i for i in reversed(last) if i not in wanted), None)
    chosen = wanted or [i for i in numeric if i != predicted]
    if predicted is None or not chosen:
        have = f"only {listed([names[i] for i in numeric])}" if numeric else "none"
        have += _others(columns, file)
        raise TableError(f"{file} needs two columns of numbers, for x and y, and has {have}")
    return predicted, chosen


def _of_indices(columns: Sequence[Column], used: Collection[int]) -> list[str]:
    """What the columns are that are no numbers to learn from, where they are not used."""
    return [
        f"{one.name} {one.index}" for i, one in enumerate(columns) if one.index and i not in used
    ]


def _others(columns: Sequence[Column], file: str) -> str:
    """What the columns without numbers hold."""
    if len(columns) == 1 and is_empty(columns[0].kind):
        return f'; all it says is "{columns[0].name}"'
    odd = [one for one in columns if not one.kind.numeric and not is_empty(one.kind)]
    if len(columns) == 1 and (mark := _WITHIN.search(columns[0].title)):
        between = "a tab" if mark[0] == "\t" else mark[0]
        return f"; are whole rows in quotes here, with {between} between columns?"
    if len(columns) == 1 and (mark := _APART.search(columns[0].title)):
        return f"; are columns apart by {mark[0]} here? A first line sep={mark[0]} says so"
    if any(map(_is_keyed, odd)):
        bare = f"sed 's/[^ ,;]*=//g' {file} | linreg-tui train --data -"
        return f"; keys stand before the values: {bare}"
    return "".join(f"; {one.name} holds {_held(one.kind)}" for one in odd[:_TOLD]) + _empty(columns)


def _is_keyed(column: Column) -> bool:
    """Whether the same key stands before the value in every row, the first one included."""
    key = _KEYED.match(column.title)
    return key is not None and column.kind.example.startswith(key[1])


def _empty(columns: Sequence[Column]) -> str:
    """Which columns hold nothing, or may hold something only further below."""
    empty = [one for one in columns if one.title and is_empty(one.kind)]
    if not empty:
        return ""
    names, rows = listed([one.name for one in empty]), empty[0].kind.known
    words = f"; {names} {'hold' if len(empty) > 1 else 'holds'} nothing"
    return (
        f"{words} in the first {rows:,} rows: --features takes what is further below"
        if rows
        else words
    )


def _held(kind: Kind) -> str:
    """What a column holds, and of text a cell that shows what is written there."""
    what = visible(kind.what)
    return f'{what}, as "{visible(kind.example, _EXAMPLE)}"' if kind.example else what


def _places(columns: Sequence[Column]) -> dict[str, int]:
    """Where a column is, by its name, by the whole one in the header, and by it without spaces."""
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.name, place)
    for place, column in enumerate(columns):
        places.setdefault(column.title, place)
        places.setdefault(_tight(column.title), place)
    return places


def _tight(name: str) -> str:
    return re.sub(r"\s*,\s*", ",", name)


def _found(
    asked: Sequence[str], places: dict[str, int], names: Sequence[str], file: str
) -> list[int]:
    """The columns asked for; a name that holds commas may have been taken for several."""
    found: list[int] = []
    left = list(asked)
    while left:
        name, count = left[0], 1
        for many in range(2, _PARTS + 1) if name not in places else ():
            joined = _tight(",".join(left[:many]))
            if joined in places:
                name, count = joined, many
        if name not in places:
            instead = _instead(visible(name), names)
            raise TableError(f'{file} has no column "{visible(name)}"; {instead}')
        found.append(places[name])
        del left[:count]
    return found


def _instead(name: str, names: Sequence[str]) -> str:
    meant = {one.casefold(): one for one in reversed(names[:_ALIKE])}
    close = difflib.get_close_matches(name.casefold(), meant, 1)
    return f'did you mean "{meant[close[0]]}"?' if close else f"it has {listed(names)}"
