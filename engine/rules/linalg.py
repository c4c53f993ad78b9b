"""Rules of linear algebra: `ᵀ` transposes, `ᴴ` conjugates as well, `⁻ᵀ` is the inverse of that.

The formulas of decompositions are those of M. Giles, "Collected matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008), which autograd follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from engine.rules.context import (
    Context,
    NoRuleError,
    Rules,
    summed_to_input,
    summed_to_shape,
    unsqueezed,
)
from engine.rules.functions import let, real
from engine.rules.recomputed import recomputed
from engine.rules.term import Content, Term, build, lift
from engine.rules.text import ATOM, POWER, PRODUCT, Text

GAPS = "E: for each pair of columns the gap between their eigenvalues, 1 on the diagonal"
MIRROR = "mirror(X): the lower triangle of X, and above the diagonal its conjugate"
PROJECTION = "I: the identity"


def inverse(a: Term, sign: str = "⁻¹") -> Term:
    """The inverse of square matrices, written `A⁻¹`; singular ones have none in numbers."""
    return build(
        lambda text: Text(f"{text.within(ATOM)}{sign}", POWER),
        _inverted,
        lambda term: _inverse_size(_inverted(term.value), term.size),
        a,
    )


def _inverted(a: torch.Tensor) -> torch.Tensor:
    """The inverse of each matrix, nan of a singular one."""
    inverse: torch.Tensor
    inverse, info = torch.linalg.inv_ex(a)
    singular: torch.Tensor = (info != 0)[..., None, None]
    return inverse.masked_fill(singular, math.nan)


def _inverse_size(inverse: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
    """Rounding of a matrix moves its inverse by A⁻¹ · δA · A⁻¹, and elimination by as much."""
    magnitude = inverse.abs()
    return magnitude + magnitude @ size @ magnitude * inverse.shape[-1]


def adjoint_inverse(n: Context, name: str = "A") -> Term:
    """The inverse of the transposed, conjugated matrix, `A⁻ᵀ` or `A⁻ᴴ`."""
    return turned_inverse(n.saved(name))


def turned_inverse(a: Term) -> Term:
    """The inverse of a matrix's transpose, of complex ones conjugated, `A⁻ᵀ` or `A⁻ᴴ`."""
    if a.adjoint_of is not None:
        return inverse(a.adjoint_of)
    flipped = build(lambda text: text, lambda v: v.mH, lambda term: term.size.mT, a)
    return inverse(flipped, "⁻ᴴ" if a.complex else "⁻ᵀ")


def _column(n: Context, term: Term) -> Term:
    """One number for each matrix, to stand beside the matrices."""
    return unsqueezed(term, (True,) * (len(n.shape) - 2) + (False, False))


def _linear(
    name: str, change: Callable[[torch.Tensor], torch.Tensor], a: Term, note: str = ""
) -> Term:
    """A function of matrices that is linear and without signs, `triu(A)`."""
    return build(
        lambda text: Text(f"{name}({text.text})"), change, lambda t: change(t.size), a
    ).noted(note)


def triu(a: Term) -> Term:
    """The upper triangle of each matrix, with its diagonal."""
    return _linear("triu", lambda v: v.triu(), a)


def tril(a: Term) -> Term:
    """The lower triangle of each matrix, with its diagonal."""
    return _linear("tril", lambda v: v.tril(), a)


def diagonal_matrix(a: Term) -> Term:
    """A diagonal matrix of a vector, `diag(L)`."""
    return _linear("diag", lambda v: v.diag_embed(), a)


def diagonal(a: Term) -> Term:
    """A diagonal matrix of a matrix's diagonal, `I ⊙ A`."""
    return _linear("I ⊙ ", lambda v: v.diagonal(dim1=-2, dim2=-1).diag_embed(), a, PROJECTION)


def _mirrored(v: torch.Tensor) -> torch.Tensor:
    return v.tril() + v.tril(-1).mH


def _determinant(n: Context) -> Term:
    return _column(n, n.g) * _column(n, n.result) * adjoint_inverse(n)


def _log_determinant(n: Context) -> Term:
    """Of the two outputs the sign is constant, unless it is complex."""
    if n.gradient.incoming[1] is None or (n.A.complex and n.gradient.incoming[0] is not None):
        raise NoRuleError("the gradient of the sign alone")
    return _column(n, n.incoming(1)) * adjoint_inverse(n)


def _solved(n: Context) -> tuple[Term, bool]:
    """The gradient of B in A X = B, or X A = B, and whether X is a vector for each matrix."""
    vector = len(n.g_shape) == len(_value_shape(n, "A")) - 1
    g = unsqueezed(n.g, (True,) * len(n.g_shape) + (False,)) if vector else n.g
    solved = adjoint_inverse(n) @ g if n.plain("left") else g @ adjoint_inverse(n)
    return solved, vector


def _value_shape(n: Context, name: str) -> tuple[int, ...]:
    shape = getattr(n.plain(name), "shape", None)
    if shape is None:
        raise NoRuleError(name)
    return tuple(shape)


def _solution(n: Context, *, vector: bool) -> Term:
    result = n.saved("result")
    return unsqueezed(result, (True,) * len(n.g_shape) + (False,)) if vector else result


def _solve_matrix(n: Context) -> Term:
    solved, vector = _solved(n)
    x = _solution(n, vector=vector).mH
    return summed_to_shape(n, -(solved @ x) if n.plain("left") else -(x @ solved))


def _solve_right(n: Context) -> Term:
    solved, vector = _solved(n)
    return summed_to_shape(n, solved.silently(lambda a: a.squeeze(-1)) if vector else solved)


def _triangle(n: Context) -> Term:
    """The triangular matrix of a triangular system, of which the rest is not read."""
    own = n.saved("self")
    upper, unit = bool(n.plain("upper")), bool(n.plain("unitriangular"))

    def cut(v: torch.Tensor) -> torch.Tensor:
        part = v.triu(int(unit)) if upper else v.tril(-int(unit))
        return part + torch.eye(v.shape[-1], dtype=v.dtype) if unit else part

    name = ("triu" if upper else "tril") if not unit else ("unit_triu" if upper else "unit_tril")
    return _linear(name, cut, own)


def _triangular_right(n: Context) -> Term:
    triangle = _triangle(n)
    turned = turned_inverse(triangle)
    return turned @ n.g if n.plain("left") else n.g @ turned


def _triangular_matrix(n: Context) -> Term:
    solved, x = _triangular_right(n), n.saved("result").mH
    full = -(solved @ x) if n.plain("left") else -(x @ solved)
    unit = int(bool(n.plain("unitriangular")))
    upper = bool(n.plain("upper"))
    name = ("triu" if upper else "tril") + (f" {'+' if upper else '−'}1" if unit else "")
    part = _linear(name, lambda v: v.triu(unit) if upper else v.tril(-unit), full)
    return summed_to_shape(n, part)


def _cholesky(n: Context) -> Term:
    factor, g = n.saved("L" if n.has("L") else "result"), n.g
    if n.plain("upper"):
        factor, g = factor.mH, g.mH
    middle = _linear("mirror", _mirrored, factor.mH @ g, MIRROR)
    return turned_inverse(factor) @ middle @ inverse(factor) / 2


def _gaps(values: Term) -> Term:
    """E_ij = λ_j − λ_i, and 1 on the diagonal."""

    def gaps(v: torch.Tensor) -> torch.Tensor:
        difference: torch.Tensor = v.unsqueeze(-2) - v.unsqueeze(-1)
        return difference + torch.eye(v.shape[-1], dtype=v.dtype)

    def size(term: Term) -> torch.Tensor:
        magnitude: torch.Tensor = term.size.unsqueeze(-2) + term.size.unsqueeze(-1)
        return magnitude

    return build(lambda text: Text("E"), gaps, size, values).noted(GAPS)


def _eigh(n: Context) -> Term:
    vectors = n.saved("eigenvectors")
    whole = vectors @ _hermitian_middle(n, vectors) @ vectors.mH
    if n.gradient.incoming[1] is None:
        return whole
    return _linear("half", lambda v: (v + v.mH) / 2, whole, "half(X) = (X + Xᴴ) / 2")


def _hermitian_middle(n: Context, vectors: Term) -> Term:
    values = None if n.gradient.incoming[0] is None else diagonal_matrix(n.incoming(0))
    if n.gradient.incoming[1] is None:
        if values is None:
            raise NoRuleError("a gradient")
        return values
    turned = vectors.mH @ n.incoming(1) / _gaps(n.saved("eigenvalues"))
    apart = _linear("offdiag", _off_diagonal, turned)
    return apart if values is None else apart + values


def _off_diagonal(v: torch.Tensor) -> torch.Tensor:
    return v - v.diagonal(dim1=-2, dim2=-1).diag_embed()


def _eig(n: Context) -> Term:
    vectors = n.saved("eigenvectors")
    if n.gradient.incoming[1] is None:
        middle = diagonal_matrix(n.incoming(0))
    else:
        turned = vectors.mH @ n.incoming(1)
        along = vectors.mH @ vectors @ diagonal(real(turned))
        apart = _linear("offdiag", _off_diagonal, (turned - along) / _gaps(n.eigenvalues))
        values = n.gradient.incoming[0]
        middle = apart if values is None else apart + diagonal_matrix(n.incoming(0))
    return adjoint_inverse(n, "eigenvectors") @ middle @ vectors.mH


def _svd(n: Context) -> Term:
    """A = U · diag(S) · Vh; what the vectors add needs all of U and Vh, else torch does it anew."""
    if n.gradient.incoming[0] is not None or n.gradient.incoming[2] is not None:
        return _svd_vectors(n)
    return n.saved("U") @ diagonal_matrix(n.incoming(1)) @ n.saved("Vh")


def _svd_vectors(n: Context) -> Term:
    left, right = n.saved("U"), n.saved("Vh").mH
    if left.complex or n.plain("full_matrices"):
        raise NoRuleError("the phases of singular vectors")
    values = n.saved("S")
    gaps, spread = let("E", _gaps(values**2), "E: the gaps of S²"), diagonal_matrix(values)
    middle = lift(0)
    if n.gradient.incoming[0] is not None:
        middle = middle + _skew(left.mT @ n.incoming(0)) / gaps @ spread
    if n.gradient.incoming[2] is not None:
        middle = middle + spread @ (_skew(right.mT @ n.incoming(2).mH) / gaps)
    if n.gradient.incoming[1] is not None:
        middle = middle + diagonal_matrix(n.incoming(1))
    term = left @ middle @ right.mT
    rows, columns = n.shape[-2:]
    narrow = diagonal_matrix(1 / values)
    if n.gradient.incoming[0] is not None and rows > columns:
        g = n.incoming(0)
        term = term + (g - left @ (left.mT @ g)) @ narrow @ right.mT
    if n.gradient.incoming[2] is not None and columns > rows:
        g = n.incoming(2)
        term = term + left @ narrow @ (g - (g @ right) @ right.mT)
    return term


def _skew(a: Term) -> Term:
    return build(
        lambda text: Text(f"skew({text.text})"),
        lambda v: v - v.mH,
        lambda t: t.size + t.size.mT,
        a,
    ).noted("skew(X) = X − Xᵀ")


def _qr(n: Context) -> Term:
    """A = Q · R of at least as many rows as columns; torch does the others anew."""
    if n.shape[-2] < n.shape[-1] or n.plain("mode") != "reduced":
        raise NoRuleError("a wide matrix")
    q, r = n.saved("Q"), n.saved("R")
    used = [value is not None for value in n.gradient.incoming]
    inner = n.incoming(1) @ r.mH if used[1] else lift(0)
    if used[0]:
        turned = q.mH @ n.incoming(0)
        inner = inner - turned if used[1] else -turned
    whole = q @ _linear("sym", _symmetric, triu(inner), "sym(X) = X + Xᴴ, the diagonal once")
    return (whole + n.incoming(0) if used[0] else whole) @ turned_inverse(r)


def _symmetric(v: torch.Tensor) -> torch.Tensor:
    both: torch.Tensor = v + v.mH
    return both - v.diagonal(dim1=-2, dim2=-1).real.diag_embed().to(v.dtype)


def _pseudo_inverse(n: Context) -> Term:
    p, a, g = n.saved("result"), n.saved("self"), n.g.mH
    rows, columns = n.shape[-2:]
    term = -(p.mH @ n.g @ p.mH)
    if rows > columns:
        term = term + (g - a @ (p @ g)) @ p @ p.mH
    elif columns > rows:
        term = term + p.mH @ p @ (g - (g @ p) @ a)
    else:
        term = term + (g - a @ (p @ g)) @ p @ p.mH + p.mH @ p @ (g - (g @ p) @ a)
    return term


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
    used = [i for i, value in enumerate(n.gradient.incoming) if value is not None]
    parts = []
    for i in used:
        name, below = (("tril −1", True), ("triu", False))[i]

        def widen(v: torch.Tensor, below: bool = below) -> torch.Tensor:
            whole = v.new_zeros(n.shape)
            whole[..., : v.shape[-2], : v.shape[-1]] = v
            return whole.tril(-1) if below else whole.triu()

        parts.append(_linear(name, widen, n.incoming(i)))
    return sum(parts[1:], start=parts[0])


def _addr(n: Context) -> Term:
    g = n.g.mT if n.slot == 2 else n.g
    vector = n.vec2 if n.slot == 1 else n.vec1
    product = build(
        lambda a, b: Text(f"{a.within(PRODUCT)} @ {b.within(POWER)}", PRODUCT),
        lambda a, b: a @ b,
        lambda a, b: a.size @ b.size,
        g,
        vector,
    )
    return product * n.alpha


RULES: Rules = {
    "LinalgDetBackward0": _determinant,
    "LinalgSlogdetBackward0": _log_determinant,
    "LinalgInvExBackward0": lambda n: -(n.saved("inverse").mH @ n.g @ n.saved("inverse").mH),
    "LinalgSolveExBackward0": (_solve_matrix, _solve_right),
    "LinalgSolveTriangularBackward0": (
        _triangular_matrix,
        lambda n: summed_to_shape(n, _triangular_right(n)),
    ),
    "CholeskyBackward0": _cholesky,
    "LinalgCholeskyExBackward0": _cholesky,
    "LinalgEighBackward0": _eigh,
    "LinalgEigBackward0": _eig,
    "LinalgSvdBackward0": _svd,
    "LinalgQrBackward0": _qr,
    "LinalgPinvBackward0": _pseudo_inverse,
    "LinalgMatrixExpBackward0": recomputed,
    "LuUnpackBackward0": _unpacked,
    "LinalgCrossBackward0": (
        lambda n: _cross(n, n.other, n.g),
        lambda n: _cross(n, n.g, n.self),
    ),
    "AddrBackward0": (lambda n: summed_to_input(n, n.g * n.beta), _addr, _addr),
}
