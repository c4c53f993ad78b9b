"""Which frames of a stack are there because a script is recorded, and would not be otherwise."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

import torch.fx.traceback
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


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """The frame, the one that called it, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def hide_from_anomaly_mode() -> None:
    """From now on leave our frames out of the "traceback of forward call" that torch prints."""
    torch_traceback: Any = torch.fx.traceback
    real = torch_traceback.format_stack

    def format_stack() -> list[str]:
        if torch_traceback.should_preserve_node_meta:
            stack: list[str] = real()
            return stack
        frames = list(outwards(sys._getframe(1)))[::-1]
        script = next((n for n, one in enumerate(frames) if _runs_a_script(one)), -1)
        seen = without_ours(frames[script + 1 :], lambda frame: frame.f_code)
        summary = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in seen)
        return traceback.format_list(summary)

    torch_traceback.format_stack = format_stack


def _runs_a_script(frame: FrameType) -> bool:
    """Whether it is ours, and calls a frame of the script."""
    return frame.f_code.co_filename.startswith(_OURS) and "exec" in frame.f_code.co_names
