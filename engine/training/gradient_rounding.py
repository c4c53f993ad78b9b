"""How far rounding takes a gradient: near the optimum large terms cancel, their errors do not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.data.source import Dtype
from engine.training.theory import Theory

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
"""What rounding to a dtype takes of a number, at most twice over."""
FEW = 16
"""So many roundings every gradient goes through; with m points √m more add up."""


def gradient_rounding(
    theory: Theory, w: Sequence[float], b: float, points: int, dtype: Dtype
) -> tuple[float, ...]:
    """Return for each ∂J/∂w, then ∂J/∂b, what rounding makes of it at (w, b), at most.

    It goes by the size of the terms 2/m · x · (x·w + b - y) that are summed, as the second
    moments in the Hessian bound it, and not by their sum, which is 0 at the optimum. The closed
    form, always in float64, rounds by the largest of them.
    """
    roots = [math.sqrt(theory.hessian[i][i]) for i in range(len(w) + 1)]
    pairs = zip(roots, (*w, b), (*theory.w, theory.b), strict=True)
    reach = sum(root * (abs(here) + abs(best)) for root, here, best in pairs)
    reach += math.sqrt(2 * theory.loss)
    often, closed_form = FEW + math.sqrt(points), EPSILON["float64"] * max(roots)
    return tuple(often * reach * (EPSILON[dtype] * root + closed_form) for root in roots)
