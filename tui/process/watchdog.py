"""A small process beside the app, for what no thread of the app can survive.

SIGKILL, an abort inside a C library and the system's hunt for memory leave nobody in the process
who could put the terminal back; a C call that keeps Python's lock leaves nobody who could act on
a signal. The watchdog sees both through a pipe, into which Python's C handler writes every signal.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import NoReturn

from tui.process.restore import TerminalState

DEADLINE = 1.7
"""Seconds after a signal to leave, until the app is ended whatever it does."""
LEAVING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
OVER = 255
"""Says, in place of a signal's number, that the terminal is as it was."""


def start_watchdog(terminal: TerminalState, forward: int) -> int:
    """Fork a watchdog; returns the descriptor to write signal numbers and `OVER` to.

    The watchdog passes the numbers on to `forward`. It is no child of this process, so a script
    that waits for its children does not wait for it. Must be called before threads start.
    """
    read, write = os.pipe()
    app = os.getpid()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.setpgid(0, 0)  # it goes on where the job is stopped
            os.close(write)
            _watch(app, read, forward, terminal)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(read)
    return write


def _watch(app: int, read: int, forward: int, terminal: TerminalState) -> NoReturn:
    for number in (*LEAVING, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
        signal.signal(number, signal.SIG_IGN)
    due: float | None = None
    while True:
        wait = None if due is None else max(due - time.monotonic(), 0.0)
        if not select.select([read], [], [], wait)[0]:
            with contextlib.suppress(OSError):
                os.kill(app, signal.SIGKILL)
            break
        numbers = os.read(read, 64)
        if OVER in numbers:
            os._exit(0)
        if not numbers:  # the app is gone
            break
        with contextlib.suppress(OSError):
            os.write(forward, numbers)
        if due is None and any(number in LEAVING for number in numbers):
            due = time.monotonic() + DEADLINE
    terminal.restore(drawn=True)
    os._exit(0)
