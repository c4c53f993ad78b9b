"""Running the app so that whatever ends it ends it well.

A thread waits for signals and for the line to be cut. It learns of a signal through a pipe that
Python's C handler writes to, so a main thread that is stuck does not hold it up.
It asks the app to leave; where the app has not left within `DEADLINE`, it saves, restores the
terminal and ends the process itself, since no thread inside torch can be made to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from engine.private_files import state_path
from tui.kit.text import safe
from tui.process.crash import crash_line, watch_faults, write_crash
from tui.process.guarded_app import GuardedApp
from tui.process.restore import PATIENCE, TerminalState, within
from tui.process.watchdog import LEAVING, OVER, start_watchdog

DEADLINE = 1.0
"""Seconds the app may take to leave by itself."""
_FAILED = 0
"""Stands for a failure of the app where the number of a signal would."""


def run(app: GuardedApp, *, mouse: bool = True) -> NoReturn:
    """Run the app in the terminal; ends the process with the app's exit code.

    128 + n where signal n ended it (a line that was cut counts as SIGHUP), 1 where it failed.
    """
    Guard(app).run(mouse=mouse)


class Guard:
    """Watches over one app, and has the last word of the process."""

    def __init__(self, app: GuardedApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._terminal = TerminalState()
        self._read, self._write = os.pipe()
        self._code: int | None = None
        self._over = threading.Event()
        self._ending = threading.Lock()

    def run(self, *, mouse: bool) -> NoReturn:
        """Run the app until it leaves, fails or a signal ends it, then end the process."""
        self._faults = watch_faults(state_path())
        self._listen()
        threading.Thread(target=self._watch, name="guard", daemon=True).start()
        self._app.on_failure = self._note_failure
        threading.excepthook = self._take_thread_failure
        try:
            # A loop of its own: `asyncio.run` would wait for the threads of workers.
            self._app.run(loop=self._loop, mouse=mouse)
        except BaseException as error:
            self._app.failure = self._app.failure or error
        self._app.keep()
        self._over.set()
        self._end()

    def _listen(self) -> None:
        self._watchdog = start_watchdog(self._terminal, self._write)
        os.set_blocking(self._watchdog, False)
        signal.set_wakeup_fd(self._watchdog, warn_on_full_buffer=False)
        for number in LEAVING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, _do_nothing)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        for file in self._terminal.files:
            poll.register(file, 0)  # hang-ups are always reported
        while self._code is None:
            for file, event in poll.poll():
                if file == self._read:
                    self._take_signals(os.read(file, 64))
                    self._wake()
                elif event & select.POLLHUP:
                    self._code = 128 + signal.SIGHUP
                else:
                    poll.unregister(file)
        self._ask_to_leave(self._code)

    def _take_signals(self, numbers: bytes) -> None:
        for number in numbers:
            if number == _FAILED:
                self._code = 1
            elif number in LEAVING:
                self._code = self._code or 128 + number

    def _wake(self) -> None:
        """Have the loop run handlers of signals that have come just as it began to wait."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(lambda: None)

    def _ask_to_leave(self, code: int) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._app.leave, code)
        if not self._over.wait(DEADLINE):
            self._end()

    def _note_failure(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._write, bytes([_FAILED]))

    def _take_thread_failure(self, failed: threading.ExceptHookArgs) -> None:
        """A thread of Textual that cannot write to a dead terminal is no failure."""
        if failed.exc_value is not None and not issubclass(failed.exc_type, OSError):
            self._app.failure = self._app.failure or failed.exc_value
            self._note_failure()

    def _end(self) -> NoReturn:
        """The end of the process, on whichever thread gets here first."""
        self._ending.acquire()
        within(PATIENCE, self._app.keep)
        self._terminal.restore(drawn=getattr(self._app._driver, "drawing", False))
        code = self._code or self._app.return_code or 0
        failure, words = self._app.failure, self._app.last_words
        if words:
            within(PATIENCE, lambda: _say(f"linreg-tui: {safe(words)}"))
        if failure is not None:
            code = self._code or 1
            within(PATIENCE, lambda: _say(crash_line(failure, write_crash(failure, state_path()))))
        with contextlib.suppress(OSError):
            os.write(self._watchdog, bytes([OVER]))
        os._exit(code)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):
        print(line, file=sys.__stderr__, flush=True)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """What the watching thread hears of must not end the process before it can act."""
