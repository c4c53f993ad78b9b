"""The main thread, and having it run something of ours, wherever it is.

Python traces no other thread than the one that asks for it. It has the main thread run what
handles signals in the same way.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

Look = Callable[[FrameType], object]
"""Is given the frame that the main thread runs in."""
_looks: deque[Look] = deque()


def is_main_thread() -> bool:
    """Whether it is the main thread that calls."""
    return threading.get_ident() == threading.main_thread().ident


def run_in_main_thread(look: Look) -> None:
    """Run it as soon as the main thread runs Python."""
    _looks.append(look)
    ctypes.pythonapi.Py_AddPendingCall(_RUN, None)


def _run(_: object) -> int:
    while _looks:
        look = _looks.popleft()
        with suppress(Exception):  # as where Python ends, and no frame is left
            look(sys._getframe(1))
    return 0


_RUN = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(_run)
