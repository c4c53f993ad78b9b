"""Threads of ours in a script's process, which the script is not to notice."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from pathlib import Path

_running: set[int] = set()


def start_aside(function: Callable[..., object], *arguments: object) -> None:
    """Start a thread that the script finds neither in `threading` nor in the way of its signals.

    A signal that the script has blocked would come to it, and end the process.
    """

    def run() -> None:
        _running.add(threading.get_ident())
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            function(*arguments)
        finally:
            _running.discard(threading.get_ident())

    _thread.start_new_thread(run, ())


def has_threads() -> bool:
    """Whether the script would have more than one thread without ours."""
    count = threading.active_count() + len(_running)
    tasks = Path("/proc/self/task")
    if tasks.is_dir():  # those of libraries count too
        count = len(list(tasks.iterdir()))
    return count - len(_running) > 1
