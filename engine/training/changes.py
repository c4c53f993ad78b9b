"""What is different between two problems, in words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from engine.data.cells import visible
from engine.data.source import Source, Synthetic, Table
from engine.training.problem import Problem

_CHOSEN = ("target", "features", "missing")
"""What is chosen of a file, by the names of a table's fields."""


def difference(before: Problem, after: Problem) -> str:
    """The changed fields as a short name: `learning rate 0.1, zeroing off`."""
    pairs = _differing(before, after)
    if isinstance(before.source, Synthetic) and isinstance(after.source, Synthetic):
        pairs = _differing(before.source, after.source) | pairs
        pairs.pop("source", None)
        outlier = {name: pairs.pop(name, None) for name in ("outlier", "outlier_by")}
        if outlier != {"outlier": None, "outlier_by": None}:
            pairs["outlier"] = after.source
    if isinstance(before.source, Table) and isinstance(after.source, Table):
        chosen = _of_tables(before.source, after.source)
        if chosen and before.source.path == after.source.path:
            pairs.pop("source", None)
        pairs = chosen | pairs
    return ", ".join(_change(name, value) for name, value in pairs.items())


def _change(name: str, value: object) -> str:
    if name == "outlier" and isinstance(value, Synthetic):
        number, by = value.outlier, value.outlier_by
        return "no outlier" if number is None else f"point {number} moved {by:+g}"
    if name == "method":
        return str(value)
    if name == "batch_size" and value is None:
        return "no batches"
    return f"{name.replace('_', ' ')} {_text(value)}"


def _differing(before: Problem | Source, after: Problem | Source) -> dict[str, object]:
    values = {field.name: getattr(after, field.name) for field in fields(after)}
    return {name: new for name, new in values.items() if new != getattr(before, name, None)}


def _of_tables(before: Table, after: Table) -> dict[str, object]:
    """What is learned from what, and in which units."""
    found = {name: new for name, new in _differing(before, after).items() if name in _CHOSEN}
    scaled = {"standardise": after.standardise}
    return found | scaled if before.standardise != after.standardise else found


def _text(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case str():
            return visible(value)
        case tuple():
            return ", ".join(map(_text, value))
        case Table():
            return visible(Path(value.path).name)
        case None | Synthetic():
            return "random"
    return str(value)
