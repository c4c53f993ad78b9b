"""What keys and the palette ask of the features: loaded when the first frame is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import ModalScreen
from textual.theme import ThemeProvider

from engine.lessons import Lesson
from engine.sessions.session import SessionError
from tui.app.help import HelpScreen
from tui.app.interrupt import interrupt
from tui.app.palette import Palette
from tui.app.workbench import Workbench
from tui.graph import commands as graph
from tui.graph.pane import GraphPane
from tui.graph.predict import commands as predict
from tui.process.guarded_app import GuardedApp
from tui.run import commands as training
from tui.run.find_data import find_data
from tui.session.commands import SessionCommands
from tui.session.session_file import SessionFile

if TYPE_CHECKING:
    from tui.chart.pane import ChartPane
    from tui.chart.script_chart import ScriptChartPane


class Commands:
    """Acts on the app's workbench and on its session's file."""

    def __init__(self, app: GuardedApp, bench: Workbench) -> None:
        self._app, self._bench = app, bench
        self.session_file = SessionFile()
        """The file that the session is kept in."""
        self.sessions = SessionCommands(app, bench.trainer, self.session_file, bench.post_message)
        """What saves and opens sessions."""

    def all(self) -> Iterator[SystemCommand]:
        """Yield the commands of every feature."""
        from tui.chart import commands as chart  # numpy; the tab is there when somebody asks
        from tui.graph.edit.commands import version_commands  # as is the editor

        app, bench, pane = self._app, self._bench, self._graph_pane
        yield from self.sessions.commands()
        yield from training.commands(app, bench.trainer, self._run_in_front)
        yield from graph.commands(app, lambda: pane.graph, self.open_script, self.go_to_pass)
        yield from graph.lesson_commands(self._open_lesson)
        yield from graph.rank_commands(pane.player.lens, pane.opener.see)
        yield from predict.commands(pane.predict, pane.action_predict)
        yield from version_commands(app, pane.edits.now, pane.edits.side_by_side)
        if bench.script_run is None:
            yield from chart.commands(self._chart_in_front)
        else:
            yield from chart.script_commands(self._script_chart_in_front)

    def autosave(self) -> str:
        """Keep what has been trained, on any thread; returns a line for the way out."""
        state = self._bench.trainer.state
        session = state.session()
        try:
            if session is not None and state.kept_steps:
                return self.session_file.autosave(session)
        except SessionError as error:
            return str(error)
        return ""

    def take_session(self, path: Path | None) -> None:
        """Go on with a session's file, and ask for its data where they are not there."""
        self.sessions.take(path)
        self.find_data()

    def find_data(self) -> None:
        """Ask for the data of the run, where it cannot go on without."""
        self._app.run_worker(find_data(self._app, self._bench.trainer))

    def export_history(self) -> None:
        """Ask for a file's name, and write the run's history there."""
        self._app.run_worker(training.export_history(self._app, self._bench.trainer))

    def export_graph(self) -> None:
        """Ask for a file's name, and write the graph on the screen there."""
        self._app.run_worker(graph.export_graph(self._app, self._graph_pane.graph))

    def open_script(self) -> None:
        """Ask for a file to run in the Graph tab."""
        self._bench.tab = "graph"
        self._graph_pane.action_open_file()

    def go_to_pass(self) -> None:
        """Ask for a pass or a node of what the Graph tab shows."""
        self._bench.tab = "graph"
        self._graph_pane.moves.go_to()

    def show_palette(self) -> None:
        """Show all commands, unless something else is asked just now."""
        if not isinstance(self._app.screen, ModalScreen):
            self._app.push_screen(Palette())

    def search_themes(self) -> None:
        """Show all themes, in a list that outlives any key."""
        self._app.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))

    def show_help(self) -> None:
        """Show a list of all keys that work where the focus is."""
        self._app.push_screen(HelpScreen(self._app.screen.active_bindings))

    def interrupt(self) -> None:
        """Do what Ctrl+C does on the screen in front."""
        interrupt(self._app, self._bench.interrupt, lambda: self._app.leave(0))

    def _open_lesson(self, lesson: Lesson) -> None:
        self._bench.tab = "graph"
        self._graph_pane.opener.open(lesson.key)

    @property
    def _graph_pane(self) -> GraphPane:
        return self._bench.query_one(GraphPane)

    def _run_in_front(self) -> None:
        if self._bench.tab == "graph":
            self._bench.tab = "train"

    def _chart_in_front(self) -> ChartPane:
        from tui.chart.pane import ChartPane  # as above

        self._bench.tab = "chart"
        return self._bench.query_one(ChartPane)

    def _script_chart_in_front(self) -> ScriptChartPane:
        from tui.chart.script_chart import ScriptChartPane  # as above

        self._bench.tab = "chart"
        return self._bench.query_one(ScriptChartPane)
