"""Which frames of a stack are there because a script is recorded, and would not be otherwise."""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any, TypeVar, cast

import torch.fx.traceback
import torch.overrides

from engine.script.unseen.recursion_room import RecursionRoom

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_OURS = str(Path(__file__).parents[2])
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


def without_ours_in(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without such frames; the same one where it has none."""
    links: list[TracebackType] = []
    link = trace
    while link is not None:
        links.append(link)
        link = link.tb_next
    count = len(links)
    if links and links[-1].tb_frame.f_code is RecursionRoom.check.__code__:
        del links[-3:]  # with the call that was refused
    seen = without_ours(links, lambda link: link.tb_frame.f_code)
    if len(seen) == count:
        return trace
    whole: TracebackType | None = None
    for link in reversed(seen):
        whole = TracebackType(whole, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return whole


def hide_below(trace: TracebackType) -> None:
    """Leave them out of a traceback that begins with a frame of the script, and stays the same."""
    seen = without_ours_in(trace)
    if seen is not None and seen is not trace:
        trace.tb_next = seen.tb_next


def hide_in(error: BaseException) -> None:
    """Leave such frames out of the tracebacks of an exception, of those in it, and their causes."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = without_ours_in(one.__traceback__)
            while one.__context__ is not None and _is_of_ours(one.__context__):
                one.__context__ = one.__context__.__context__
            left.append(one.__cause__ or one.__context__)
            if isinstance(one, BaseExceptionGroup):
                left += one.exceptions


def _is_of_ours(error: BaseException) -> bool:
    """Whether none of the script's frames has raised it, as where its recursion leaves no room."""
    trace = error.__traceback__
    return trace is not None and without_ours_in(trace) is None


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """The frame, the one that called it, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def of_the_script(frames: Iterable[T], frame: Callable[[T], FrameType]) -> list[T]:
    """Of a running stack, innermost first, what the script would see of it without us."""
    inside: list[T] = []
    for one in frames:
        if _runs_a_script(frame(one).f_code):
            break
        inside.append(one)
    return without_ours(reversed(inside), lambda one: frame(one).f_code)[::-1]


def hide_from_inspection() -> None:
    """From now on leave our frames out of what `traceback` and `inspect` give of a stack."""
    host: Any = traceback
    host.walk_stack = _walking(host.walk_stack)
    host.extract_tb = _of_trace(host.extract_tb)
    kind: Any = traceback.TracebackException
    made = kind.__init__

    @wraps(made)
    def make(self: Any, exc_type: Any, exc_value: Any, exc_traceback: Any, **options: Any) -> None:
        made(self, exc_type, exc_value, without_ours_in(exc_traceback), **options)

    kind.__init__ = make
    threads: Any = threading
    printed = threads.excepthook

    @wraps(printed)
    def excepthook(args: Any, /) -> Any:
        if args.exc_value is not None:
            hide_in(args.exc_value)
        return printed(args)

    threads.excepthook = excepthook
    _hide_from_unraisable()
    watcher: Any = inspect
    watcher.getinnerframes = _of_trace(watcher.getinnerframes)
    outer = watcher.getouterframes

    @wraps(outer)
    def getouterframes(frame: FrameType, context: int = 1) -> list[inspect.FrameInfo]:
        return of_the_script(outer(frame, context), lambda info: info.frame)

    watcher.getouterframes = getouterframes


def _hide_from_unraisable() -> None:
    """Leave them out of what Python prints of errors that nobody can catch, as in `__del__`."""
    host: Any = sys
    printed = host.__unraisablehook__

    @wraps(printed)
    def unraisablehook(unraisable: Any, /) -> Any:
        with contextlib.suppress(Exception):  # at Python's own end our modules are empty
            if unraisable.exc_value is not None:
                hide_in(unraisable.exc_value)
            kind, error, trace, *about = unraisable
            unraisable = type(unraisable)((kind, error, without_ours_in(trace), *about))
        return printed(unraisable)

    host.unraisablehook = host.__unraisablehook__ = unraisablehook


def _walking(walk: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(walk)
    def walk_stack(f: FrameType | None) -> Any:
        # Where none is given, it is counted from who asks for the first.
        return walk(f) if f is None else iter(of_the_script(walk(f), lambda pair: pair[0]))

    return walk_stack


def _of_trace(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(tb: TracebackType | None, *arguments: Any, **options: Any) -> Any:
        return function(without_ours_in(tb), *arguments, **options)

    return call


def hide_from_anomaly_mode() -> None:
    """From now on leave our frames out of the "traceback of forward call" that torch prints."""
    torch_traceback: Any = torch.fx.traceback
    real = torch_traceback.format_stack

    def format_stack() -> list[str]:
        if torch_traceback.should_preserve_node_meta:
            stack: list[str] = real()
            return stack
        seen = of_the_script(outwards(sys._getframe(1)), lambda frame: frame)[::-1]
        summary = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in seen)
        return traceback.format_list(summary)

    torch_traceback.format_stack = format_stack


def is_ours(code: CodeType) -> bool:
    """Whether it is of a function of ours."""
    return code.co_filename.startswith(_OURS)


def _runs_a_script(code: CodeType) -> bool:
    """Whether it is ours, and calls a frame of the script."""
    return is_ours(code) and "exec" in code.co_names


def calls_the_script(function: F) -> F:
    """Mark a function of ours that only calls, and does by itself nothing that may fail."""
    _CALLERS.add(cast(FunctionType, function).__code__)
    return function


def runs_the_script(code: CodeType) -> bool:
    """Whether in a function of ours the script goes on: what is called there is its."""
    return code in _CALLERS or _runs_a_script(code)


_CALLERS: set[CodeType] = set()
