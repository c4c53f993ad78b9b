"""Gradients that add up from pass to pass, though the parameters have been stepped in between.

Adding up is what backward does, and often wanted. It is a mistake where a leaf is stepped with a
sum that has the gradient of an earlier step in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch

from engine.autograd.graph import Backward
from engine.autograd.quiet import live_grad
from engine.autograd.tensor_reader import quiet_value_of
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.recording.gradient_ledger import alike
from engine.script.checks.places import Place
from engine.script.checks.words import Words, listed


class _Leaf(NamedTuple):
    """A leaf when a pass had ended."""

    value: Value
    grad: Value


class _Pass(NamedTuple):
    """A pass in which gradients were added to those of a pass before the last step."""

    number: int
    moment: int
    place: Place
    sums: dict[str, Value]
    """By the names of the leaves, what they had in `.grad` after it."""


class Zeroing:
    """Compares every pass with the one before it, and the next step with both."""

    def __init__(self) -> None:
        self._number = -2
        self._before: dict[str, _Leaf] = {}
        self._names: dict[int, str] = {}
        """The names of the leaves of the last pass, by their `id`."""
        self._suspected: _Pass | None = None

    def after(
        self,
        backward: Backward,
        live: dict[int, torch.Tensor],
        number: int,
        moment: int,
        place: Place,
    ) -> Iterator[Finding]:
        """Yield what a pass tells of the one before it; `live` are its leaves, by position."""
        follows = number == self._number + 1
        stepped: list[str] = []
        sums: dict[str, Value] = {}
        now: dict[str, _Leaf] = {}
        for gradient in backward.gradients:
            leaf = backward.graph.nodes[gradient.node]
            if not leaf.is_leaf or leaf.name is None or leaf.value is None:
                continue
            then = self._before.get(leaf.name) if follows else None
            kept, after = gradient.grad_before, gradient.grad_after
            if then and kept and not kept.is_zero and not alike(then.value, leaf.value):
                wanted = self._suspected.sums.get(leaf.name) if self._suspected else None
                if wanted is not None and alike(wanted, kept):
                    stepped.append(leaf.name)
                if after is not None and alike(then.grad, kept):
                    sums[leaf.name] = after
            if after is not None:
                now[leaf.name] = _Leaf(leaf.value, after)
        yield from self._finding(stepped)
        self._suspected = _Pass(number, moment, place, sums) if sums else None
        self._number, self._before = number, now
        names = backward.graph.nodes
        self._names = {id(leaf): names[at].name or "" for at, leaf in live.items()}

    def stepped(self, parameters: list[torch.Tensor]) -> Iterator[Finding]:
        """An optimizer has stepped parameters; call it under `quiet`."""
        if self._suspected is None:
            return
        found = []
        for parameter in parameters:
            name = self._names.get(id(parameter), "")
            wanted, grad = self._suspected.sums.get(name), live_grad(parameter)
            if wanted is not None and grad is not None and alike(wanted, quiet_value_of(grad)):
                found.append(name)
        yield from self._finding(found)

    def _finding(self, names: list[str]) -> Iterator[Finding]:
        suspected = self._suspected
        if not names or suspected is None:
            return
        self._suspected = None
        number = suspected.number
        yield Words(
            f"The gradients of pass {number - 1} were still there in pass {number}: "
            f"{listed(names)} {'were' if len(names) > 1 else 'was'} stepped with the sum of both.",
            "backward adds to .grad, and nothing zeroed it in between: every step goes along all "
            "gradients so far.",
            "Call `optimizer.zero_grad()` (or `.grad.zero_()`) before every backward.",
            suspected.place,
        ).finding("zeroing", number, suspected.moment)
