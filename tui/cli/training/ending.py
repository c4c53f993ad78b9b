"""What a finished run is told beside its numbers: how far the optimum is, and in whose units."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from engine.data.source import Table
from engine.training.convergence import Distance, distance, is_too_large, largest_rate
from engine.training.divergence import why_never
from engine.training.problem import Problem, State, original_units
from engine.training.theory import Theory, rounded_down
from tui.cli.printing.json_output import json_number
from tui.cli.printing.output import Json
from tui.run.distance_words import of_run, off, parameter_names, remaining, roughly
from tui.run.equation import equation
from tui.run.rates import (
    DEPENDENT_WORDS,
    asked_if_scaled,
    is_dependent,
    is_rate_too_small,
    is_too_narrow,
    offers,
    overflows,
    scaling_helps,
)

_WIDER = " with --dtype float64"


@dataclass(frozen=True, slots=True)
class Ending:
    """Lines for a reader, and the same as fields of JSON."""

    lines: tuple[str, ...] = ()
    fields: dict[str, Json] = field(default_factory=dict)


def ending(
    problem: Problem, known: Theory, start: State, here: State, *, diverged: bool = False
) -> Ending:
    """What there is to say of a run from `start` that ends `here`."""
    lines, fields = _own_units(problem, here, diverged=diverged)
    far = of_run(problem, known, start, here)
    if far is None:
        return Ending(tuple(lines), fields)
    if not diverged:
        why = "" if far.within else why_never(known, problem)
        never = f", since {why}" if why else ""
        more = f"{remaining(far)} of the optimum{never}{_faster(problem, known, start, far)}"
        lines = [off(problem, far, known) + _explained(known, here), more, *lines]
    fields |= _fields(problem, known, far, diverged=diverged)
    return Ending(tuple(lines), fields | {"r_squared": json_number(_r_squared(known, here))})


def remedy(problem: Problem, known: Theory) -> str:
    """Which options make a run converge that has diverged; empty where none is known to."""
    ways = []
    if not problem.is_descent:
        scaled = isinstance(problem.source, Table) and not problem.source.standardise
        return f"what may help: {'--standardise, or ' if scaled else ''}a smaller --lr"
    narrow, beyond = is_too_narrow(known, problem), overflows(known, problem)
    wider = _WIDER if beyond else ""
    if scaling_helps(known, problem) and not (narrow and beyond):
        count = asked_if_scaled(known)
        after = "" if count is None else f" ({roughly(count, 'iteration')} at the best rate)"
        ways.append(f"--standardise{after}{wider}")
    if narrow:
        ways.append("--dtype float64")
    elif is_too_large(problem, known):
        wider = wider or (_WIDER if is_rate_too_small(known, problem) else "")
        ways += [f"--lr {one.text} ({one.formula}){wider}" for one in offers(known, problem)[:1]]
    if not problem.zeroing:
        ways.append("leaving out --no-zeroing")
    return f"what converges: {', or '.join(ways)}" if ways else ""


def _r_squared(known: Theory, here: State) -> float:
    return known.r_squared(here.w, here.b)


def _explained(known: Theory, here: State) -> str:
    """R² as the end of a line; where y does not vary there is none."""
    explained = _r_squared(known, here)
    return f"; R² {explained:.6g}" if math.isfinite(explained) else ""


def _faster(problem: Problem, known: Theory, start: State, far: Distance) -> str:
    """Which option would get there sooner."""
    if far.within or not problem.is_descent:
        return ""
    if is_dependent(known, problem):
        return f"; {DEPENDENT_WORDS}; leave one out with --features"
    ways = []
    if scaling_helps(known, problem) and (count := asked_if_scaled(known)) is not None:
        ways.append(f"--standardise needs about {roughly(count)} at the best rate")
    if problem.zeroing and not problem.momentum:
        best = replace(problem, learning_rate=known.best_rate)
        there = distance(best, known, start, start).more
        if there is not None and (far.more is None or 2 * there < far.more):
            ways.append(f"--lr {rounded_down(known.best_rate)} about {roughly(there)} in all")
    return "".join(f"; {way}" for way in ways)


def _own_units(
    problem: Problem, here: State, *, diverged: bool
) -> tuple[list[str], dict[str, Json]]:
    """The equation of data from a file, and its numbers where features were standardised."""
    source = problem.source
    if not isinstance(source, Table):
        return [], {}
    written = equation(problem, here, lambda number: f"{number:.7g}")
    label = "in the data's own units: " if source.standardise else ""
    lines = [] if diverged else [f"{label}{written}"]
    if not source.standardise:
        return lines, {}
    w, b = original_units(problem, here)
    units: dict[str, Json] = {
        "w": json_number(w[0]) if len(w) == 1 else [json_number(one) for one in w],
        "b": json_number(b),
    }
    return lines, {"own_units": units}


def _fields(problem: Problem, known: Theory, far: Distance, *, diverged: bool) -> dict[str, Json]:
    def numbers(w: tuple[float, ...], b: float, loss: float) -> dict[str, Json]:
        ws = [json_number(one) for one in w]
        return {"w": ws[0] if len(ws) == 1 else ws, "b": json_number(b), "loss": json_number(loss)}

    limit = largest_rate(problem, known)
    return {
        "optimum": numbers(known.w, known.b, known.loss),
        "from_optimum": {
            **numbers(far.w, far.b, far.loss),
            "furthest": parameter_names(problem)[far.worst],
            "share": json_number(far.share),
        },
        "within_1_percent": far.within,
        "more_iterations": None if diverged else far.more,
        "largest_stable_rate": json_number(limit) if problem.is_descent else None,
    }
