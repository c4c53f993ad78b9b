"""Hypothesis strategies for problems."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.problem import Problem

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
