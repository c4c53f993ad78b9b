"""Inputs of every kind for the calls of `operations`, and what came of the rules on them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from engine.autograd.backward import BackwardFailed, record_backward
from engine.autograd.graph import LEAF_OP, Backward
from engine.autograd.values import Value
from engine.rules.local_rule import LocalRule
from engine.rules.table import local_rules
from tests.engine.rules import operations

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.complex64)
VARIANTS = ("plain", "strided", "ties", "edges")
POINTWISE_VARIANTS = (*VARIANTS, "broadcast", "scalar", "empty")
WRONG_IN_TORCH = {"F.silu(a*1,inplace=True)"}
"""Of complex numbers torch forgets the conjugate there, and refuses the same not in place."""
EDGES = (0.0, 1.0, -1.0, float("inf"), float("nan"), -0.0, 0.5, float("-inf"), 2.0, -3.0, 3.0, 6.0)

SHAPES = {
    "v": (4,),
    "u": (4,),
    "m": (3, 3),
    "k": (3, 3),
    "w": (2, 3),
    "r": (3, 2),
    "t": (2, 3, 4),
    "z": (2, 4, 3),
    "sig": (1, 2, 6),
    "im": (1, 2, 4, 4),
    "vol": (1, 1, 3, 3, 3),
    "ker1": (2, 2, 3),
    "ker2": (2, 2, 2, 2),
    "ker3": (1, 1, 2, 2, 2),
    "bil": (2, 3, 3),
    "points": (1, 2, 2, 2),
    "theta": (1, 2, 3),
    "q": (1, 2, 3, 4),
    "q2": (1, 2, 2, 4),
    "q3": (1, 2, 2, 4),
}
POINTWISE_SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "broadcast": {"a": (2, 3), "b": (3,), "c": (2, 1)},
    "scalar": {"a": (), "b": (), "c": ()},
    "empty": {"a": (0, 3), "b": (3,), "c": (0, 1)},
}
FIXED: dict[str, Any] = {
    "index": torch.tensor([2, 0]),
    "index2": torch.tensor([1, 0]),
    "order": torch.tensor([1, 2, 0]),
    "grid": torch.tensor([[0, 1, 2], [2, 1, 0], [1, 0, 2]]),
    "positions": torch.tensor([[[0, 3], [1, 1], [2, 0]], [[1, 0], [3, 2], [2, 2]]]),
    "mask2": torch.tensor([[True, False, True], [False, True, False], [True, True, False]]),
    "mask3": torch.arange(24).reshape(2, 3, 4) % 3 == 0,
    "bags": torch.tensor([[0, 2, 2], [1, 0, 1]]),
    "classes": torch.tensor([0, 2, 1]),
    "planes": torch.tensor([[[0, 1, 0, 1]] * 4]),
    "labels": torch.tensor([[0, 2, -1], [1, -1, 0], [2, 1, 0]]),
    "signs": torch.tensor([1.0, -1.0]),
    "targets": torch.tensor([[1], [2], [3]]),
    "lengths_in": torch.tensor([2, 2, 2]),
    "lengths_out": torch.tensor([1, 1, 1]),
    "lengths": torch.tensor([1, 3]),
    "None": None,
}


@dataclass(frozen=True)
class Case:
    """One call on one kind of input."""

    call: str
    variant: str
    dtype: torch.dtype

    def __str__(self) -> str:
        return f"{self.call} · {self.variant} · {str(self.dtype).removeprefix('torch.')}"


@dataclass(frozen=True)
class Outcome:
    """One gradient that left a node, and its rule, if it has one."""

    op: str
    result: Value
    rule: LocalRule | None
    small: bool
    """Whether all that the node got and saved is there, so that it can be checked."""
    values: dict[str, Value]
    """What the node has, by the names in formulas."""


def cases() -> Iterator[Case]:
    """Every call on every kind of input."""
    pointwise = operations.POINTWISE.split()
    named = operations.MATRICES, operations.PARTS, operations.NETWORKS, operations.UNUSUAL
    others = " ".join(named).split()
    for calls, variants in ((pointwise, POINTWISE_VARIANTS), (others, VARIANTS)):
        for call in calls:
            for variant in variants:
                yield from (Case(call, variant, dtype) for dtype in DTYPES)


def outcomes(case: Case) -> list[Outcome]:
    """What the rules say of every gradient of the call; nothing where torch has no such call."""
    backward = ran(case)
    return [] if backward is None else list(_outcomes(backward))


def node_classes(case: Case) -> set[str]:
    """The classes of the nodes that a call makes."""
    backward = ran(case)
    return set() if backward is None else {node.op for node in backward.graph.nodes}


def ran(case: Case) -> Backward | None:
    """The backward pass of a call; None where torch has no such call."""
    torch.manual_seed(0)
    names = _Names(case)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = eval(case.call, {"torch": torch, "F": F, "nn": nn}, names)
        loss = _weighed(made, names.generator)
    except (RuntimeError, TypeError, ValueError, IndexError):
        return None  # not for this dtype or shape, which is torch's own to say
    try:
        return None if loss is None else record_backward(loss)
    except BackwardFailed:
        return None


def _weighed(made: object, generator: torch.Generator) -> Tensor | None:
    """One number that every element of every output counts in by another weight."""
    parts = [
        part for part in pytree.tree_leaves(made) if isinstance(part, Tensor) and part.requires_grad
    ]
    total: Tensor | None = None
    for part in parts:
        weights = torch.randn(part.shape, generator=generator, dtype=torch.float32).to(part.dtype)
        weighed = (part * weights).sum()
        real = weighed.real if weighed.is_complex() else weighed
        total = real if total is None else total + real
    return total


class _Names(dict[str, Any]):
    """The names in a call, each made when it is asked for."""

    def __init__(self, case: Case) -> None:
        super().__init__(FIXED)
        self._case = case
        self.generator = torch.Generator().manual_seed(1)
        self["written"], self["part_of"], self["twice"] = _written, _part_of, _twice
        self["rows"] = _rows

    def __missing__(self, name: str) -> Tensor:
        made = self[name] = self._made(name)
        return made

    def _made(self, name: str) -> Tensor:
        if name == "spd":
            square = self["m"].detach()
            whole: Tensor = square @ square.mH + torch.eye(3, dtype=square.dtype)
            return whole.requires_grad_()
        if name in ("stats", "stats3"):
            return torch.linspace(0.2, 0.9, 3 if name == "stats3" else 2).to(self._case.dtype)
        pointwise = POINTWISE_SHAPES.get(self._case.variant, {})
        usual = SHAPES.get(name, (2, 3) if name in "abc" else None)
        shape = pointwise.get(name, usual)
        if shape is None:
            raise KeyError(name)  # Python looks among the globals then
        return self._filled(shape)

    def _filled(self, shape: tuple[int, ...]) -> Tensor:
        variant, dtype = self._case.variant, self._case.dtype
        if variant == "strided" and shape:
            wide = self._numbers((*shape[:-1], shape[-1] * 2)).to(dtype)
            return wide.requires_grad_()[..., ::2]
        return self._numbers(shape).to(dtype).requires_grad_()

    def _numbers(self, shape: tuple[int, ...]) -> Tensor:
        complex_ = self._case.dtype.is_complex
        numbers = torch.randn(shape, generator=self.generator, dtype=torch.float64)
        if self._case.variant == "ties":
            numbers = numbers.round().clamp(-1, 1)
        if self._case.variant == "edges":
            picked = torch.randint(len(EDGES), shape, generator=self.generator)
            numbers = torch.tensor(EDGES, dtype=torch.float64)[picked]
        if complex_:
            beside = torch.randn(shape, generator=self.generator, dtype=torch.float64)
            return torch.complex(numbers, beside if self._case.variant != "ties" else numbers)
        return numbers


def _written(whole: Tensor, key: tuple[Any, ...], part: Any) -> Tensor:
    """A copy of a tensor, a part of which is then assigned."""
    copy = whole * 1
    copy[key] = part
    return copy


def _part_of(whole: Tensor, method: str, *arguments: Any) -> Tensor:
    """A copy of a matrix whose second row is changed in place."""
    copy = whole * 1
    getattr(copy[1], method)(*arguments)
    return copy


def _rows(table: Tensor, index: Tensor) -> Tensor:
    """The rows of a table, as an embedding looks them up."""
    return F.embedding(index, table)


def _twice(function: Any, x: Tensor, *arguments: Any) -> Tensor:
    """The gradient of a function, which is to be differentiated once more."""
    made = function(x * 1, *arguments)
    (gradient,) = torch.autograd.grad((made * made).sum(), x, create_graph=True)
    return gradient


def _outcomes(backward: Backward) -> Iterator[Outcome]:
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        if node.op == LEAF_OP:
            continue
        rules = {rule.input: rule for rule in local_rules(node, gradient, backward.graph)}
        known = [value for value in gradient.incoming if value is not None]
        saved = {s.name: s.content for s in node.saved if isinstance(s.content, Value)}
        small = all(value.whole for value in (*known, *saved.values()))
        values = {f"g{i}": v for i, v in enumerate(gradient.incoming) if v is not None}
        if gradient.incoming[0] is not None:
            values["g"] = gradient.incoming[0]
        for slot, result in enumerate(gradient.outgoing):
            if result is not None:
                yield Outcome(
                    node.op, result, rules.get(slot), small and result.whole, values | saved
                )
