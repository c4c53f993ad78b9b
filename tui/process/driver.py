"""Textual's terminal driver, made to survive being stopped, continued and cut off.

Textual acts inside its signal handlers, which may interrupt the very queue they write to; and
after a SIGCONT that follows no SIGTSTP it starts to read keys a second time. Of a failure while
it reads keys it says nothing but that there was one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial
from typing import Protocol, runtime_checkable

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, MouseDown
from textual.message import Message

from tui.process.crash import note_refused
from tui.process.input_parser import InputParser

DRAWN = 1_000, 500
"""Columns and rows that are drawn on at most: a screen of four million cells takes seconds."""


@runtime_checkable
class HearsOfKeys(Protocol):
    """An app that is told of a key before it gets it."""

    def key_comes(self) -> None:
        """A key or a click has been read and waits for its answer; on the driver's thread."""


class GuardedDriver(LinuxDriver):
    """Stops and goes on between two messages, and knows whether the terminal is in its hands."""

    drawing = False
    """Whether the alternate screen, the mouse and the rest may be switched on."""

    def start_application_mode(self) -> None:
        """Switch the terminal to the app's modes, and note that it must be switched back."""
        self.drawing = True
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Switch the terminal back as Textual does, and mouse reports in pixels too.

        Its line only when all is written: from then on a ctrl+s holds up whatever is not.
        """
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
        attributes, self.attrs_before = self.attrs_before, None
        super().stop_application_mode()
        self.attrs_before = attributes

    def _get_terminal_size(self) -> tuple[int, int]:
        """As much of the terminal as is drawn on: more is no terminal, and takes for ever."""
        width, height = super()._get_terminal_size()
        return min(width, DRAWN[0]), min(height, DRAWN[1])

    def close(self) -> None:
        """Wait until all is written, the last of it what puts the terminal back; then the line."""
        super().close()
        self.drawing = False
        if self.attrs_before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def run_input_thread(self) -> None:
        """Read keys; whoever watches over the process ends it when the line is dead."""
        vars(linux_driver)["getincrementaldecoder"] = forgiving
        vars(linux_driver)["XTermParser"] = partial(InputParser, note_refused)
        with contextlib.suppress(OSError):
            super().run_input_thread()

    def process_message(self, message: Message) -> None:
        """As Textual does; a message that it fails at is dropped."""
        try:
            if isinstance(message, Key | MouseDown) and isinstance(self._app, HearsOfKeys):
                self._app.key_comes()
            super().process_message(message)
        except Exception as error:
            if not self._loop.is_closed():
                note_refused(error, type(message).__name__)

    def _run_input_thread(self) -> None:
        """Without a net: whoever watches over the process is told what failed, and where."""
        self.run_input_thread()

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._go_on)

    def _stop(self) -> None:
        if self._auto_restart and self.drawing:
            self.suspend_application_mode()
            self._must_signal_resume = True
        # All of the job, as a terminal does: the shell may wait for a script that started us.
        os.killpg(0, signal.SIGSTOP)

    def _go_on(self) -> None:
        if not self._auto_restart:
            return
        if self.drawing:  # stopped by SIGSTOP, after which the shell may have changed the modes
            self.suspend_application_mode()
        self.resume_application_mode()
        self._app.refresh(layout=True)


def forgiving(encoding: str) -> partial[IncrementalDecoder]:
    """A decoder for what is typed or pasted, which may be no UTF-8: Textual's own would raise."""
    return partial(getincrementaldecoder(encoding), "replace")
