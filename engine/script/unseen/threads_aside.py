"""Threads of ours in a script's process, which the script is not to notice."""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.script.unseen.our_frames import calls_the_script

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


@calls_the_script
def wait_for_threads() -> None:
    """Wait for the threads that Python waits for at the end, but for those that it ends itself."""
    pools: Any = sys.modules.get("concurrent.futures.thread")
    idle = {} if pools is None else pools._threads_queues
    with contextlib.suppress(KeyboardInterrupt):
        while waited := [
            thread
            for thread in threading.enumerate()
            if not thread.daemon and thread is not threading.current_thread() and thread not in idle
        ]:
            waited[0].join()
