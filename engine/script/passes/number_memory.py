"""Single numbers of tensors, read where they are in memory: torch takes many times as long."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

from engine.autograd.quiet import PLAIN, is_readable

_KINDS: dict[torch.dtype, Any] = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}
NOWHERE = -1, None


def number_at(tensor: torch.Tensor | None) -> tuple[int, Any]:
    """Return the address of a tensor's only number, and what has it as its `value`.

    It may be read while there is a tensor of one number at that address: its memory is held, so no
    other comes to be there. `NOWHERE` for a tensor of other kinds, or in other memory.
    """
    if tensor is None or type(tensor) not in PLAIN or not tensor.is_cpu or tensor.is_neg():
        return NOWHERE
    kind = _KINDS.get(tensor.dtype)
    if kind is None or tensor.numel() != 1 or not is_readable(tensor):
        return NOWHERE
    number = kind.from_address(tensor.data_ptr())
    number.memory = tensor.untyped_storage()
    return tensor.data_ptr(), number
