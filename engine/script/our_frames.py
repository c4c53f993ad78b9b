"""Which frames of a stack are there because a script is recorded, and would not be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType
from typing import TypeVar

import torch.overrides

T = TypeVar("T")

_OURS = str(Path(__file__).parents[1])
_OVERRIDES = torch.overrides.__file__
"""Where torch asks a TorchFunctionMode before it runs a call."""


def without_ours(frames: Iterable[T], code: Callable[[T], CodeType]) -> list[T]:
    """The frames, outermost first, without ours and those through which torch came to us."""
    left: list[T] = []
    detour = False
    for frame in frames:
        if code(frame).co_filename.startswith(_OURS):
            while left and code(left[-1]).co_filename == _OVERRIDES:
                left.pop()
                detour = True
        else:
            if detour and left and code(left[-1]) is code(frame):
                left.pop()  # a function that asked us first, and then ran
            detour = False
            left.append(frame)
    return left
