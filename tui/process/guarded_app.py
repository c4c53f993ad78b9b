"""The part of the app that a guard holds on to: leaving, saving, and failing quietly."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import Lock

from rich.console import RenderableType
from textual import constants
from textual.app import App
from textual.driver import Driver
from textual.worker import WorkerFailed

from tui.process.drawn import let_go_of_what_was_drawn


class GuardedApp(App[None]):
    """An app that can be told to go at any moment.

    Where it fails it shows nothing by itself: Textual's tracebacks print the values of local
    variables, which are the user's data.
    """

    failure: BaseException | None = None
    """The first exception that nothing caught."""
    on_failure: Callable[[], None] | None = None
    """Called, on any thread, as soon as there is one."""
    last_words = ""
    """A line for the shell, about what was kept."""

    def __init__(self) -> None:
        super().__init__()
        let_go_of_what_was_drawn()
        self._keeping = Lock()
        self._kept = False
        self._leaving = False

    def save_session(self) -> None:
        """Keep what there is, before the process ends; may be called on any thread."""

    def key_comes(self) -> None:
        """A key or a click has been read and waits for its answer; on the driver's thread."""

    def keep(self) -> None:
        """Save the session, once, on whichever thread gets here first."""
        with self._keeping:
            if self._kept:
                return
            self._kept = True
            try:
                self.save_session()
            except Exception as error:
                self.failure = self.failure or error

    def leave(self, code: int) -> None:
        """Save the session once, then exit the app with `code`."""
        self._leaving = True
        self.keep()
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """Save the session and leave with exit code 0."""
        self.leave(0)

    def get_driver_class(self) -> type[Driver]:
        """The guarded one, where there are such signals as it guards against."""
        if constants.DRIVER is not None or os.name != "posix":
            return super().get_driver_class()
        # Late: termios, which Windows lacks.
        from tui.process.driver import GuardedDriver

        return GuardedDriver

    def panic(self, *renderables: RenderableType) -> None:
        """End without printing the renderables, which may hold tracebacks with values."""
        handled = sys.exc_info()[1]
        try:
            raise RuntimeError("Textual gave up")
        except RuntimeError as error:  # which has a place by that
            self._fail(handled or error)
        super().panic()

    def _handle_exception(self, error: Exception) -> None:
        if self._leaving:  # a screen that is taken down while it is built misses its parts
            return
        self._fail(error.error if isinstance(error, WorkerFailed) else error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        super().panic()

    def _fail(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error
            self.keep()
            if self.on_failure is not None:
                self.on_failure()
