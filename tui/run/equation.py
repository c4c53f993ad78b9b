"""What was fitted, as an equation over the columns of the data, in the data's own units."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from engine.training.problem import Problem, State, original_units
from tui.kit.text import safe

Write = Callable[[float], str]


def terms(problem: Problem, state: State, write: Write) -> list[str]:
    """The equation in pieces that belong together: `dist =`, `3.932·speed`, `- 17.58`."""
    source = problem.source
    w, b = original_units(problem, state)
    names = [*map(safe, source.feature_names), ""]
    parts = [f"{safe(source.target_name)} ="]
    for place, (name, number) in enumerate(zip(names, (*w, b), strict=True)):
        text = f"{write(abs(number))}·{name}" if name else write(abs(number))
        minus = number < 0
        if place:
            parts.append(f"{'-' if minus else '+'} {text}")
        else:
            parts.append(f"-{text}" if minus else text)
    return parts


def equation(problem: Problem, state: State, write: Write) -> str:
    """The whole equation in one line."""
    return " ".join(terms(problem, state, write))


def wrapped(parts: Sequence[str], width: int, indent: int = 2) -> list[str]:
    """The equation in lines of a width, broken between its terms; later lines are indented."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines[-1].strip() else f"{lines[-1]}{part}"
        if lines[-1].strip() and cell_len(longer) > width:
            lines.append(" " * indent + part)
        else:
            lines[-1] = longer
    return lines
