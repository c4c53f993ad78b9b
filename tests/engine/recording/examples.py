"""Hypothesis strategies for records, with values that any script may bring about."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from engine.autograd.graph import Backward, Edge, Graph, Node, NodeGradient, Saved
from engine.autograd.values import Summary, TensorView, Value
from engine.recording.records import Moment, ScriptError, SilentWrite

T = TypeVar("T")

TEXTS = st.text(max_size=8) | st.sampled_from(["", "float32", "\ud800", "a\udc80b", "\U0001f600"])
INTEGERS = (
    st.integers() | st.integers(-3, 3) | st.sampled_from([2**63 - 1, 2**63, -(2**63), 10**99])
)
FLOATS = st.floats() | st.floats(width=32)
NUMBERS = INTEGERS | FLOATS | st.booleans() | st.complex_numbers()
PLAIN = st.recursive(
    st.none() | TEXTS | NUMBERS, lambda inner: st.lists(inner, max_size=6).map(tuple), max_leaves=8
)


def tuples(items: st.SearchStrategy[T], size: int = 6) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=size).map(tuple)


SHAPES = tuples(st.integers(0, 300))
SUMMARIES = st.builds(Summary, FLOATS, FLOATS, FLOATS, FLOATS, st.integers(0))
VALUES = st.builds(
    Value,
    SHAPES,
    TEXTS,
    tuples(FLOATS, 20) | tuples(NUMBERS) | tuples(INTEGERS) | tuples(st.booleans()),
    SHAPES,
    st.none() | SUMMARIES,
)
MAYBE_VALUES = st.none() | VALUES
NODES = st.builds(
    Node,
    st.integers(0, 99),
    TEXTS,
    st.none() | TEXTS,
    shape=st.none() | SHAPES,
    value=MAYBE_VALUES,
    saved=tuples(st.builds(Saved, TEXTS, VALUES | PLAIN)),
    freed=st.booleans(),
)
EDGES = st.builds(Edge, *[st.integers(0, 9)] * 4)
GRAPHS = st.builds(Graph, tuples(NODES), tuples(EDGES))
GRADIENTS = st.builds(
    NodeGradient, st.integers(0, 9), tuples(MAYBE_VALUES), tuples(MAYBE_VALUES), MAYBE_VALUES
)
BACKWARDS = st.builds(Backward, GRAPHS, tuples(GRADIENTS), st.none() | TEXTS)
VIEWS = st.builds(TensorView, TEXTS, VALUES, grad_fn=st.none() | TEXTS, grad=MAYBE_VALUES)
ERRORS = st.builds(ScriptError, TEXTS, TEXTS, st.integers(1, 9), st.none() | st.integers(1, 9))
MOMENTS = st.builds(
    Moment,
    st.integers(1, 99),
    tensors=tuples(VIEWS),
    changed=tuples(TEXTS),
    error=st.none() | ERRORS,
    silent=tuples(st.builds(SilentWrite, TEXTS, st.integers(1, 9), st.booleans())),
)
ANYTHING = PLAIN | VALUES | GRAPHS | BACKWARDS | MOMENTS | tuples(VALUES | PLAIN)
