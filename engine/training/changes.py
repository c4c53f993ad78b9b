"""What is different between two problems, in words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from engine.data.cells import visible
from engine.data.source import Source, Synthetic, Table
from engine.training.problem import Problem


def difference(before: Problem, after: Problem) -> str:
    """The changed fields as a short name: `learning rate 0.1, zeroing off`."""
    pairs = _differing(before, after)
    if isinstance(before.source, Synthetic) and isinstance(after.source, Synthetic):
        pairs = _differing(before.source, after.source) | pairs
        pairs.pop("source", None)
    return ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in pairs.items())


def _differing(before: Problem | Source, after: Problem | Source) -> dict[str, object]:
    values = {field.name: getattr(after, field.name) for field in fields(after)}
    return {name: new for name, new in values.items() if new != getattr(before, name, None)}


def _text(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case tuple():
            return ", ".join(map(_text, value))
        case Table():
            return visible(Path(value.path).name)
        case None | Synthetic():
            return "random"
    return str(value)
