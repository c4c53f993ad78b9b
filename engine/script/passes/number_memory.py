"""Single numbers of tensors, read where they are in memory: torch takes many times as long."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

from engine.autograd.quiet import PLAIN, is_readable

NOWHERE = -1, None
"""Where a number is that cannot be read so."""
HELD = 4096
"""No more bytes of a script's memory are held: a single number may be part of a large tensor."""
_KINDS: dict[torch.dtype, Any] = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}


def number_at(tensor: torch.Tensor | None) -> tuple[int, Any]:
    """Return the address of a tensor's only number, and what has it as its `value`.

    It may be read while there is a tensor of one number at that address: its memory is held, so no
    other comes to be there. `NOWHERE` for what is in other memory, or of another kind.
    """
    if tensor is None or type(tensor) not in PLAIN or not tensor.is_cpu:
        return NOWHERE
    kind = _KINDS.get(tensor.dtype)
    if kind is None or not is_readable(tensor) or tensor.numel() != 1 or tensor.is_neg():
        return NOWHERE
    memory = tensor.untyped_storage()
    if memory.nbytes() > HELD:
        return NOWHERE
    number = kind.from_address(tensor.data_ptr())
    number.memory = memory
    return tensor.data_ptr(), number
