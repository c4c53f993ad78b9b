"""Gradients read while a backward pass runs: where they pass, and none of them is kept.

Small ones are copied there, and the copies read together: that is many times quicker. A gradient
that goes along an edge is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import (
    count,
    is_nested,
    is_wrapped,
    plain_of,
    quiet,
    version_of,
)
from engine.autograd.summary import Summaries
from engine.autograd.tensor_reader import (
    STACK_LIMIT,
    plain_values,
    quiet_value_of,
    unread,
    values_of,
)
from engine.autograd.values import Value
from engine.uncollected import uncollected

COPIES_LIMIT = 1 << 21
"""Elements of gradients that are copied, to be read together, before those copies are read."""

_STRIDED = torch.strided


class GradientReader:
    """Reads gradients one by one, and tells at which place the value of each will be.

    Where one may be of other than a plain type, call it under `quiet`.
    """

    def __init__(self) -> None:
        self._values: list[Value] = []
        """Of every gradient that has been read."""
        self._unread: list[torch.Tensor | Value] = []
        """Of those after them a copy or, where it is large, its value."""
        self._copied = 0
        """Elements of the copies."""
        self._large: dict[int, Value] = {}
        """By their place, the values that were read where they passed."""
        self._alive = Summaries()
        """Of large gradients of the node that has just run."""
        self._known: dict[int, tuple[OwnRef, int, int]] = {}
        """By the `id` of a gradient: itself, its version, and where its value is."""

    def next_node(self) -> None:
        """Another node has run: gradients of the one before may be gone."""
        self._alive.clear()

    def values(self) -> Callable[[int | None], Value | None]:
        """What gives the value at a place, None for None; to be had when the pass is over."""
        self._read_copies()
        return lambda at: None if at is None else self._values[at]

    def place_of(self, gradient: torch.Tensor | None) -> int | None:
        """Where the gradient's value is, or will be."""
        if gradient is None:
            return None
        # Of a plain tensor, the usual case, torch is asked itself: that is many times quicker.
        usual = type(gradient) is torch.Tensor and not gradient.is_inference()
        version = gradient._version if usual else version_of(gradient)
        known = self._known.get(id(gradient))
        if known is not None and known[0]() is gradient and known[1] == version:
            if (at := known[2]) in self._large and (plain := plain_of(gradient)) is not None:
                self._alive.add(plain, self._large[at].summary)
            return at
        at = len(self._values) + len(self._unread)
        self._known[id(gradient)] = OwnRef(gradient), version, at
        if is_nested(gradient) or (size := count(gradient)) > STACK_LIMIT:
            value = self._large[at] = quiet_value_of(gradient, known=self._alive)
            self._unread.append(value)
            return at
        self._unread.append(_kept(gradient, usual=usual and not is_wrapped(gradient)))
        self._copied += size
        if self._copied > COPIES_LIMIT:
            self._read_copies()
        return at

    def at_once(self, grads: Sequence[torch.Tensor]) -> None:
        """Read gradients that are there before the pass, all together."""
        values = values_of(grads)
        for grad in grads:
            at = len(self._values)
            self._known[id(grad)] = OwnRef(grad), version_of(grad), at
            self._values.append(values[id(grad)])

    def _read_copies(self) -> None:
        """Read what has been copied, all at once, and let go of it."""
        with uncollected(), quiet():
            copies = iter(plain_values([one for one in self._unread if not isinstance(one, Value)]))
        self._values += [one if isinstance(one, Value) else next(copies) for one in self._unread]
        self._unread, self._copied = [], 0


def _kept(gradient: torch.Tensor, *, usual: bool) -> torch.Tensor | Value:
    """A copy of a small tensor, which is read later; its value where it has none to be copied."""
    if usual and gradient.is_cpu and gradient.layout is _STRIDED:
        try:
            return (gradient.detach() if torch.is_grad_enabled() else gradient).clone()
        except RuntimeError:  # one of many examples, as `is_grads_batched` runs them together
            return unread(gradient)
    plain = plain_of(gradient)
    return quiet_value_of(gradient) if plain is None else plain.clone()
