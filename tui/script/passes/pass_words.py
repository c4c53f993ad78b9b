"""A pass in words: its number, of how many, and the loop variables of the script there."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from engine.recording.pass_chunk import Plain
from tui.kit.text import fit, safe
from tui.script.passes.script_run import ScriptRun

VARIABLES_WIDTH = 30
"""Columns for the loop variables beside the number of the pass."""

MOST_DIGITS = 18
"""Of a number that is read."""


def of_passes(number: int, passes: int, *, running: bool) -> str:
    """Return the number of a pass, from 0, and of how many: `pass 4 of 20 …` where more come."""
    return f"pass {number:,} of {passes:,}{' …' if running else ''}"


def pass_number(text: str, passes: int) -> int | None:
    """Return the number of a pass that somebody has typed, of so many; None: it is no number.

    Raises ValueError where there is no such pass.
    """
    digits = text.strip().replace(",", "")
    if not digits.isdecimal():
        return None
    if len(digits) > MOST_DIGITS or int(digits) >= passes:
        raise ValueError(f"passes are numbered from 0 to {passes - 1:,}")
    return int(digits)


def none_has_lines(step: int) -> str:
    """Return what is said where no pass that way, on or with -1 back, has lines."""
    return f"no pass {'after' if step > 0 else 'before'} this one has lines"


def variables_text(variables: Mapping[str, Plain]) -> str:
    """Return loop variables as `epoch 2, i 50`, cut where they would take too much room."""
    text = safe(", ".join(f"{name} {value}" for name, value in variables.items()))
    return fit(text, VARIABLES_WIDTH).rstrip() if cell_len(text) > VARIABLES_WIDTH else text


def pass_heading(run: ScriptRun) -> str:
    """Return which pass is looked at, as the Graph tab heads it; empty while there is none."""
    here = run.here
    if here is None:
        return ""
    words = of_passes(here, run.passes.count, running=run.running)
    return " · ".join(filter(None, (words, variables_text(run.passes.variables(here)))))


def no_passes(run: ScriptRun) -> str:
    """Return why there is nothing to show of a run without passes."""
    if run.passes.deep:
        return "the first pass is not over yet" if run.running else "no scalars were recorded"
    return "no backward pass yet" if run.running else "the script ran no backward pass"
