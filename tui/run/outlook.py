"""What is to be said of a run beside its numbers: whether it can converge, how far it got, and why.

Before the first step of data from a file: the largest stable rate and how many iterations their
condition asks for. While a run diverges: that it does, from its first sign. At its end: how far
it is from the optimum. And with each the keys that lead on.
"""

from __future__ import annotations

from dataclasses import replace

from engine.data.source import Table
from engine.training.branches import Branch
from engine.training.convergence import is_at_limit, is_too_large, largest_rate
from engine.training.divergence import why_never
from engine.training.problem import Problem
from engine.training.run import Run
from engine.training.theory import Theory, rounded_down
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import whole
from tui.run.distance_words import of_run, off, remaining, roughly
from tui.run.divergence_help import stopped
from tui.run.equation import equation
from tui.run.rates import (
    DEPENDENT_WORDS,
    asked,
    asked_at,
    asked_if_scaled,
    is_dependent,
    scaling_helps,
    typed,
)
from tui.run.state import RunState

SLOWER = 2
"""A learning rate is worth another one that is so many times as fast."""


def outlook(state: RunState, run: Run | None) -> tuple[Paragraph, ...]:
    """Paragraphs on the current branch's run, as it is shown; none where nothing is to be said."""
    known, experiment = state.theory, state.experiment
    if run is None or experiment is None:
        return ()
    if state.only_looking is not None:
        return state.only_looking.paragraphs
    if why := stopped(run, known):
        return why
    if known is None or not known.eigenvalues[-1] > 0:
        return ()
    done, problem, branch = run.state.iteration, run.problem, experiment.branch
    there = experiment.twin is not None
    if is_too_large(problem, known):
        return _too_large(known, problem, there=there)
    if not done and not branch.steps and isinstance(problem.source, Table) and problem.is_descent:
        return _beforehand(known, problem, run, there=there)
    if done >= problem.target and state.cursor is None:
        return _at_end(known, branch, run, there=there)
    return ()


def _too_large(known: Theory, problem: Problem, *, there: bool) -> tuple[Paragraph, ...]:
    limit = largest_rate(problem, known)
    rate = f"learning rate {problem.learning_rate:g}"
    if not limit:
        return (_warning("with momentum no rate is stable where gradients are never zeroed"),)
    why = f"{rate} is above the largest stable, {rounded_down(limit)}: the run diverges"
    if is_at_limit(problem, known):
        why = why_never(known, problem)
    ways = [_scaling(known, there=there)] if scaling_helps(known, problem) else []
    if way := typed(known, problem):
        ways.append(way)
    elif not problem.zeroing:
        ways.append("p: zeroing on")
    return (_warning(why), _way(ways)) if ways else (_warning(why),)


def _beforehand(known: Theory, problem: Problem, run: Run, *, there: bool) -> tuple[Paragraph, ...]:
    limit = rounded_down(largest_rate(problem, known))
    here = asked_at(known, problem, run.state)
    parts = [f"largest stable rate {limit}", _condition(known)]
    if here is not None:
        parts.append(f"at {problem.learning_rate:g} about {roughly(here)}")
    fact = (Span(" · ".join(parts), "note"),)
    ways = []
    if scaling_helps(known, problem):
        ways.append(_scaling(known, there=there))
    elif there:
        ways.append("u: the same in the other units, beside each other on the loss surface")
    best = asked(known)
    if best is not None and (here is None or here > SLOWER * best):
        ways += filter(None, [typed(known, problem)])
    return (fact, _way(ways)) if ways else (fact,)


def _at_end(known: Theory, branch: Branch, run: Run, *, there: bool) -> tuple[Paragraph, ...]:
    problem, start = run.problem, branch.start
    far = of_run(problem, known, start, run.state)
    if far is None:
        return ()
    words = off(problem, far, known)
    if far.within:
        return (Span(f"✓ {remaining(far)}: {words}", "leaf"),), *_fitted(run)
    warning = (Span(f"⚠ {words}: {remaining(far)}", "warning"),)
    if is_dependent(known, problem):
        way = _way([f"{DEPENDENT_WORDS}; ctrl+p, Open data: leave one out"])
        return warning, way, *_fitted(run)
    ways = [_scaling(known, there=there)] if scaling_helps(known, problem) else []
    if problem.zeroing and not problem.momentum and problem.is_descent:
        best = replace(problem, learning_rate=known.best_rate)
        count = asked_at(known, best, start)
        if count is not None and (far.more is None or far.more > SLOWER * count):
            rates = f"p: rate {rounded_down(known.best_rate)} takes about {roughly(count)}"
            ways.append(f"{rates} from the beginning")
    ways.append("g goes further")
    return warning, _way(ways), *_fitted(run)


def _fitted(run: Run) -> tuple[Paragraph, ...]:
    """The equation of data from a file that were standardised, in their own units."""
    source = run.problem.source
    if not isinstance(source, Table) or not source.standardise:
        return ()
    written = equation(run.problem, run.state, lambda number: f"{number:.5g}")
    return ((Span(f"in the data's own units {written}", "title"),),)


def _condition(known: Theory) -> str:
    """The condition number as what it costs."""
    count = asked(known)
    words = f"condition {whole(known.speed_condition)}"
    if count is None:
        return f"{words}: too many iterations to get there"
    return f"{words}: about {roughly(count, 'iteration')} at the best rate"


def _scaling(known: Theory, *, there: bool) -> str:
    """What one key does; `there`: the standardised branch is there already."""
    act = "u: standardised" if there else "u standardises on a branch"
    then = asked_if_scaled(known)
    if then is None:
        return act
    count, now = roughly(then, "iteration"), asked(known)
    if now is None or now <= then:  # then it is rounding that it helps against
        return f"{act}, about {count}"
    return f"{act}, about {count}, not {roughly(now)}"


def _warning(words: str) -> Paragraph:
    return (Span(f"⚠ {words}", "error"),)


def _way(ways: list[str]) -> Paragraph:
    return (Span(f"→ {' · '.join(ways)}", "leaf"),)
