"""Terms of what has a name: the tensors of a node, and the constants of mathematics."""

from __future__ import annotations

import math

import torch

from engine.autograd.values import Value, shape_text, value_text
from engine.rules.term import Constant, Term
from engine.rules.text import ATOM, NEGATIVE, SUM, Text

TEXT_LIMIT = 48
"""Longer numbers are abbreviated by shape: `self[50×1]`."""


def named_number(symbol: str, number: Constant) -> Term:
    """A constant of mathematics, which stays its symbol: `π`."""
    text = Text(symbol)
    return Term(text, text, number, abs(number), complex=isinstance(number, complex))


PI = named_number("π", math.pi)
I = named_number("i", 1j)  # noqa: E741 - the field's name for it


def named(name: str, value: Value | None) -> Term:
    """A tensor under its name; None for one that is not known."""
    if value is None:
        return Term(Text(name), Text(name), None, None)
    tensor = tensor_of(value)
    return Term(
        Text(name),
        _numbers(name, value),
        tensor,
        None if tensor is None else tensor.abs(),
        complex=is_complex(value),
    )


def _numbers(name: str, value: Value) -> Text:
    written = value_text(value)
    if not _complete(value) or len(written) > TEXT_LIMIT:
        return Text(f"{name}[{shape_text(value.shape)}]")
    if is_complex(value) and not value.shape:
        return Text(written, SUM)
    return Text(written, NEGATIVE if written.startswith("-") else ATOM)


def is_complex(value: Value) -> bool:
    """Whether a value's numbers are complex."""
    return value.dtype.startswith("complex")


def tensor_of(value: Value) -> torch.Tensor | None:
    """All elements of a value in double precision, on the CPU; None where it is incomplete."""
    if not _complete(value):
        return None
    dtype = torch.complex128 if is_complex(value) else torch.float64
    return torch.tensor(value.numbers, dtype=dtype, device="cpu").reshape(value.shape)


def _complete(value: Value) -> bool:
    # A tensor whose numbers cannot be read has none, though a scalar's corner equals its shape.
    return value.whole and (bool(value.numbers) or 0 in value.shape)
