"""Hypothesis strategies for problems."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.problem import Method, Problem

numbers = st.floats(-4, 4)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small problems of every kind, learning rates on both sides of stability."""
    features = draw(st.integers(1, 4))
    weights = st.tuples(*[numbers] * features)
    source = Synthetic(
        points=draw(st.integers(1, 70)),
        noise=draw(st.sampled_from([0.0, 0.1, 2.0])),
        seed=draw(st.integers(0, 2**63 - 1)),
        true_w=draw(weights),
        true_b=draw(numbers),
    )
    return Problem(
        source=source,
        learning_rate=draw(st.floats(1e-3, 1.0)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        zeroing=draw(st.booleans()),
        update=draw(st.sampled_from(["no_grad", "data"])),
        momentum=draw(st.sampled_from([0.0, 0.5, 0.9])),
        start_w=draw(st.none() | weights),
        start_b=draw(numbers),
    )


@st.composite
def of_any_method(draw: st.DrawFn) -> Problem:
    """The same by every method, on all points and in batches."""
    problem = draw(problems())
    method = draw(st.sampled_from(get_args(Method)))
    momentum = {"sgd": problem.momentum, "nesterov": 0.9}.get(method, 0.0)
    size = draw(st.none() | st.integers(1, problem.points))
    return replace(problem, method=method, momentum=momentum, batch_size=size)
