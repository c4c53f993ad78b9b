"""The process above a script: it outlives both the script and the recorder, and ends what is left.

A script's own processes are its children, theirs, and those that have left its group or its
session to go on as daemons. On Linux all of them become children of the process above when those
between have ended, so none can get away. Elsewhere only the script's group is known.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PATIENCE = 5.0
"""Seconds for processes to go that were killed: one that waits for a dead disk does not."""
_IGNORED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM")
"""Sent to a group, as by a script that ends its workers, they must not end this one."""
_DIE_WITH_PARENT = 1
_ADOPT_ORPHANS = 36


def stay_above(lifeline: int, abandoned: Callable[[], object] = lambda: None) -> None:
    """Go on in a child, where the script is to run; the process that there was stays above it.

    It ends as the script does, and then nothing is left that the script has started; that too
    where the lifeline, a pipe from the recorder, ends or something comes of it. Where nothing did,
    the recorder is gone, and `abandoned` is called for what it can tidy up no more.
    """
    above = os.getpid()
    _ask_linux_to(_ADOPT_ORPHANS, 1)
    script = os.fork()
    if script:
        _watch(script, lifeline, abandoned)
    os.close(lifeline)
    die_with(above)


def die_with(parent: int) -> None:
    """End this process when its parent ends, also where the parent has ended already."""
    if _ask_linux_to(_DIE_WITH_PARENT, signal.SIGKILL) and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def die_of(number: int) -> None:
    """End this process by a signal, without a core: where that cannot be, return."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _ask_linux_to(option: int, value: int) -> bool:
    """Set an option of this process; whether there is such a thing."""
    if sys.platform != "linux":
        return False
    import ctypes  # late: it takes its time

    ctypes.CDLL(None).prctl(option, value)
    return True


def _watch(script: int, lifeline: int, abandoned: Callable[[], object]) -> NoReturn:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # who reads what the script prints must see it end
        os.dup2(nowhere, descriptor)
    for name in _IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    status = _status_of(script, lifeline)
    _end_all()
    if status is None:
        if not os.read(lifeline, 1):
            abandoned()
        os.killpg(0, signal.SIGKILL)  # where nothing was found, the group is known
    code = os.waitstatus_to_exitcode(status or 0)
    if code < 0:
        die_of(-code)
    os._exit(code & 0xFF)


def _status_of(script: int, lifeline: int) -> int | None:
    """How the script ended, as `os.wait` says it; None where the lifeline has ended before."""
    told, telling = os.pipe()
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == script:
                    return ended[1]
        ready, _, _ = select.select([told, lifeline], [], [])
        if lifeline in ready:
            return None
        os.read(told, 512)


def _end_all() -> None:
    """Kill whatever is below this process, until there is nothing."""
    deadline = time.monotonic() + (PATIENCE if sys.platform == "linux" else 0.0)
    with contextlib.suppress(ChildProcessError):  # there is none any more
        while time.monotonic() < deadline:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            for process in _below(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.002)


def _below(ancestor: int) -> list[int]:
    """The children of a process, theirs, and so on, where the system tells."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it has just ended
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
            children[parent].append(int(path.parent.name))
    found = children[ancestor]
    for process in found:
        found += children[process]
    return found
