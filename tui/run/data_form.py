"""What is typed to learn from a file: the same choices as on the command line. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.encodings import encoding_name
from engine.data.source import Decimal, Missing, ProblemError, Table
from engine.data.table_wish import USUAL, TableWish
from engine.training.problem import Problem
from tui.kit.file_path import file_path
from tui.run.forms import Field, switch, whole_number, wrong


@dataclass(frozen=True, slots=True)
class DataChoice:
    """A file to learn from, and what of it."""

    path: Path
    wish: TableWish = USUAL


def column_names(text: str) -> tuple[str, ...]:
    """Names between commas; one that holds a comma stands in double quotes."""
    lines = [" ".join(text.splitlines())]
    try:
        names = [name for row in csv.reader(lines, skipinitialspace=True) for name in row]
    except csv.Error:  # too long for any name
        names = lines
    return tuple(name.strip() for name in names if name.strip())


def typed(names: Sequence[str]) -> str:
    """What `column_names` reads as these names."""
    return ", ".join(
        '"' + name.replace('"', '""') + '"' if {",", '"'} & set(name) else name for name in names
    )


def _missing(text: str) -> Missing:
    words: dict[str, Missing] = {"refuse": "refuse", "drop": "drop"}
    return words[text.strip().lower()]


def _decimal(text: str) -> Decimal:
    marks: dict[str, Decimal] = {"": "", ".": ".", ",": ","}
    return marks[text.strip()]


def _count(number: int) -> str:
    return str(number or "")


def _of_table(text: Callable[[Table], str], otherwise: str = "") -> Callable[[Problem], str]:
    """What stands in the line: of the file that is learned from, or if there is none."""
    return lambda p: text(p.source) if isinstance(p.source, Table) else otherwise


DATA_FIELDS = (
    Field("path", "file", "a CSV file", _of_table(lambda t: t.path), file_path, "--data"),
    Field(
        "target",
        "target",
        "empty: the last column of numbers",
        _of_table(lambda t: t.target),
        lambda text: text.strip() or None,
        "--target",
    ),
    Field(
        "features",
        "features",
        "empty: all others; or A, B, …",
        _of_table(lambda t: typed(t.features)),
        column_names,
        "--features",
    ),
    Field(
        "missing",
        "missing numbers",
        "refuse, or drop their rows",
        _of_table(lambda t: t.missing, "refuse"),
        _missing,
        "--drop-missing",
    ),
    Field(
        "standardise",
        "standardise",
        "on or off",
        _of_table(lambda t: "on" if t.standardise else "off", "off"),
        switch,
        "--standardise",
    ),
    Field(
        "missing_values",
        "missing values",
        "beside NA and such: -999, …",
        _of_table(lambda t: typed(t.missing_values)),
        column_names,
        "--missing",
    ),
    Field(
        "decimal",
        "decimal mark",
        "empty: as found; . 1,234.5 or , 1.234,5",
        _of_table(lambda t: t.decimal),
        _decimal,
        "--decimal",
    ),
    Field(
        "skip_rows",
        "lines to skip",
        "empty: none; or how many above the table",
        _of_table(lambda t: _count(t.skip_rows)),
        lambda text: whole_number(text.strip() or "0"),
        "--skip-rows",
    ),
    Field(
        "encoding",
        "encoding",
        "empty: as found; or shift_jis, gbk, …",
        _of_table(lambda t: t.encoding),
        lambda text: encoding_name(text) if text.strip() else "",
        "--encoding",
    ),
)
OF_THE_FILE = ("target", "features", "missing_values", "decimal", "skip_rows", "encoding")
"""Lines that make no sense for another file."""
_DROP = "missing numbers: drop"


def as_typed(choice: DataChoice) -> dict[str, str]:
    """The lines as which a choice is typed, by field."""
    wish = choice.wish
    return {
        "path": str(choice.path),
        "target": wish.target or "",
        "features": typed(wish.features),
        "missing": wish.missing,
        "standardise": "on" if wish.standardise else "off",
        "missing_values": typed(wish.missing_values),
        "decimal": wish.decimal,
        "skip_rows": _count(wish.skip_rows),
        "encoding": wish.encoding,
    }


def chosen(texts: Mapping[str, str]) -> DataChoice:
    """The file and what of it, as typed; raises ProblemError naming the first bad line."""
    found: dict[str, Any] = {}
    for field in DATA_FIELDS:
        text = texts[field.name]
        try:
            found[field.name] = field.parse(text)
        except KeyError:
            raise ProblemError(wrong(field, text)) from None
        except ValueError as error:
            raise ProblemError(f"{field.label}: {error}") from None
    return DataChoice(found.pop("path"), TableWish(**found))


def with_lines(words: str) -> str:
    """Words that name options of the command line, and the lines of the form that do the same."""
    lines = [
        _DROP if field.name == "missing" else field.label
        for field in DATA_FIELDS
        if field.name != "path" and re.search(rf"{field.flag}(?![\w-])", words)
    ]
    return f"{words} (here: {', '.join(lines)})" if lines else words
