"""Leaving the terminal as it was found, whoever of the app's threads is stuck or dead."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Callable
from threading import Thread
from typing import Any

RESTORE = (
    "\x1b[?2026l"  # show what was drawn last
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?1004l\x1b[?2048l"  # reports of focus and size
    "\x1b[?2004l"  # bracketed paste
    "\x1b[<u"  # the kitty keyboard protocol, which belongs to the alternate screen
    "\x1b[?7h\x1b[0m"  # line wrap, no colours
    "\x1b[?1049l\x1b[?25h"  # the main screen, the cursor
)
"""Switches off all that Textual switches on; harmless where it is off already."""

PATIENCE = 0.3
"""Seconds for a terminal that takes no bytes, or for a file that cannot be written."""


class TerminalState:
    """How the terminal was before the app; made before Textual touches it.

    Or elsewhere, of the files and the attributes that it was made of.
    """

    def __init__(self, files: list[int] | None = None, attributes: list[Any] | None = None) -> None:
        streams = (sys.__stdin__, sys.__stderr__)
        self.files = files or [stream.fileno() for stream in streams if stream is not None]
        self.attributes = attributes
        if files is None:
            with contextlib.suppress(termios.error, IndexError):
                self.attributes = termios.tcgetattr(self.files[0])

    def restore(self, *, drawn: bool) -> None:
        """Give the line its modes back; `drawn`: also undo what escape sequences switched on."""
        if drawn:
            within(PATIENCE, self._undo)
        if self.attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.files[0], termios.TCSANOW, self.attributes)

    def _undo(self) -> None:
        with contextlib.suppress(OSError, termios.error, IndexError):
            # What the terminal has not taken yet would stand before the sequences that matter.
            termios.tcflush(self.files[-1], termios.TCOFLUSH)
            os.write(self.files[-1], RESTORE.encode())


def within(seconds: float, act: Callable[[], object]) -> None:
    """Do something that may hang, and go on after so many seconds."""
    thread = Thread(target=act, daemon=True)
    thread.start()
    thread.join(seconds)
