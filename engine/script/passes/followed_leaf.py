"""One leaf of a script: how it is found pass after pass, and where a row has its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import is_readable, is_wrapped, plain_of
from engine.autograd.shared_gradients import gradient_of
from engine.script.frames.frame_variables import variables_of

SMALL = 64
"""Leaves of at most so many elements are copied whole."""
SAMPLE = 256
"""Elements of a larger leaf from which its update is estimated."""


@dataclass
class Leaf:
    """A leaf that is followed by its name, whichever tensor that is bound to."""

    name: str
    ref: OwnRef
    size: int
    start: int
    """Where its numbers begin in a row."""
    _absent: torch.Tensor | None = None

    def __post_init__(self) -> None:
        self.small = self.size <= SMALL
        self.width = 2 * self.size if self.small else 2 + SAMPLE

    def found(
        self, frame: FrameType | None, returned: Mapping[int, Any]
    ) -> tuple[Leaf, torch.Tensor, torch.Tensor | None] | None:
        """It, its tensor and its gradient as they are now; None where it is gone, or its memory is.

        `returned` has gradients that are in no `.grad`, by the `id` of their tensor.
        """
        tensor = self.ref()
        if tensor is None:
            tensor = self._again(frame)
        if tensor is None or tensor.numel() != self.size or not is_readable(tensor):
            return None
        gradient = gradient_of(tensor)
        if returned:
            gradient = returned.get(id(tensor), gradient)
            if gradient is not None and (gradient.numel() != self.size or _is_of_many(gradient)):
                gradient = None
        if gradient is not None and type(gradient) is not torch.Tensor:
            gradient = plain_of(gradient)
        return self, tensor.detach(), None if gradient is None else dense(gradient)

    def missing(self, tensor: torch.Tensor | None) -> torch.Tensor:
        """What stands for its gradient, or, without a tensor, for all of it."""
        if self._absent is None:
            device = torch.device("cpu") if tensor is None else tensor.device
            self._absent = torch.full((self.width,), math.nan, device=device)
        return self._absent if tensor is None else self._absent[: self.size]

    def _again(self, frame: FrameType | None) -> torch.Tensor | None:
        """The tensor that its variable holds now, where the one that was there is gone."""
        while frame is not None:
            tensor = variables_of(frame).get(self.name)
            if type(tensor) is torch.Tensor:
                if tensor.is_leaf and tensor.requires_grad and tensor.numel() == self.size:
                    self.ref = OwnRef(tensor)
                    return tensor
                return None
            frame = frame.f_back if frame.f_code.co_name != "<module>" else None
        return None


def _is_of_many(gradient: torch.Tensor) -> bool:
    """Whether it stands for those of several directions, as `is_grads_batched` asks for."""
    return is_wrapped(gradient) or not (gradient.is_sparse or is_readable(gradient))


def dense(gradient: torch.Tensor) -> torch.Tensor:
    """A gradient as plain numbers, without a graph of its own."""
    if gradient.requires_grad:
        gradient = gradient.detach()
    return gradient.to_dense() if gradient.is_sparse else gradient
