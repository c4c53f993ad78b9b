"""Weak references to a script's tensors, of which torch knows nothing.

`torch.utils.swap_tensors`, by which modules with distributed parameters are moved, as by
`to_empty` or `to`, refuses a tensor that anybody has a weak reference to.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


class OwnRef(weakref.ref[torch.Tensor]):
    """A weak reference that is nobody's but ours."""

    __slots__ = ()


class _Weakref:
    """The module `weakref`, as it is but for our references."""

    def __getattr__(self, name: str) -> Any:
        return getattr(weakref, name)

    @staticmethod
    def getweakrefs(one: object) -> list[Any]:
        return [ref for ref in weakref.getweakrefs(one) if not isinstance(ref, OwnRef)]


@contextmanager
def hidden_from_torch() -> Iterator[None]:
    """While entered, torch swaps tensors as if there were no references of ours."""
    scope = vars(torch.utils)
    real = scope.get("weakref")
    if real is not weakref:  # another torch, which asks in another way
        yield
        return
    scope["weakref"] = _Weakref()
    try:
        yield
    finally:
        scope["weakref"] = real
