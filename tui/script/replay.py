"""Running a script again for the lines of one pass, and whether it is the same run. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from engine.recording.pass_chunk import COLUMNS
from engine.recording.pass_plan import Condition, Plan, plan_of
from engine.recording.pass_table import PassTable
from tui.script.subject import SavedRun, Script, Subject


class Difference(NamedTuple):
    """Where two runs of a script first had other numbers."""

    number: int
    """The pass, from 0."""
    what: str
    """`loss`, or which norm of which leaf."""
    then: float
    now: float


def again(subject: Subject | None, head: Mapping[str, Any], number: int) -> Script:
    """Return what records a pass of what is open; raises ValueError with one line why it cannot.

    `head` is that of a recording in a file, and says which script it is of.
    """
    if isinstance(subject, SavedRun) and subject.has_ranks:
        raise ValueError("several ranks are run again with torchrun, not from here")
    script = subject if isinstance(subject, Script) else _recorded(head)
    if not script.module and not script.path.is_file():
        raise ValueError(f"{script.path} is not there to be run again")
    when = (*script.plan.when, Condition("pass", number))
    return replace(script, plan=replace(script.plan, when=when), keep=None)


def command(script: Script) -> str:
    """Return how a script is run, as one would type it."""
    way = ("-m", str(script.path)) if script.module else (str(script.path),)
    return " ".join(("python", *way, *script.arguments))


def first_difference(then: PassTable, now: PassTable, until: int) -> Difference | None:
    """Return where two runs first differ before a pass, in a loss or a norm; None: nowhere."""
    found = list(_norms(then, now, until))
    loss = _first(enumerate(zip(then.losses[:until], now.losses[:until], strict=False)))
    if loss is not None:
        found.append(Difference(loss[0], "loss", *loss[1]))
    return min(found, key=lambda one: (one.number, one.what != "loss"), default=None)


def verdict(then: PassTable, now: PassTable, number: int) -> tuple[str, bool]:
    """Return in one sentence whether a replay is the same run up to a pass, and whether it is."""
    difference = first_difference(then, now, number)
    if difference is None:
        return f"the same run up to pass {number:,}: every loss and norm before it agrees", True
    one, other = f"{difference.then:.6g}", f"{difference.now:.6g}"
    if one == other:
        one, other = f"{difference.then:.17g}", f"{difference.now:.17g}"
    where = f"it first differs at pass {difference.number:,}"
    return f"not the same run: {where}: {difference.what} {one} then, {other} now", False


def _recorded(head: Mapping[str, Any]) -> Script:
    argv, folder = head.get("argv"), head.get("folder")
    if not isinstance(argv, list) or not argv or not all(isinstance(one, str) for one in argv):
        raise ValueError("the recording does not say how it was run")
    if folder != str(Path.cwd()):
        raise ValueError(f"it ran in {folder}; open the recording from there to run it again")
    try:
        plan = plan_of(head["plan"])
    except (KeyError, TypeError, ValueError):
        plan = Plan()
    module = head.get("module") is True
    return Script(Path(argv[0]), tuple(argv[1:]), module=module, plan=plan)


def _norms(then: PassTable, now: PassTable, until: int) -> Iterable[Difference]:
    """The first difference of every leaf in each of its columns."""
    for leaf in set(then.leaves) & set(now.leaves):
        one, other = then.norms(leaf), now.norms(leaf)
        rows = {number: row for row, number in enumerate(other.numbers)}
        # The update of the last pass may not be there yet.
        for name, last in zip(COLUMNS, (until, until, until - 1), strict=True):
            mine, theirs = getattr(one, name), getattr(other, name)
            pairs = (
                (number, (mine[row], theirs[rows[number]]))
                for row, number in enumerate(one.numbers)
                if number < last and number in rows
            )
            found = _first(pairs)
            if found is not None:
                yield Difference(found[0], f"{name} of {leaf}", *found[1])


def _first(
    pairs: Iterable[tuple[int, tuple[float, float]]],
) -> tuple[int, tuple[float, float]] | None:
    """The first pair that differs; nan is nan."""
    return next((one for one in pairs if not _same(*one[1])), None)


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
