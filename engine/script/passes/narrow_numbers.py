"""Numbers in half the width, as far as a recording needs no more of them."""

from __future__ import annotations

from array import array
from ctypes import string_at

import torch


def narrow(numbers: torch.Tensor) -> array[float]:
    """The numbers one after the other, rounded to single precision."""
    single = numbers.float().contiguous()
    narrowed = array("f")
    narrowed.frombytes(string_at(single.data_ptr(), single.nbytes))
    return narrowed


def exactly_narrow(numbers: array[float]) -> array[float]:
    """The same numbers, bit for bit: in half the width where they were of single precision."""
    if not numbers:
        return array("f")
    wide = torch.frombuffer(numbers, dtype=torch.float64)
    narrowed = narrow(wide)
    back = torch.frombuffer(narrowed, dtype=torch.float32).double()
    return narrowed if torch.equal(back.view(torch.int64), wide.view(torch.int64)) else numbers
