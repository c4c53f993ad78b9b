"""Looking at an earlier iteration of a run, which goes on standing where it stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from engine.training.run import Run


def moved(run: Run, cursor: int | None, by: int) -> int:
    """The cursor so many kept iterations on, from where the run stands if there is none yet."""
    start, kept = run.history.start.iteration, run.history.steps.iterations
    here = run.state.iteration if cursor is None else cursor
    place = min(max(bisect_right(kept, here - 1) + by, 0), len(kept))
    return kept[place - 1] + 1 if place else start


def seen(run: Run, cursor: int | None) -> Run:
    """The run as it was at a cursor, as far as it is kept."""
    if cursor is None:
        return run
    return replace(run, history=run.history.until(cursor), stop=None)
