"""What a run is called where it is drawn: how it makes its steps, in few words."""

from __future__ import annotations

from collections.abc import Sequence

from engine.training.problem import Problem

PLAIN = "plain"
"""Gradient descent where others have more than that."""


def run_words(problem: Problem, others: Sequence[Problem] = ()) -> str:
    """Return the method, the rate and what else changes every step: `adam, rate 0.1, batch 10`.

    Beside other problems only what is not the same in all of them.
    """
    parts = _parts(problem)
    beside = [_parts(other) for other in others]
    told = [
        part
        for place, part in enumerate(parts)
        if not beside or any(other[place] != part for other in beside)
    ]
    return ", ".join(filter(None, told)) or PLAIN


def _parts(problem: Problem) -> tuple[str, ...]:
    """Each empty where there is nothing to say."""
    return (
        "" if problem.method == "sgd" else problem.method,
        f"rate {problem.learning_rate:.4g}",
        f"momentum {problem.momentum:g}" if problem.momentum else "",
        "" if problem.batch_size is None else f"batch {problem.batch_size:,}",
    )
