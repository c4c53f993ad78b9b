"""Importing torch, which takes a second or more: done on a thread, behind the first frame."""

from __future__ import annotations

import gc
import sys
from typing import Protocol

from engine.training.problem import Problem

GARBAGE = (5_000, 10, 5)
"""New objects until the newest are looked at for garbage, and how seldom the older ones are: a
dialog that has been closed is among these, and all of them are looked at in 20 ms."""

TURN = 0.0005
"""Seconds that a thread may hold Python's lock while another one waits, a tenth of the usual: a
key is answered in many small steps, and where one trains or records each of them waits so long."""


class LoadEngine(Protocol):
    """Makes the trainer's engine ready, however long that takes."""

    def __call__(self, problem: Problem, /, *, own_process: bool, lessons: bool) -> str:
        """Return a line of facts: what the problem will run on."""


def load_engine(problem: Problem, *, own_process: bool, lessons: bool) -> str:
    """Import torch and what the trainer needs of it; returns the line of facts about a problem.

    Where the process is the app's own, torch runs small problems on one thread, and garbage is
    looked for more seldom; in somebody else's both stay as they are. `lessons`: whether they are
    what is looked at, for which torch then imports 40 MB more, and not in the middle of one.
    """
    if own_process:
        sys.setswitchinterval(TURN)
    from engine.training.device import facts, load_all  # torch
    from tui.run import trainer_tasks  # noqa: F401 — the trainer finds it loaded

    known = facts(problem, lean=own_process)
    if own_process:
        # Torch leaves so many objects behind that looking at all of them for garbage takes a
        # tenth of a second, in the middle of a key: from here on they are not looked at.
        if lessons:
            load_all()
        gc.collect()
        gc.freeze()
        # Python looks at the older ones only where there is a fourth more than the last time.
        gc.collect()
        gc.set_threshold(*GARBAGE)
        gc.enable()
    return known
