"""A process beside one that cannot be forked, having threads or a GPU of its own.

Like `tui.process.watchdog` it outlives whatever kills the process it stands beside, and puts the
terminal back; it does nothing else. It is told by a pipe: an end without a word was no good end.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Any

from tui.process.restore import TerminalState

_CHILD = (
    "import ast, sys; path, files, attributes = ast.literal_eval(sys.argv[1]); sys.path[:] = path; "
    "from tui.process.watchdog_embedded import watch; watch(files, attributes)"
)


class EmbeddedWatchdog:
    """A process that restores the terminal where this one dies while the context is entered."""

    def __init__(self, terminal: TerminalState) -> None:
        self._terminal = terminal
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> None:
        files = [os.dup(file) for file in self._terminal.files]
        request = repr((sys.path, files, self._terminal.attributes))
        with contextlib.suppress(OSError):  # then there is none
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _CHILD, request],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=files,
                start_new_session=True,
            )
        for file in files:
            os.close(file)

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.communicate(b"over")


def watch(files: list[int], attributes: list[Any] | None) -> None:
    """Wait, in the child, for the end of the pipe; restore the terminal where no word came first.

    `files` are descriptors of the terminal, `attributes` its modes as `termios.tcgetattr` gives.
    """
    if not sys.stdin.buffer.read():
        TerminalState(files, attributes).restore(drawn=True)
