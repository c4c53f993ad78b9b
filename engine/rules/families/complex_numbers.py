"""Rules of complex numbers and Fourier transforms.

Of a real loss L autograd's gradient of a complex z is ∂L/∂Re(z) + i · ∂L/∂Im(z), the direction of
steepest ascent; hence the conjugates of what was saved.
"""

from __future__ import annotations

import torch

from engine.rules.anew.recomputed import worded_anew
from engine.rules.context import Context, Rules, summed_to_input
from engine.rules.functions import absolute, imaginary, is_zero, real, sign, zero_where
from engine.rules.named import I
from engine.rules.term import Term, build, lift
from engine.rules.text import SUM, WORDS, Text

FOURIER = "F: the transform as a matrix, with its direction and scale; Fᴴ: its conjugate transpose"
TWICE_INSIDE = "frequencies that stand for two, themselves and their mirror, get twice as much"


def _angle(n: Context) -> Term:
    own = n.saved("self")
    if not own.complex:
        return lift(0).noted("the angle of a real number is 0 or π: a step")
    term = n.g * I * own / absolute(own) ** 2
    return zero_where(term, is_zero, own, said="self = 0")


def _sgn(n: Context) -> Term:
    own, result = n.saved("self"), n.saved("result")
    if not own.complex:
        return lift(0).noted("a step function is flat wherever it has a derivative")
    away = n.g - real(n.g * result.conj) * result
    return zero_where(away / absolute(own), is_zero, own, said="self = 0")


def _as_complex(n: Context) -> Term:
    return build(
        lambda a: Text(f"{a.within(SUM)} as numbers Re + i · Im", WORDS),
        lambda a: torch.complex(*a.unbind(-1)),
        lambda term: term.size.sum(-1),
        n.g,
    )


def _as_pairs(n: Context) -> Term:
    return n.g.worded("{} as pairs Re, Im", _pairs)


def _pairs(a: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(a) if a.is_complex() else torch.stack((a, torch.zeros_like(a)), -1)


RULES: Rules = {
    "AngleBackward0": _angle,
    "SgnBackward0": _sgn,
    "PolarBackward0": (
        lambda n: summed_to_input(n, real(n.g.conj * sign(n.saved("result")))),
        lambda n: summed_to_input(n, real(n.g.conj * (I * n.saved("result")))),
    ),
    "ComplexBackward0": (
        lambda n: summed_to_input(n, real(n.g)),
        lambda n: summed_to_input(n, imaginary(n.g)),
    ),
    "ConjBackward0": lambda n: n.g.conj,
    "ConjPhysicalBackward0": lambda n: n.g.conj,
    "ConjPhysicalBackward1": lambda n: n.g.conj,
    "NegViewBackward0": lambda n: -n.g,
    "VdotBackward0": (lambda n: n.g.conj * n.saved("other"), lambda n: n.g * n.saved("self")),
    "ViewAsRealBackward0": _as_complex,
    "ViewAsComplexBackward0": _as_pairs,
    "FftR2CBackward0": worded_anew("Re(Fᴴ {})", FOURIER),
    "FftC2CBackward0": worded_anew("Fᴴ {}", FOURIER),
    "FftC2RBackward0": worded_anew("{} back through the transform", TWICE_INSIDE),
}
