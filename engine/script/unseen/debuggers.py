"""Out of the way of a debugger that a script starts: it is to stop in no line of ours."""

from __future__ import annotations

import bdb
import sys
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from sys import gettrace
from types import FrameType
from typing import TYPE_CHECKING, Any

from engine.script.unseen.our_frames import is_ours, of_the_script

if TYPE_CHECKING:
    from _typeshed import TraceFunction


def hide_from_debuggers(
    tracer: TraceFunction, in_threads: TraceFunction, make_way: Callable[[], None]
) -> None:
    """From now on show no debugger our frames; `make_way` is called where one begins to trace.

    A script that asks whether one runs, as many do before they start workers, is not told of the
    `tracer`, nor of the one that new threads get, unless the script has one for them.
    """
    for host, asks in ((sys, gettrace), (threading, threading.gettrace)):
        _hide(host, asks, (tracer, in_threads))
    threading.settrace(in_threads)
    debugger: Any = bdb.Bdb
    begin, stops, stack_of = debugger.set_trace, debugger.stop_here, debugger.get_stack

    @wraps(begin)
    def set_trace(self: Any, frame: FrameType | None = None, *others: Any, **options: Any) -> Any:
        make_way()
        return begin(self, frame or sys._getframe(1), *others, **options)

    @wraps(stops)
    def stop_here(self: Any, frame: FrameType) -> Any:
        return not is_ours(frame.f_code) and stops(self, frame)

    @wraps(stack_of)
    def get_stack(self: Any, *of: Any) -> tuple[list[tuple[FrameType, int]], int]:
        stack, index = stack_of(self, *of)
        current = stack[index][0] if stack else None
        seen = of_the_script(reversed(stack), lambda entry: entry[0])[::-1]
        frames = [frame for frame, _ in seen]
        return seen, frames.index(current) if current in frames else max(len(seen) - 1, 0)

    debugger.set_trace, debugger.stop_here, debugger.get_stack = set_trace, stop_here, get_stack


def _hide(host: Any, asks: Callable[[], Any], ours: Sequence[TraceFunction]) -> None:
    @wraps(asks)
    def gettrace() -> Any:
        running = asks()
        return None if any(running is one for one in ours) else running

    host.gettrace = gettrace
