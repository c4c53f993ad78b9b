"""Where the shared run stands, in one line."""

from __future__ import annotations

from textual.content import Content

from engine.training.run import Run
from tui.kit.text import safe, time_left
from tui.run.state import RunState
from tui.script.nothing_yet import LOADING


def status(state: RunState, width: int) -> Content:
    """One line: how far the run is, and what it is doing; or what is looked at instead.

    Where its columns are too few for all words there are fewer; 0: it is not laid out yet.
    """
    lines = (_status(state, shorter) for shorter in (0, 1))
    fitting = (line for line in lines if not width or line.cell_length <= width)
    return next(fitting, None) or _status(state, 2)


def _status(state: RunState, shorter: int) -> Content:
    """The line with all words for 0; for 1 without the time left, for 2 without most words."""
    run, busy, pace, cursor = state.run, state.busy, state.pace, state.cursor
    if run is None:
        return Content(LOADING)
    if cursor is not None:
        looking = f" {'' if shorter else 'looking '}at iteration {cursor:,} "
        return Content.assemble(
            (looking, "bold reverse $warning"), "  enter goes there, escape back"
        )
    done = f"{run.state.iteration:>7,} of {run.problem.target:,}"
    done = done if shorter > 1 else f"iteration {done}"
    parts: list[tuple[str, str] | str] = [(done, "bold")]
    speed = "flat out" if pace is None else f"{pace:g} a second"
    if busy == "playing":
        parts.append((f"  ▶ playing, {speed}", "$success"))
    elif busy == "running":
        parts.append((f"  ▶▶ {_speed(run, shorter)}", "$success"))
    elif busy == "reading":
        parts.append(("  reading data", "$success"))
    elif state.only_looking is not None:
        parts.append(("  ✗ only to look at", "bold $error"))
    elif run.stop is not None and run.stop.reason == "diverged":
        word = safe(run.stop.text.partition(" ")[0])  # why stands below, at length
        where = "" if run.state.iteration >= run.problem.target else ": last finite state"
        parts.append((f"  ✗ {word}{where}", "bold $error"))
    elif run.stop is not None:
        parts.append((f"  {safe(run.stop.text)}", "$muted"))
    else:
        parts.append((f"  space plays {speed}", "$muted"))
    return Content.assemble(*parts)


def _speed(run: Run, shorter: int) -> str:
    """Iterations a second, and the time that is left to the target."""
    if not run.rate:
        return "running"
    if shorter == 1:
        return f"running  {run.rate:,.0f}/s"
    ahead = time_left(max(run.problem.target - run.state.iteration, 0) / run.rate)
    if shorter:
        return f"{run.rate:,.0f}/s, {ahead}"
    return f"running  {run.rate:,.0f} a second, {ahead}"
