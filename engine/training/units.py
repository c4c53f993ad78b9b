"""Coefficients in the units of the file that the data came from."""

from __future__ import annotations

from engine.training.problem import Problem, State, Table


def original_units(problem: Problem, state: State) -> tuple[tuple[float, ...], float]:
    """The w and b of a state, for features as they are in the file, not standardised.

    From w · (x - mean) / scale + b = (w / scale) · x + (b - Σ w · mean / scale).
    """
    source = problem.source
    if not isinstance(source, Table) or not source.standardise:
        return state.w, state.b
    w = tuple(number / scale for number, scale in zip(state.w, source.scales, strict=True))
    return w, state.b - sum(a * mean for a, mean in zip(w, source.means, strict=True))
