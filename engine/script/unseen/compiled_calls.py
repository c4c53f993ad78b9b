"""Calls of what `torch.compile` has made: it is to see none of us, neither trace nor mode.

A TorchFunctionMode would be compiled into the script's graphs, and a traced frame would be seen
line by line as it is not run. Torch itself asks, around each such call, whoever wants to prepare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType

from torch._guards import TracingContext

from engine.autograd.not_compiled import never_compile
from engine.script.frames.frame_variables import variables_of

COMPILED_CALL = "compile_wrapper"
"""The function of torch through which all that is compiled is called."""
_HOOKS = "enter_exit_hooks"
"""Its list of functions, each called before a call and giving what is called after it."""


def ask_before(frame: FrameType, hook: Callable[[], Callable[[], None]]) -> None:
    """Have the hook called around the call that begins in `frame`, and around all that follow."""
    hooks = getattr(variables_of(frame).get("self"), _HOOKS, None)
    if isinstance(hooks, list) and hook not in hooks:
        hooks.append(hook)


def calls_around(frame: FrameType | None) -> Iterator[FrameType]:
    """The calls of what has been compiled in which `frame` runs, innermost first."""
    while frame is not None:
        if frame.f_code.co_name == COMPILED_CALL:
            yield frame
        frame = frame.f_back


def is_being_compiled() -> bool:
    """Whether torch runs what it is given for no values' sake, to learn what to compile."""
    return TracingContext.try_get() is not None


never_compile(is_being_compiled.__code__)
