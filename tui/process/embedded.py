"""Running the app inside a process that goes on afterwards, and leaving that as it was found.

`tui.process.guard` owns its process and ends it. Here the process is somebody else's: at a
breakpoint, in a REPL, in a loop that is running. A signal closes the app and is then delivered
anew, to whoever waits for it; a failure is an exception, with the terminal as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from engine.private_files import state_path
from tui.process.crash import crash_line, write_crash
from tui.process.guarded_app import GuardedApp
from tui.process.restore import TerminalState
from tui.process.watchdog import LEAVING
from tui.process.watchdog_embedded import EmbeddedWatchdog

TOUCHED = (
    *LEAVING,
    *(signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTOU, signal.SIGTTIN),
)
"""Signals that the app, or Textual for it, takes for itself."""


def visit(app: GuardedApp, *, mouse: bool = True) -> None:
    """Run the app in this terminal; returns when it is closed and its threads are done.

    To be called on the main thread. Raises RuntimeError with one line where the app fails, and
    whatever the process makes of a signal that closed it.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the app needs the main thread, to which the terminal's signals go")
    stay = _Visit(app)
    stay.run(mouse=mouse)
    for number in stay.signals:
        signal.raise_signal(number)
    if app.failure is not None:
        line = crash_line(app.failure, write_crash(app.failure, state_path()))
        raise RuntimeError(line) from None


class _Visit:
    """One app, from before the terminal is touched until all is put back."""

    def __init__(self, app: GuardedApp) -> None:
        self.signals: list[int] = []
        """What came meanwhile, for others."""
        self._app = app
        self._terminal = TerminalState()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, *, mouse: bool) -> None:
        with (
            _streams_put_back(),
            _signals_put_back(),
            EmbeddedWatchdog(self._terminal),
            _no_loop_running(),
            asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner,
            self._thread_failures_noted(),
            self._hang_up_heard(),
        ):
            self._loop = runner.get_loop()
            for number in LEAVING:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._take_signal)
            try:
                runner.run(self._app.run_async(mouse=mouse))
            except Exception as error:
                self._app.failure = self._app.failure or error
            finally:
                self._terminal.restore(drawn=getattr(self._app._driver, "drawing", False))
                self._app.keep()

    def _take_signal(self, number: int, _frame: FrameType | None) -> None:
        self.signals.append(number)
        self._ask_to_leave()

    def _ask_to_leave(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(self._app.leave, 0)

    @contextlib.contextmanager
    def _thread_failures_noted(self) -> Iterator[None]:
        """Textual's threads fail for the app; those of others as they always do."""
        before = threading.excepthook

        def take(failed: threading.ExceptHookArgs) -> None:
            if failed.thread is None or not failed.thread.name.startswith("textual-"):
                before(failed)
            elif failed.exc_value is not None and not issubclass(failed.exc_type, OSError):
                self._app.failure = self._app.failure or failed.exc_value
                self._ask_to_leave()

        threading.excepthook = take
        try:
            yield
        finally:
            threading.excepthook = before

    @contextlib.contextmanager
    def _hang_up_heard(self) -> Iterator[None]:
        """A line that is cut sends nothing more, and no signal where those are ignored."""
        over, done = os.pipe()
        poll = select.poll()
        for file in (over, *self._terminal.files):
            poll.register(file, 0)  # hang-ups are always reported

        def watch() -> None:
            while True:
                for file, event in poll.poll():
                    if file == over:
                        return
                    poll.unregister(file)
                    if event & select.POLLHUP:
                        self._ask_to_leave()

        thread = threading.Thread(target=watch, name="linreg-tui-line", daemon=True)
        thread.start()
        try:
            yield
        finally:
            os.close(done)
            thread.join()
            os.close(over)


@contextlib.contextmanager
def _streams_put_back() -> Iterator[None]:
    """The app borrows them, and so do its threads, which may give them back after it."""
    streams = sys.stdin, sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams


@contextlib.contextmanager
def _signals_put_back() -> Iterator[None]:
    """Handlers, and the descriptor that tells a loop of signals."""
    handlers = {number: signal.getsignal(number) for number in TOUCHED}
    wakeup = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in handlers.items():
            # None: set by other than Python, which cannot be had back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextlib.contextmanager
def _no_loop_running() -> Iterator[None]:
    """Make room for a loop where one is running already, as in asyncio's own REPL or in a test.

    That one stands still meanwhile, as it does during any call that takes its time.
    """
    loop = asyncio._get_running_loop()
    task = asyncio.current_task(loop) if loop else None
    if loop is not None and task is not None:
        asyncio.tasks._leave_task(loop, task)
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        if loop is not None and task is not None:
            asyncio.tasks._enter_task(loop, task)
