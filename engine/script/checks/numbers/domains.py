"""Where functions leave the finite numbers, forward and in their derivative: one clause each.

Worked out from the values that are recorded: all numbers of a small tensor, of a large one its
extremes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from engine.autograd.graph import Node, NodeGradient
from engine.autograd.values import Value, number_text

UNKNOWN = "not defined"
"""How a clause ends that does not know."""
ALONE = "a single number"
"""What a clause speaks of where there is nothing to take a deviation of."""
KEEP_AWAY = "Keep away from there: add a small number, or `.clamp(min=1e-8)`, before it."
"""What to do at the edge of where a function is defined."""
Inputs = Sequence[Value | None]
"""The forward values that went into a node, None for those that are not known."""


def forward_cause(node: Node, inputs: Inputs) -> str:
    """Return how an operation has made a number that is not finite, without a full stop."""
    name = _name(node)
    explain = _FORWARD.get(name)
    words = explain(node, inputs) if explain else None
    if words is not None:
        return words
    if any(value is not None and value.non_finite for value in inputs):
        return f"{name.lower()} of numbers that are infinite, as ∞ - ∞ or 0 · ∞, is nan"
    dtype = node.dtype or "float32"
    if has_nan(node.value):
        return f"the result is {UNKNOWN}"
    return f"the result is too large for {dtype}, or {UNKNOWN}"


def backward_cause(node: Node, gradient: NodeGradient, inputs: Inputs, not_taken: bool) -> str:
    """Return how an operation has made a gradient that is not finite, without a full stop."""
    name = _name(node)
    explain = _BACKWARD.get(name)
    words = explain(node, inputs) if explain else None
    came_zero = any(value is not None and _has_zero(value) for value in gradient.incoming)
    if words is None:
        words = f"the derivative of {name.lower()} is not finite there"
    if came_zero and not_taken:
        return f"0 · ∞ from the branch of where that was not taken ({words})"
    return f"{words}, and 0 · ∞ is nan" if came_zero else words


def _name(node: Node) -> str:
    """`Log` for `LogBackward0`."""
    return re.sub(r"Backward\d*$", "", node.op)


def _saved(node: Node, name: str) -> Value | None:
    content = node.content(name)
    return content if isinstance(content, Value) else None


def _least(value: Value | None) -> float | None:
    if value is None:
        return None
    if value.summary is not None:
        return value.summary.minimum
    numbers = [float(n.real) for n in value.numbers if not math.isnan(n.real)]
    return min(numbers, default=None) if value.whole else None


def _most(value: Value | None) -> float | None:
    if value is None:
        return None
    if value.summary is not None:
        return value.summary.maximum
    numbers = [float(n.real) for n in value.numbers if not math.isnan(n.real)]
    return max(numbers, default=None) if value.whole else None


def _has_zero(value: Value) -> bool:
    if any(number == 0 for number in value.numbers):
        return True
    least, most = _least(value), _most(value)
    return least is not None and most is not None and least <= 0 <= most


def has_nan(value: Value | None) -> bool:
    """Return whether there is a nan among the numbers that are known of a value."""
    if value is None:
        return False
    return any(isinstance(n, float) and math.isnan(n) for n in value.numbers)


def _deviation(node: Node, inputs: Inputs) -> str | None:
    went_in, came_out = inputs[0] if inputs else None, node.shape
    if went_in is None or went_in.non_finite or came_out is None:
        return None
    alone = math.prod(went_in.shape) <= math.prod(came_out)
    return f"{_name(node).lower()} of {ALONE}, which has none" if alone else None


def _argument(node: Node, inputs: Inputs) -> Value | None:
    return _saved(node, "self") or (inputs[0] if inputs else None)


def _log(node: Node, inputs: Inputs) -> str | None:
    least = _least(_argument(node, inputs))
    if least is None:
        return None
    if least < 0:
        return f"log of a negative number, {number_text(least)}"
    return "log of 0" if least == 0 else None


def _sqrt(node: Node, inputs: Inputs) -> str | None:
    least = _least(inputs[0] if inputs else None)
    if least is not None and least < 0:
        return f"sqrt of a negative number, {number_text(least)}"
    return None


def _division(node: Node, inputs: Inputs) -> str | None:
    other = _saved(node, "other") or (inputs[1] if len(inputs) > 1 else None)
    if other is not None and _has_zero(other):
        return "a division by 0"
    return None


def _exp(node: Node, inputs: Inputs) -> str | None:
    most = _most(inputs[0] if inputs else None)
    dtype = node.dtype or "float32"
    if most is not None and most > 10:
        return f"exp of {number_text(most)} is more than {dtype} holds"
    return None


def _pow(node: Node, inputs: Inputs) -> str | None:
    base, exponent = _argument(node, inputs), node.content("exponent")
    least = _least(base)
    if least is None or not isinstance(exponent, int | float):
        return None
    if least < 0 and float(exponent) != int(exponent):
        return f"{number_text(least)} to the power of {number_text(exponent)} is not defined"
    if exponent < 0 and base is not None and _has_zero(base):
        return f"0 to the power of {number_text(exponent)}"
    return None


def _softmax(node: Node, inputs: Inputs) -> str | None:
    least = _least(inputs[0] if inputs else None)
    if inputs and inputs[0] is not None and (least == -math.inf or inputs[0].non_finite):
        return "softmax of a row that is -∞ throughout"
    return None


def _sqrt_slope(node: Node, inputs: Inputs) -> str | None:
    result = _saved(node, "result")
    if result is not None and _has_zero(result):
        return "sqrt at 0, where its derivative is ∞"
    return None


def _pow_slope(node: Node, inputs: Inputs) -> str | None:
    base, exponent = _argument(node, inputs), node.content("exponent")
    if base is not None and isinstance(exponent, int | float) and exponent < 1 and _has_zero(base):
        return f"pow at 0 with the exponent {number_text(exponent)}, where its derivative is ∞"
    return None


def _norm_slope(node: Node, inputs: Inputs) -> str | None:
    result = _saved(node, "result")
    if result is not None and _has_zero(result):
        return "norm of a zero vector, which has no derivative"
    return None


def _log_slope(node: Node, inputs: Inputs) -> str | None:
    argument = _argument(node, inputs)
    if argument is not None and _has_zero(argument):
        return "log at 0, where its derivative is ∞"
    return None


def _arc_slope(node: Node, inputs: Inputs) -> str | None:
    argument = _argument(node, inputs)
    least, most = _least(argument), _most(argument)
    if least is not None and most is not None and (least <= -1 or most >= 1):
        return f"{_name(node).lower()} at ±1, where its derivative is ∞"
    return None


Explain = Callable[[Node, Inputs], str | None]
_FORWARD: dict[str, Explain] = {
    "Log": _log,
    "Log2": _log,
    "Log10": _log,
    "Sqrt": _sqrt,
    "Rsqrt": _log,
    "Div": _division,
    "Reciprocal": _division,
    "Exp": _exp,
    "Pow": _pow,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Std": _deviation,
    "Var": _deviation,
}
_BACKWARD: dict[str, Explain] = {
    "Log": _log_slope,
    "Log2": _log_slope,
    "Log10": _log_slope,
    "Sqrt": _sqrt_slope,
    "Pow": _pow_slope,
    "Div": _division,
    "Norm": _norm_slope,
    "LinalgVectorNorm": _norm_slope,
    "Acos": _arc_slope,
    "Asin": _arc_slope,
}
