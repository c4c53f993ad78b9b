"""Saving and opening sessions, by keys and from the command palette.

Every failure is one line, and what there was stays.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterator
from pathlib import Path

from textual.app import App, SystemCommand

from engine.sessions.session import Session, SessionError
from engine.sessions.storage import is_another_file, load
from tui.kit.file_prompt import ask_path, may_overwrite
from tui.run.messages import SessionLoaded
from tui.run.trainer import Trainer
from tui.session.session_file import SessionFile

FILE_NAME = "linreg-session.json"
"""The name of the file that a session is saved to by default."""


class SessionCommands:
    """Keeps the session of a trainer in a file; what it asks is asked over the app.

    `post` takes a session that was opened, from any thread: a thread never waits for the app,
    which may be closing.
    """

    def __init__(
        self,
        app: App[None],
        trainer: Trainer,
        file: SessionFile,
        post: Callable[[SessionLoaded], object],
    ) -> None:
        self._app, self._trainer, self._file, self._post = app, trainer, file, post

    def commands(self) -> Iterator[SystemCommand]:
        """Yield the commands of the palette that save and open sessions."""
        yield SystemCommand("Save session", "to its file (ctrl+s)", self.save)
        yield SystemCommand("Save session as", "to another file", self.save_as)
        yield SystemCommand("Open session", "go on from a file", self.open)

    def save(self) -> None:
        """Save to the file that was named, or ask for one."""
        session = self._trainer.state.session()
        if self._file.path is None:
            self.save_as()
        elif session is not None:
            self._write(session, None)

    def save_as(self) -> None:
        """Ask for a file's name, and save there from now on."""
        self._app.run_worker(self._save_as())

    def open(self) -> None:
        """Ask for a session's file, and go on from it."""
        self._app.run_worker(self._ask_and_open())

    def open_file(self, path: Path) -> None:
        """Read a session on a thread, and go on from it."""
        self._app.run_worker(lambda: self._read(path), thread=True, group="files")

    def take(self, path: Path | None) -> None:
        """Keep the session in `path` from now on: it is what is trained.

        Only now: had it been refused, what there was would go on, and not into this file.
        """
        try:
            self._file.take(path, self._trainer.state.experiment)
        except SessionError as error:
            self._fail(error)

    async def _save_as(self) -> None:
        session = self._trainer.state.session()
        if session is None:
            self._app.notify("nothing to save yet: nothing has been trained")
        else:
            path = await ask_path(self._app, "save session", str(self._file.path or FILE_NAME))
            if path and await self._may_write(path):
                self._write(session, path)

    async def _may_write(self, path: Path) -> bool:
        if not await to_thread(is_another_file, path):
            return True
        return await may_overwrite(self._app, f"{path} is there already, and no session.")

    async def _ask_and_open(self) -> None:
        if path := await ask_path(self._app, "open session"):
            self.open_file(path)

    def _write(self, session: Session, path: Path | None) -> None:
        def write() -> None:
            try:
                written = self._file.save(session, path)
            except SessionError as error:
                self._fail(error)
            else:
                self._app.notify(f"session saved to {written}")

        self._app.run_worker(write, thread=True, group="files")

    def _read(self, path: Path) -> None:
        try:
            session = load(path)
        except SessionError as error:
            self._fail(error)
        else:
            self._post(SessionLoaded(session, path))

    def _fail(self, error: SessionError) -> None:
        self._app.notify(str(error), severity="error")
