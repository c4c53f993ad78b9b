"""What is done for each of hundreds of thousands of passes: a few numbers are read, and no more.

It is said here in one function, with all that it needs at hand: each call, attribute and global
name costs such a pass more than the reading of a number does.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import torch

from engine.autograd.not_compiled import COMPILER, never_compile
from engine.autograd.quiet import (
    dispatch_modes,
    function_modes,
    listed,
    only_item,
    tracing,
)
from engine.script.frames.frame_variables import WRITES_BACK, variables_of
from engine.script.frames.loop_counters import EXACT, add_counters
from engine.script.lines.followed_thread import FollowedThread
from engine.script.passes.last_pass import LastPass
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.windows import Windows
from engine.script.unseen.our_frames import calls_the_script

Run = Callable[..., Any]
"""Runs a pass: takes its roots, and whatever else torch gives."""
Look = Callable[[Sequence[torch.Tensor], Sequence[Any], dict[str, Any]], Any]
"""Runs a pass, by all that torch gives, and looks at it."""
Search = Callable[[int, Sequence[torch.Tensor]], None]
Failed = Callable[[Exception, int, Sequence[torch.Tensor]], None]
Unkept = Callable[[int, list[float]], None]
Before = Callable[[int, FrameType], None]

_Tensor = torch.Tensor
NOT_GIVEN: Any = object()
"""What an argument is that torch leaves out."""


def quick_run(
    real: Run,
    look: Look,
    search: Search,
    failed: Failed,
    unkept: Unkept,
    before_another: Before,
    thread: FollowedThread,
    windows: Windows,
    quick: QuickPasses,
    last: LastPass,
) -> Run:
    """Make what runs passes by `real`: quickly where that may be, and by `look` otherwise.

    `search` may find that a pass which was to be looked at is quick; `failed` is told what a quick
    pass has raised, and `unkept` its number and first numbers where nothing was kept of it;
    `before_another` the number and the frame of one after which comes a pass that is not quick.
    What was kept is written from time to time by whoever flushes the scalars: not in the script's
    own thread, where it could be interrupted.
    """
    frame_at, ident, modules = sys._getframe, threading.get_ident, sys.modules
    least, most = -EXACT, EXACT
    add: Callable[[list[float]], object] = list[float]
    expected = -1
    """The number of the pass that follows those that were kept."""
    value, began, in_round, rounds = last.value, last.began, last.in_round, 0
    """As `last` has them, which is told of the `rounds` when it is asked."""

    def settle() -> None:
        nonlocal expected, rounds
        expected = -1
        if rounds:
            last.value, last.began = value, began
            last.rounds += rounds
            rounds = 0

    def starts(number: int, name: str | None) -> bool:
        nonlocal add, value, began, in_round
        settle()
        if last.name != name:
            return False
        value, began, in_round = last.value, last.began, last.in_round
        add = quick.kept_from(number)
        return True

    # Torch's own call is repeated as it is: to pass on what is not known takes twice as long.
    @calls_the_script
    def run(
        roots: Sequence[torch.Tensor],
        gradients: Any = NOT_GIVEN,
        keep: Any = NOT_GIVEN,
        create: Any = NOT_GIVEN,
        inputs: Any = NOT_GIVEN,
        /,
        *more: Any,
        allow_unreachable: Any = NOT_GIVEN,
        accumulate_grad: Any = NOT_GIVEN,
        **others: Any,
    ) -> Any:
        nonlocal expected, value, began, rounds
        number, begun = windows.count, False
        if number >= quick.until > 0:
            search(number, roots)
        if (
            number < (until := quick.until)
            and accumulate_grad is True
            and allow_unreachable is True
            and inputs is not NOT_GIVEN
            and not windows.is_running
            and COMPILER not in modules
        ):
            code, instruction, depth, inner, outer, leaves, name, at = quick.known
            try:
                frame = frame_at(depth)
                (root,) = roots
                if (
                    frame.f_code is code
                    and frame.f_lasti == instruction
                    and ident() == thread.ident
                    # Here and below as `is_quiet`; inside of transforms torch runs no pass.
                    and not (function_modes() or dispatch_modes() or tracing())
                    and type(root) is _Tensor
                    and root.is_cpu
                    and type(loss := only_item(root)) is float  # raises where there are several
                ):
                    numbers = [loss]
                    for variable, kind in inner:
                        variables = variables_of(frame) if WRITES_BACK else frame.f_locals
                        counter: Any = variables.get(variable)
                        if type(counter) is not kind or not least < counter < most:
                            break
                        numbers.append(counter)
                    else:
                        begun = not outer or add_counters(outer, frame.f_back, numbers)
                    if not begun:
                        quick.is_elsewhere = True
            except Exception:
                begun = False
        if begun and not (more or others):
            windows.is_running = True
            if ident() != thread.ident:  # which has just become another one
                windows.is_running = begun = False
        if not begun or more or others:
            for one in (inputs, create, keep, gradients):
                if one is not NOT_GIVEN:
                    more = one, *more
            if allow_unreachable is not NOT_GIVEN:
                others["allow_unreachable"] = allow_unreachable
            if accumulate_grad is not NOT_GIVEN:
                others["accumulate_grad"] = accumulate_grad
            return look(roots, more, others)

        try:
            return real(
                roots,
                gradients,
                keep,
                create,
                inputs,
                allow_unreachable=True,
                accumulate_grad=True,
            )
        except Exception as error:
            failed(error, number, roots)
            raise
        finally:
            windows.is_running = False
            try:
                # A hook may have entered a mode; nobody leaves a trace entered.
                if not (function_modes() or dispatch_modes()):
                    for ref, size, address, known, gradient_address, known_gradient in leaves:
                        tensor: Any = ref()  # raises below where it is gone
                        gradient = tensor.grad
                        if type(gradient) is not _Tensor:
                            break
                        if size == 1:
                            if (now := tensor.data_ptr()) == address:
                                numbers.append(known.value)
                            elif now and tensor.is_cpu:  # moved, or another one of its name
                                numbers.append(only_item(tensor))
                            else:
                                break
                            if gradient.data_ptr() == gradient_address:
                                numbers.append(known_gradient.value)
                            else:
                                numbers.append(only_item(gradient))
                        elif tensor.numel() == size and tensor.data_ptr() and tensor.is_cpu:
                            numbers += listed(tensor.detach().reshape(-1))
                            numbers += listed(gradient.detach().reshape(-1))
                        else:
                            break
                    else:
                        goes_on = number == expected or starts(number, name)
                        if goes_on and at and (counter := numbers[at]) != value:
                            goes_on = number - began == in_round
                            if goes_on:
                                value, began = counter, number
                                rounds += 1
                        if goes_on:
                            # Where this is interrupted the next pass does not follow this one.
                            expected = -1
                            add(numbers)
                            windows.count = expected = number + 1
            except Exception:
                pass
            if windows.count == number:
                unkept(number, numbers)
            elif expected >= until:
                before_another(number, frame)

    for function in (run, settle):
        never_compile(function.__code__)
    quick.settle = settle
    return run
