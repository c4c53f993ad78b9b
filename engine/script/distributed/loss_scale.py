"""The scale of the GradScaler that is in use, seen where the script scales its loss with it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from engine.autograd.not_compiled import never_compile


class LossScale:
    """Knows the GradScaler that has scaled a loss last.

    `unscales` is called before gradients are divided by the scale, where an update begins.
    """

    def __init__(self, unscales: Callable[[], object]) -> None:
        self._unscales = unscales
        self._scaler: weakref.ref[Any] | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, GradScalers are seen."""
        kind: Any = torch.amp.GradScaler
        scale, unscale = kind.scale, kind.unscale_

        def scaling(scaler: Any, outputs: Any) -> Any:
            if self._scaler is None or self._scaler() is not scaler:
                self._scaler = weakref.ref(scaler)
            return scale(scaler, outputs)

        def unscaling(scaler: Any, optimizer: Any) -> Any:
            self._unscales()
            return unscale(scaler, optimizer)

        for function in (scaling, unscaling):
            never_compile(function.__code__)
        kind.scale = functools.wraps(scale)(scaling)
        kind.unscale_ = functools.wraps(unscale)(unscaling)
        try:
            yield
        finally:
            kind.scale, kind.unscale_ = scale, unscale

    def now(self) -> torch.Tensor | None:
        """A copy of the scale, to be read later; None without a scaler that is in use."""
        scaler = self._scaler() if self._scaler is not None else None
        found = getattr(scaler, "_scale", None) if scaler is not None else None
        return found.detach().clone() if isinstance(found, torch.Tensor) else None
