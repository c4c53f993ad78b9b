"""A script's signal handlers, run where the script is, and not amid what looks at it.

There what a handler raises would be taken for a failure of ours, and lost; what it does would run
without gradients, or unseen.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from signal import pthread_kill  # not what is said before a script's own
from time import sleep
from types import FrameType
from typing import Any

from engine.script.unseen.our_frames import is_ours, outwards, runs_the_script
from engine.script.unseen.threads_aside import start_aside

AGAIN_SECONDS = 0.001
"""So much later a signal is sent again that came while the script was looked at."""


def run_handlers_in_the_script() -> Callable[[], None]:
    """From now on call the handlers that a script installs, and Ctrl+C's, in its own frames.

    What is returned lets go of Ctrl+C's, for when nothing is looked at any more.
    """
    host: Any = signal
    install, installed = signal.signal, signal.getsignal

    @wraps(install)
    def set_handler(signalnum: int, handler: Any) -> Any:
        known = installed(signalnum)
        if type(known) is _Handler and known.waiting:
            known.run(signalnum, sys._getframe(1))
        return _own(install(signalnum, _Handler(handler) if callable(handler) else handler))

    @wraps(installed)
    def getsignal(signalnum: int) -> Any:
        return _own(installed(signalnum))

    host.signal, host.getsignal = set_handler, getsignal
    if installed(signal.SIGINT) is signal.default_int_handler:
        set_handler(signal.SIGINT, signal.default_int_handler)

    def let_go() -> None:
        if getsignal(signal.SIGINT) is signal.default_int_handler:
            install(signal.SIGINT, signal.default_int_handler)

    return let_go


def _own(handler: Any) -> Any:
    """The handler that the script knows of."""
    return handler.handler if type(handler) is _Handler else handler


class _Handler:
    """Calls a handler with the frame that the signal would have found without us."""

    def __init__(self, handler: Callable[[int, FrameType | None], Any]) -> None:
        self.handler = handler
        self.waiting = False
        """Whether a signal has come that is not handled yet."""

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        ours = next((one for one in outwards(frame) if is_ours(one.f_code)), None)
        if ours is not None and not runs_the_script(ours.f_code):
            self.waiting = True
            start_aside(self._send_again, number)
            return None
        while frame is not None and is_ours(frame.f_code):
            frame = frame.f_back
        return self.run(number, frame)

    def run(self, number: int, frame: FrameType | None) -> Any:
        """Call the handler in a frame of the script."""
        self.waiting = False
        return self.handler(number, frame)

    def _send_again(self, number: int) -> None:
        sleep(AGAIN_SECONDS)
        if self.waiting:
            pthread_kill(threading.main_thread().ident or 0, number)
