"""One way, or several, to make autograd create every node that has a rule; by its family."""

from __future__ import annotations

from tests.engine.rules.cases import (
    activations,
    elementwise,
    indexing,
    losses,
    normalisation,
    products,
    reductions,
    shapes,
)
from tests.engine.rules.cases.builds import Cases
from tests.engine.rules.cases.inputs import Inputs

__all__ = ["CASES", "Inputs"]

CASES: Cases = {
    **elementwise.FUNCTIONS,
    **activations.CASES,
    **elementwise.STRAIGHT,
    **activations.DROPOUT,
    **elementwise.COMBINED,
    **reductions.CASES,
    **indexing.BY_VALUE,
    **products.CASES,
    **shapes.CASES,
    **indexing.BY_PLACE,
    **losses.CASES,
    **normalisation.CASES,
}
"""Autograd's class name → how to make it; the indexing by tensors has a test of its own."""
