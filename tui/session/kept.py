"""The part of the app that keeps things in files: sessions, histories, and data to learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from textual import on, work
from textual.app import SystemCommand
from textual.screen import Screen

from engine import atomic_files
from engine.atomic_files import FileError
from engine.autograd.graphviz import dot
from engine.sessions.session import Session, SessionError
from engine.sessions.storage import load
from engine.training.history_csv import export
from tui.app.keyboard import KeyboardApp
from tui.app.workbench import Workbench
from tui.kit.prompt import PromptScreen
from tui.run.data_dialog import DataScreen
from tui.run.forms import file_path
from tui.run.messages import DataChosen, ProblemChanged, SessionLoaded, SessionTaken
from tui.session.session_file import Keeper, Resumed

FILE_NAME = "linreg-session.json"
"""Where a session goes if nothing else is said."""


class KeptApp(KeyboardApp):
    """Saves and opens; every failure is one line, and what there was stays."""

    def __init__(self, resumed: Resumed | None = None) -> None:
        super().__init__()
        self._resumed = resumed

    @cached_property
    def keeper(self) -> Keeper:
        """The file that the session is kept in."""
        return Keeper()

    @property
    def bench(self) -> Workbench:
        """What there is to keep."""
        return self.screen_stack[0].query_one(Workbench)

    def save_session(self) -> None:
        """Keep what has been trained, on the way out; on any thread."""
        screens = self.screen_stack
        bench = screens[0].query_one_optional(Workbench) if screens else None
        if bench is None:  # asked to go before all is there
            return

        try:
            session = bench.session()
            if session is not None and bench.way:
                self.last_words = self.keeper.autosave(session)
        except SessionError as error:
            self.last_words = str(error)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own, and those on files."""
        yield from super().get_system_commands(screen)
        yield SystemCommand("Save session", "to its file (ctrl+s)", self.action_save)
        yield SystemCommand("Save session as", "to another file", self.action_save_as)
        yield SystemCommand("Open session", "go on from a file", self.action_open_session)
        yield SystemCommand("Open data", "learn from a CSV file", self.action_open_data)
        yield SystemCommand("Device", "train on the CPU or a GPU", self.action_device)
        yield SystemCommand("Export history", "the run as CSV", self.action_export_history)
        yield SystemCommand("Export graph", "for Graphviz", self.action_export_graph)

    def action_save(self) -> None:
        """To the file that was named, or ask for one."""
        session = self.bench.session()
        if self.keeper.path is None:
            self.action_save_as()
        elif session is not None:
            self._save(session, None)

    @work
    async def action_save_as(self) -> None:
        """Ask where to."""
        session = self.bench.session()
        if session is not None:
            path = await self._ask("save session", str(self.keeper.path or FILE_NAME))
            if path:
                self._save(session, path)

    @work
    async def action_open_session(self) -> None:
        """Ask which one."""
        path = await self._ask("open session", "")
        if path:
            self._open(path)

    @work
    async def action_open_data(self) -> None:
        """Ask for a CSV file, and what of it to learn from what."""
        if choice := await self.push_screen_wait(DataScreen(self.bench.problem)):
            self.bench.post_message(DataChosen(choice))

    @work
    async def action_device(self) -> None:
        """Ask for one, and go on there."""
        from engine.training.device import resolve_device

        problem = self.bench.problem
        prompt = PromptScreen("device", "auto, cpu, cuda or cuda:N", resolve_device, problem.device)
        if name := await self.push_screen_wait(prompt):
            device = resolve_device(name)
            self.bench.post_message(ProblemChanged(replace(problem, device=device)))

    @work
    async def action_export_history(self) -> None:
        """Ask where to."""
        run = self.bench.training
        path = await self._ask("export history as CSV", "history.csv")
        if path and run is not None:
            self._export(path, lambda: export(path, run.problem, self.bench.way))

    @work
    async def action_export_graph(self) -> None:
        """Ask where to."""
        from tui.graph.pane import GraphPane

        graph = self.bench.query_one(GraphPane).graph
        if graph is None:
            self._say("no graph yet", bad=True)
        elif path := await self._ask("export graph for Graphviz", "graph.dot"):
            self._export(path, lambda: atomic_files.write(path, [dot(graph).encode()]))

    def _export(self, path: Path, write: Callable[[], None]) -> None:

        try:
            write()
        except FileError as error:
            self._say(str(error), bad=True)
        else:
            self._say(f"exported to {path}")

    async def _ask(self, title: str, text: str) -> Path | None:

        prompt = PromptScreen(title, "a file's name", file_path, text)
        answer = await self.push_screen_wait(prompt)
        return file_path(answer) if answer else None

    @work(thread=True, group="files")
    def _save(self, session: Session, path: Path | None) -> None:

        try:
            written = self.keeper.save(session, path)
        except SessionError as error:
            self._say(str(error), bad=True)
        else:
            self._say(f"session saved to {written}")

    @work(thread=True, group="files")
    def _open(self, path: Path) -> None:

        try:
            session = load(path)
        except SessionError as error:
            self._say(str(error), bad=True)
        else:
            self.bench.post_message(SessionLoaded(session, path))

    @on(SessionTaken)
    def _keep_there(self, message: SessionTaken) -> None:
        """Only now: had it been refused, what there was would go on, and not into this file."""
        try:
            self.keeper.take(message.path)
        except SessionError as error:
            self._say(str(error), bad=True)

    def _say(self, words: str, *, bad: bool = False) -> None:
        self.notify(words, severity="error" if bad else "information")
