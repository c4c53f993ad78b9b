"""What a decomposition was made of, from its saved factors alone.

The factors that torch finds anew may differ from the saved ones by a sign, of complex matrices by
a phase, for each column; the gradients are turned by as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch

from engine.autograd.values import Value
from engine.rules.context import Context
from engine.rules.named import tensor_of
from engine.rules.term import Content, Term

FACTORS: Mapping[str, tuple[str, int, int]] = {"linalg_qr": ("Q", 0, 1), "_linalg_svd": ("U", 0, 2)}
"""The saved left factor, and which outputs are the left and the right one."""


def _from_cholesky(name: str) -> Callable[[Context], Term]:
    def restore(n: Context) -> Term:
        upper = bool(n.plain("upper"))
        return _computed(lambda a: a.mH @ a if upper else a @ a.mH, n.saved(name))

    return restore


def _from_lu(n: Context) -> Term:
    return _computed(_unpacked, n.saved("LU"), n.saved("pivots"))


def _unpacked(lu: torch.Tensor, pivots: torch.Tensor) -> torch.Tensor:
    rows, lower, upper = torch.lu_unpack(lu, pivots.int())
    product: torch.Tensor = rows @ lower @ upper
    return product


def _from_solution(n: Context) -> Term:
    """B of op(A) X = B, or of X op(A) = B, from X."""
    left, flipped = bool(n.plain("left")), bool(n.plain("adjoint"))

    def multiply(lu: torch.Tensor, pivots: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        a = _unpacked(lu, pivots)
        a = a.mH if flipped else a
        return a @ x if left else x @ a

    return _computed(multiply, n.saved("LU"), n.saved("pivots"), n.saved("result"))


def _from_singular(n: Context) -> Term:
    def multiply(u: torch.Tensor, s: torch.Tensor, vh: torch.Tensor) -> torch.Tensor:
        k = s.shape[-1]
        return u[..., :k] * s.unsqueeze(-2) @ vh[..., :k, :]

    return _computed(multiply, n.saved("U"), n.saved("S"), n.saved("Vh"))


def _computed(change: Callable[..., torch.Tensor], *terms: Term) -> Term:
    """A Term of changed numbers, with the texts of the first one, which nobody sees."""
    first = terms[0]
    if any(term.value is None for term in terms):
        return replace(first, value=None, size=None)
    value: Content = change(*(term.value for term in terms))
    return replace(first, value=value, size=value.abs(), complex=value.is_complex())


RESTORED: Mapping[tuple[str, str], Callable[[Context], Term]] = {
    ("cholesky", "self"): _from_cholesky("result"),
    ("linalg_cholesky_ex", "self"): _from_cholesky("L"),
    ("linalg_lu", "A"): lambda n: _computed(
        lambda p, low, up: p @ low @ up, n.saved("P"), n.saved("L"), n.saved("U")
    ),
    ("linalg_lu_factor_ex", "A"): _from_lu,
    ("linalg_lu_solve", "B"): _from_solution,
    ("linalg_qr", "A"): lambda n: _computed(lambda q, r: q @ r, n.saved("Q"), n.saved("R")),
    ("_linalg_svd", "A"): _from_singular,
}
"""By function and argument, for nodes that have saved the result and not the argument."""


def turned(
    op: str, n: Context, made: Sequence[torch.Tensor], grads: Sequence[Term | None]
) -> list[Term | None]:
    """The gradients of a decomposition as they are of the factors that were `made` anew."""
    if op not in FACTORS:
        return list(grads)
    name, left, right = FACTORS[op]
    saved, new = n.plain(name), made[left].detach()
    if not isinstance(saved, Value) or (old := tensor_of(saved)) is None:
        return list(grads)
    width = new.shape[-1]
    phases = (old[..., :width].conj() * new).sum(-2)
    phases = phases / phases.abs()
    result = list(grads)
    result[left] = _scaled(grads[left], width, -1, phases.unsqueeze(-2))
    result[right] = _scaled(grads[right], width, -2, phases.conj().unsqueeze(-1))
    return result


def _scaled(g: Term | None, width: int, dim: int, phases: torch.Tensor) -> Term | None:
    if g is None or g.value is None:
        return g
    return replace(g, value=g.value.narrow(dim, 0, width) * phases)
