"""Rules of linear algebra: determinants, systems of equations, the cross product."""

from __future__ import annotations

import torch

from engine.autograd.values import Value
from engine.rules.anew.recomputed import recomputed
from engine.rules.context import (
    Context,
    NoRuleError,
    Rules,
    Shape,
    summed_to_input,
    unsqueezed,
)
from engine.rules.matrices import (
    adjoint_inverse,
    cut_triangle,
    linear,
    triu,
    turned_inverse,
)
from engine.rules.term import Content, Term, build
from engine.rules.text import PRODUCT, Text

UNIT = "unit_triu, unit_tril: that triangle with 1 on its diagonal"


def _column(n: Context, term: Term) -> Term:
    """One number for each matrix, to stand beside the matrices."""
    return unsqueezed(term, (True,) * (len(n.shape) - 2) + (False, False))


def _determinant(n: Context) -> Term:
    return _column(n, n.g) * _column(n, n.result) * adjoint_inverse(n)


def _log_determinant(n: Context) -> Term:
    """Of the two outputs the sign is constant, unless it is complex."""
    if n.gradient.incoming[1] is None or (n.A.complex and n.gradient.incoming[0] is not None):
        raise NoRuleError("the gradient of the sign alone")
    return _column(n, n.incoming(1)) * adjoint_inverse(n)


def _solved(n: Context) -> tuple[Term, bool]:
    """The gradient of B in A X = B, or X A = B, and whether X is a vector for each matrix."""
    vector = len(n.g_shape) == len(_matrix_shape(n, "A")) - 1
    g = unsqueezed(n.g, (True,) * len(n.g_shape) + (False,)) if vector else n.g
    solved = adjoint_inverse(n) @ g if n.plain("left") else g @ adjoint_inverse(n)
    return solved, vector


def _matrix_shape(n: Context, name: str) -> Shape:
    content = n.plain(name)
    if not isinstance(content, Value):
        raise NoRuleError(name)
    return content.shape


def _solution(n: Context, *, vector: bool) -> Term:
    result = n.saved("result")
    return unsqueezed(result, (True,) * len(n.g_shape) + (False,)) if vector else result


def _solve_matrix(n: Context) -> Term:
    solved, vector = _solved(n)
    x = _solution(n, vector=vector).mH
    matrix = _matrix_shape(n, "A")
    whole = (*n.g_shape[: -1 if vector else -2], *matrix[-2:])
    return summed_to_input(n, -(solved @ x) if n.plain("left") else -(x @ solved), whole)


def _solve_right(n: Context) -> Term:
    solved, vector = _solved(n)
    return summed_to_input(n, solved.silently(lambda a: a.squeeze(-1)) if vector else solved)


def _triangle(n: Context) -> Term:
    """The triangular matrix of a triangular system, of which the rest is not read."""
    own = n.saved("self")
    upper, unit = bool(n.plain("upper")), bool(n.plain("unitriangular"))

    def cut(v: torch.Tensor) -> torch.Tensor:
        part = v.triu(int(unit)) if upper else v.tril(-int(unit))
        return part + torch.eye(v.shape[-1], dtype=v.dtype) if unit else part

    name = "triu" if upper else "tril"
    return linear(f"unit_{name}", cut, own, UNIT) if unit else linear(name, cut, own)


def _triangular_right(n: Context) -> Term:
    triangle = _triangle(n)
    turned = turned_inverse(triangle)
    return turned @ n.g if n.plain("left") else n.g @ turned


def _triangular_matrix(n: Context) -> Term:
    solved, x = _triangular_right(n), n.saved("result").mH
    full = -(solved @ x) if n.plain("left") else -(x @ solved)
    unit = int(bool(n.plain("unitriangular")))
    upper = bool(n.plain("upper"))
    part = cut_triangle("triu" if upper else "tril", unit if upper else -unit, full)
    return summed_to_input(n, part, (*n.g_shape[:-2], *_matrix_shape(n, "self")[-2:]))


def _cross(n: Context, *terms: Term) -> Term:
    dim = n.integer("dim")

    def evaluate(a: Content, b: Content) -> Content:
        return torch.linalg.cross(a, b, dim=dim)

    def size(a: Term, b: Term) -> Content:
        turned = [a.size.roll(i, dim) * b.size.roll(3 - i, dim) for i in (1, 2)]
        return turned[0] + turned[1]

    product = build(
        lambda a, b: Text(f"{a.within(PRODUCT)} × {b.within(PRODUCT)}", PRODUCT),
        evaluate,
        size,
        *terms,
    )
    return summed_to_input(n, product.noted("×: the cross product"))


def _unpacked(n: Context) -> Term:
    """The gradient of a matrix that holds L below its diagonal and U on and above it."""

    def widened(v: torch.Tensor) -> torch.Tensor:
        whole = v.new_zeros(n.shape)
        whole[..., : v.shape[-2], : v.shape[-1]] = v
        return whole

    used = [i for i, value in enumerate(n.gradient.incoming) if value is not None]
    parts: list[Term] = []
    for i in used:
        part = n.incoming(i).silently(widened)
        parts.append(cut_triangle("tril", -1, part) if i == 0 else triu(part))
    return sum(parts[1:], start=parts[0])


def _addr(n: Context) -> Term:
    g, vector = (n.g, n.vec2) if n.slot == 1 else (n.g.mT, n.vec1)
    return (g @ vector) * n.alpha


RULES: Rules = {
    "LinalgDetBackward0": _determinant,
    "LinalgSlogdetBackward0": _log_determinant,
    "LinalgInvExBackward0": lambda n: -(n.saved("inverse").mH @ n.g @ n.saved("inverse").mH),
    "LinalgSolveExBackward0": (_solve_matrix, _solve_right),
    "LinalgSolveTriangularBackward0": (
        _triangular_matrix,
        lambda n: summed_to_input(n, _triangular_right(n)),
    ),
    "LinalgMatrixExpBackward0": recomputed,
    "LuUnpackBackward0": _unpacked,
    "LinalgCrossBackward0": (
        lambda n: _cross(n, n.other, n.g),
        lambda n: _cross(n, n.g, n.self),
    ),
    "AddrBackward0": (lambda n: summed_to_input(n, n.g * n.beta), _addr, _addr),
}
