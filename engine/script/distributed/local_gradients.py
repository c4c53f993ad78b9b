"""What one pass leaves in the leaves of this rank, before the ranks reduce it.

Hooks see it on the way: DDP reduces a gradient after them. They are there for the one pass alone,
ahead of the script's own, which may reduce it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch

from engine.autograd.not_compiled import never_compile
from engine.autograd.quiet import PLAIN, is_quiet, quiet, requires_grad
from engine.autograd.tensor_reader import quiet_value_of
from engine.autograd.values import Value
from engine.script.distributed.marks import flat_of, local_of
from engine.script.passes.norms import norms_of

_OURS = "linreg-tui"
"""Among hooks that torch numbers."""


class LocalGradients:
    """Sees the gradient of every leaf where a pass has computed it.

    `deep`: keeps numbers of it too.
    """

    def __init__(self, leaves: Sequence[torch.Tensor], *, deep: bool) -> None:
        self._leaves = leaves
        self._deep = deep
        self.norms: dict[int, torch.Tensor] = {}
        """The norms by position, each of them a tensor that may be read later."""
        self.values: dict[int, Value] = {}
        """Numbers of the gradients, by position."""
        self.order: list[int] = []
        """The positions of the leaves in the order in which gradients came to them."""
        self._hooked: list[tuple[dict[Any, Any], Any]] = []
        """The hooks of leaves, and which of them are ours."""

    def attach(self) -> None:
        """See every gradient from now on, ahead of the hooks that are there."""
        for position, tensor in enumerate(self._leaves):
            if not requires_grad(tensor):
                continue  # frozen since: torch lets nobody hook it
            leaf: Any = tensor  # torch has no types for its hooks
            hooks = leaf._post_accumulate_grad_hooks
            if leaf._backward_hooks:  # they may reduce it
                handle = leaf.register_hook(partial(self._came, position))
                hooks, key = leaf._backward_hooks, handle.id
            elif hooks is None:
                handle = leaf.register_post_accumulate_grad_hook(partial(self._added, position))
                hooks, key = leaf._post_accumulate_grad_hooks, handle.id
            else:  # as the call above does where there have been hooks before, and quicker
                key = _OURS
                hooks[key] = partial(self._added, position)
            _put_first(hooks, key)
            self._hooked.append((hooks, key))

    def detach(self) -> None:
        """Take the hooks away: no gradient is seen any more."""
        for hooks, key in self._hooked:
            hooks.pop(key, None)
        self._hooked.clear()

    def is_of(self, elements: int) -> int | None:
        """The position of the leaf that was seen last, if it has so many elements."""
        last = self.order[-1] if self.order else None
        return last if last is not None and self._leaves[last].numel() == elements else None

    def _added(self, position: int, leaf: torch.Tensor) -> None:
        gradient = leaf.grad
        if gradient is not None:
            self.look(position, gradient)

    def _came(self, position: int, gradient: torch.Tensor) -> None:
        self.look(position, gradient)

    def look(self, position: int, gradient: torch.Tensor) -> None:
        """Keep what there is to know of the gradient of a leaf, as it is now."""
        try:
            if type(gradient) in PLAIN and is_quiet() and not self._deep:
                plain = gradient.detach() if gradient.requires_grad else gradient
                if plain.layout is torch.strided and plain.dtype is torch.float32:
                    self._keep(position, torch.linalg.vector_norm(plain))
                    return
            with quiet():
                self._look_closely(position, gradient)
        except Exception:  # the script's pass goes on; what is not known is left out
            self.norms.pop(position, None)

    def _look_closely(self, position: int, gradient: torch.Tensor) -> None:
        flat = flat_of(gradient)
        if flat is not None:
            self._keep(position, norms_of([flat])[0])
        if self._deep:
            self.values[position] = quiet_value_of(local_of(gradient))

    def _keep(self, position: int, norm: torch.Tensor) -> None:
        if position not in self.norms:
            self.order.append(position)
        self.norms[position] = norm

    never_compile(_added.__code__)
    never_compile(_came.__code__)
    never_compile(look.__code__)


def _put_first(hooks: Any, key: int) -> None:
    """Have the hook of a key run before the others."""
    if len(hooks) > 1:
        ours = hooks.pop(key)
        others = dict(hooks)
        hooks.clear()
        hooks[key] = ours
        hooks.update(others)
