"""What is done for each of hundreds of thousands of passes: a few numbers are read, and no more.

It is said here in two functions that are made for a loop, with all that they need at hand: each
call, attribute and global name costs such a pass more than the reading of a number does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, NamedTuple

import torch

from engine.autograd.quiet import (
    dispatch_modes,
    function_modes,
    listed,
    only_item,
    tracing,
    transforms,
)
from engine.script.frames.frame_variables import WRITES_BACK, variables_of
from engine.script.frames.loop_counters import EXACT, LoopCounters, add_counters
from engine.script.passes.last_pass import LastPass
from engine.script.passes.leaf_rows import SmallLeaves
from engine.script.passes.pass_scalars import PassScalars
from engine.script.passes.unwritten_passes import PassRun

Begin = Callable[[Sequence[torch.Tensor]], list[float] | None]
"""Gives the first numbers of a pass that is about to run; None where it is to be looked at."""
End = Callable[[int, list[float]], bool]
"""Keeps the pass of a number, which has run, by its numbers; False where it is to be looked at."""

_Tensor = torch.Tensor


class Site(NamedTuple):
    """The instruction that runs passes, and how many frames it is away from what begins them."""

    code: CodeType
    instruction: int
    depth: int


def beginning(site: Site, counters: LoopCounters, elsewhere: Callable[[], None]) -> Begin:
    """Make what begins the passes; `elsewhere` is called where the loops around it are others."""
    code, instruction, depth = site
    frame_at, inner, outer = sys._getframe, counters.inner, counters.outer
    least, most = -EXACT, EXACT

    def begin(roots: Sequence[torch.Tensor]) -> list[float] | None:
        try:
            frame = frame_at(depth)
            if frame.f_code is not code or frame.f_lasti != instruction or len(roots) != 1:
                return None
            root = roots[0]
            # Here and below as `is_quiet`, without a call more.
            if function_modes() or dispatch_modes() or transforms() or tracing():
                return None
            if type(root) is not _Tensor or not root.is_cpu:
                return None
            loss = only_item(root)  # raises where there are several
            if type(loss) is not float:
                return None
            numbers = [loss]
            for name, kind in inner:
                variables = variables_of(frame) if WRITES_BACK else frame.f_locals
                value: Any = variables.get(name)
                if type(value) is not kind or not least < value < most:
                    elsewhere()
                    return None
                numbers.append(value)
            if outer and not add_counters(outer, frame.f_back, numbers):
                elsewhere()
                return None
        except Exception:
            return None
        return numbers

    return begin


def ending(scalars: PassScalars, last: LastPass, counters: LoopCounters, small: SmallLeaves) -> End:
    """Make what ends those passes, of which nothing is kept but their numbers.

    They are written by whoever flushes `scalars` from time to time: not in the script's own
    thread, where it could be interrupted.
    """
    unwritten, places = scalars.unwritten, small.places()
    width = 1 + len(counters.names) + small.width
    name = counters.names[0] if counters.names else None
    at = 1 + counters.at[0] if counters.names else 0
    run, expected = PassRun(0, counters, width), -1

    def end(number: int, numbers: list[float]) -> bool:
        nonlocal run, expected
        try:
            # A hook may have entered a mode; nobody leaves a transform or a trace entered.
            if function_modes() or dispatch_modes():
                return False
            for ref, size, known in places:
                tensor = ref()
                if tensor is None:
                    return False
                # It may have been moved, or be another one of its name.
                if (place := tensor.data_ptr()) != known and not (place and tensor.is_cpu):
                    return False
                gradient = tensor.grad
                if type(gradient) is not _Tensor:
                    return False
                if size == 1:
                    numbers.append(only_item(tensor))
                    numbers.append(only_item(gradient))
                elif tensor.numel() == size:
                    numbers += listed(tensor.detach().reshape(-1))
                    numbers += listed(gradient.detach().reshape(-1))
            if len(numbers) != width or last.name != name:
                return False
            if at and (value := numbers[at]) != last.value:
                if number - last.began != last.in_round:
                    return False
                last.value, last.began = value, number
                last.rounds += 1
            if number != expected:
                run = PassRun(number, counters, width)
                unwritten.add(run)
            expected = -1  # whatever interrupts it: the next pass does not follow this one
            run.add(numbers)
            expected = number + 1
        except Exception:
            return False
        return True

    return end
