"""The arguments of the function behind a node, as far as the node has saved them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from engine.autograd.values import Plain, Value
from engine.rules.anew.derivatives import Derivative
from engine.rules.anew.restored import RESTORED
from engine.rules.context import Context, NoRuleError
from engine.rules.named import is_complex, named
from engine.rules.term import Term, lift
from engine.rules.text import Text

CHOSEN: Mapping[tuple[str, str], Plain] = {
    ("_linalg_svd", "full_matrices"): False,
}
"""Arguments that nodes do not save, or with which there would be nothing to compare."""
Argument = Term | list[Term] | list[Term | None] | Plain
Input = tuple[str, int | None]
"""An argument that has a gradient, and the place where it is a list of tensors."""


class Arguments:
    """The arguments by name, and which of them are the node's inputs."""

    def __init__(self, n: Context, derivative: Derivative, schema: Any) -> None:
        self._n = n
        self._derivative = derivative
        self._results = {"result"} | {made.name for made in schema.returns}
        self._results |= {f"result{i}" for i in range(len(schema.returns))}
        self._inputs: list[Input] = []
        self.complete = True
        """Whether the node has saved all of them, so that they are the same for every input."""
        self.given: dict[str, Argument] = {a.name: self._content(a) for a in schema.arguments}
        """Every argument of the schema; raises NoRuleError where one is needed and not known."""

    @property
    def inputs(self) -> list[Input]:
        """The arguments that autograd gave a gradient."""
        results = self._n.gradient.outgoing
        return [one for one, got in zip(self._inputs, results, strict=False) if got is not None]

    @property
    def wanted(self) -> Input:
        """The argument that is the context's input."""
        return self._inputs[self._n.slot]

    def _content(self, argument: Any) -> Argument:
        name, kind = argument.name, str(argument.type)
        if kind == "List[Tensor]":
            return self._list(name)
        if "List[Optional[Tensor]]" in kind:
            return self._indices(name)
        if "Tensor" in kind:
            return self._tensor(name, optional=kind.startswith("Optional"))
        if (self._derivative.op, name) in CHOSEN:
            return CHOSEN[self._derivative.op, name]
        content = self._n.plain(name)
        if any(saved.name == name for saved in self._n.node.saved):
            return None if isinstance(content, Value) else content
        if (self._derivative.op, name) == ("linalg_lstsq", "driver"):
            return self._least_squares_driver()
        if argument.has_default_value():
            return argument.default_value  # type: ignore[no-any-return]
        return self._guessed(name, kind)

    def _guessed(self, name: str, kind: str) -> Plain:
        """What has no default and was not saved: of most it makes no difference what it is."""
        if kind.startswith("Optional"):
            return None
        if name == "output_size":
            return self._n.g_shape[-_plane_rank(self._derivative.op) :]
        if name in ("input_size", "input_sizes"):
            return self._n.g_shape
        if name == "num_weights":
            return self._n.g_shape[0]
        if name == "output_mask":
            return tuple(value is not None for value in self._n.gradient.incoming)
        if name == "last_dim_size":
            return self._n.g_shape[self._n.integers("dim")[-1]]
        if kind in ("number", "int", "float", "bool"):
            return 0
        raise NoRuleError(name)

    def _least_squares_driver(self) -> str | None:
        """The one that gives residuals, where there were any."""
        residuals = self._n.gradient.incoming[-1]
        return None if residuals is None or 0 in residuals.shape else "gels"

    def _tensor(self, name: str, *, optional: bool) -> Term | None:
        slot = len(self._inputs) if name in self._derivative.inputs else None
        if slot is not None:
            self._inputs.append((name, None))
        content = self._n.plain(name)
        if isinstance(content, Value):
            return _as_saved(name, content)
        if isinstance(content, int | float | complex):
            return lift(content)
        if (self._derivative.op, name) in RESTORED:
            return RESTORED[self._derivative.op, name](self._n)
        if optional and slot != self._n.slot:
            self.complete = False
            return None
        return self._any(name, slot)

    def _list(self, name: str) -> list[Term]:
        count = len(self._n.gradient.outgoing) - len(self._derivative.inputs) + 1
        found = []
        for place in range(count):
            label, slot = f"{name}[{place}]", len(self._inputs)
            self._inputs.append((name, place))
            content = self._n.plain(label)
            known = isinstance(content, Value)
            found.append(_as_saved(label, content) if known else self._any(label, slot))  # type: ignore[arg-type]
        return found

    def _indices(self, name: str) -> list[Term | None]:
        parts = self._n.plain(name)
        if not isinstance(parts, tuple):
            raise NoRuleError(name)
        names = [f"{name}[{i}]" for i in range(len(parts))]
        values = zip(names, map(self._n.plain, names), strict=True)
        return [_as_saved(label, v) if isinstance(v, Value) else None for label, v in values]

    def _any(self, name: str, slot: int | None) -> Term:
        """Any tensor of the right shape, where the gradient depends on no more of it.

        It does where autograd's formula takes the result instead, though not of a bias.
        """
        self.complete = False
        inputs = self._derivative.inputs
        formula = self._derivative.formulas[inputs[min(self._n.slot, len(inputs) - 1)]]
        if name != "bias" and self._results & set(re.findall(r"\w+", formula)):
            raise NoRuleError("the argument that led to the result")
        shape = None if slot is None else self._n.shapes[slot]
        sizes = self._n.plain(f"{name}_sym_sizes") or self._n.plain(f"{name}_sizes")
        if isinstance(sizes, tuple):
            shape = tuple(int(str(size)) for size in sizes)
        zeros = torch.zeros(
            self._n.g_shape if shape is None else shape, dtype=self._dtype(), device="cpu"
        )
        return Term(Text(name), Text(name), zeros, zeros.abs(), complex=zeros.is_complex())

    def _dtype(self) -> torch.dtype:
        result = self._n.gradient.outgoing[self._n.slot]
        return torch.complex128 if result is not None and is_complex(result) else torch.float64


def _plane_rank(op: str) -> int:
    """The number of dimensions that pooling and its like work in: 2 of `max_unpool2d`."""
    digits = re.findall(r"([123])d", op)
    return int(digits[0]) if digits else 1


def _as_saved(name: str, value: Value) -> Term:
    """A saved tensor in double precision; what counts or picks keeps its kind of numbers."""
    term, dtype = named(name, value), getattr(torch, value.dtype)
    if term.value is None or dtype.is_floating_point or dtype.is_complex:
        return term
    return replace(term, value=term.value.to(dtype))
