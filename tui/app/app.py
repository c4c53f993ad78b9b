"""The application: themes, global keys, and the workbench that holds everything else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.theme import ThemeProvider

from engine.lessons import Lesson
from engine.sessions.session import SessionError
from engine.training.problem import Problem
from tui.app.help import HelpScreen
from tui.app.home import HomeScreen
from tui.app.interrupt import interrupt
from tui.app.keyboard import Keyboard
from tui.app.messages import SizeChanged
from tui.app.palette import Palette
from tui.app.tab_bar import TABS
from tui.app.too_small import TooSmall, too_small
from tui.app.workbench import Workbench
from tui.config.settings import Settings
from tui.config.theme import DARK, LIGHT, THEMES
from tui.graph import commands as graph
from tui.graph.loader import Recorders
from tui.graph.pane import GraphPane
from tui.graph.predict import commands as predict
from tui.kit.clipboard import in_tmux, load_buffer
from tui.kit.glyph_filter import GlyphFilter
from tui.kit.key_ids import with_ids
from tui.kit.text import safe
from tui.process.guarded_app import GuardedApp
from tui.run import commands as training
from tui.run.find_data import find_data
from tui.run.messages import SessionTaken
from tui.script.subject import Start
from tui.session.resumed import Resumed

if TYPE_CHECKING:
    from tui.chart.pane import ChartPane
    from tui.chart.script_chart import ScriptChartPane
    from tui.session.commands import SessionCommands
    from tui.session.session_file import SessionFile

Answer = TypeVar("Answer")
ANSI = ("ansi-dark", "ansi-light")
"""Themes of Textual's in the terminal's own sixteen colours, for which `colours` stands here."""


class LinregApp(GuardedApp):
    """The app: its themes, its global keys, and the commands of all features."""

    TITLE = "linreg-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-medium"),
        (120, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            *(
                Binding(str(i), f"tab('{name}')", name.capitalize(), show=False)
                for i, name in enumerate(TABS, 1)
            ),
            Binding("question_mark", "help", "Help", key_display="?", tooltip="all keys"),
            Binding("t", "theme", "Light/dark", show=False, tooltip="the other theme"),
            Binding("ctrl+s", "save", "Save session", show=False, tooltip="to a file"),
            Binding("q", "quit", "Quit"),
            Binding(
                "ctrl+c",
                "interrupt",
                "Pause",
                show=False,
                priority=True,
                tooltip="what runs; again to quit",
            ),
            Binding(
                "ctrl+z", "suspend_process", "To the shell", show=False, tooltip="fg comes back"
            ),
        ]
    )

    def __init__(
        self,
        problem: Problem | None = None,
        subject: Start | None = None,
        settings: Settings | None = None,
        resumed: Resumed | None = None,
        recorders: Recorders | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.bench = Workbench(problem or Problem(), subject, self.settings, resumed, recorders)
        self._keyboard = Keyboard(self, lambda: not self.bench.ready)
        for theme in THEMES:
            self.register_theme(theme)
        for name in ANSI:  # neither charts nor files can be drawn in colours without a number
            self.unregister_theme(name)
        self.theme = (LIGHT if self.settings.theme == "light" else DARK).name
        if self.settings.profile == "ssh":
            self.animation_level = "none"
        self.set_class(self.settings.colours in ("none", "16"), "-few-colours")
        self.set_keymap(dict(self.settings.keymap))
        self.set_class(self.settings.glyphs == "ascii", "-plain")
        self.glyph_filter: LineFilter = GlyphFilter(self.settings.glyphs)
        """The filter that every drawn line goes through last."""

    def compose(self) -> ComposeResult:
        """The workbench, and what covers it where there is no room for it."""
        yield self.bench
        yield TooSmall()

    @on(SizeChanged)
    def _cover(self, message: SizeChanged) -> None:
        """Say so where there is no room for what there is."""
        size = message.size
        self.set_class(too_small(size), "-tiny")
        if (cover := self.screen_stack[0].query_one_optional(TooSmall)) is not None:
            cover.show(size)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of ours that a theme of Textual's own does not have."""
        return dict((DARK if self.current_theme.dark else LIGHT).variables)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, but without grey where there is to be no colour; then a last look."""
        filters = super().get_line_filters()
        if self.settings.colours == "none":
            filters = [f for f in filters if not isinstance(f, Monochrome)] + [NoColor()]
        return [*filters, self.glyph_filter]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast; its message may hold any text, and is never read as markup."""
        words, title = safe(message, newlines=True), safe(title)
        super().notify(words, title=title, severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """As Textual does, and into tmux, which lets nothing through by itself.

        A file's name may hold what cannot be encoded.
        """
        text = text.encode("utf-8", "replace").decode()
        super().copy_to_clipboard(text)
        if in_tmux(os.environ):
            self.run_worker(load_buffer(text), exit_on_error=False)

    @cached_property
    def session_file(self) -> SessionFile:
        """The file that the session is kept in."""
        from tui.session.session_file import SessionFile  # no first frame needs it

        return SessionFile()

    @cached_property
    def sessions(self) -> SessionCommands:
        """What saves and opens sessions."""
        from tui.session.commands import SessionCommands  # no first frame needs it

        bench = self.bench
        return SessionCommands(self, bench.trainer, self.session_file, bench.post_message)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's commands, then those of every feature."""
        from tui.chart import commands as chart  # numpy; the tab is there when somebody asks
        from tui.graph.edit.commands import version_commands  # as is the editor

        self.bench.prepare()
        yield from super().get_system_commands(screen)
        yield from self.sessions.commands()
        yield from training.commands(self, self.bench.trainer)
        yield from graph.commands(
            self, lambda: self._graph_pane.graph, self.action_open_script, self.action_go_to_pass
        )
        yield from graph.lesson_commands(self._open_lesson)
        pane = self._graph_pane
        yield from graph.rank_commands(pane.player.lens, pane.opener.see)
        yield from predict.commands(pane.predict, pane.action_predict)
        yield from version_commands(self, pane.edits.now, pane.edits.side_by_side)
        if self.bench.script_run is None:
            yield from chart.commands(self._chart_in_front)
        else:
            yield from chart.script_commands(self._script_chart_in_front)

    def save_session(self) -> None:
        """Keep what has been trained, on the way out; on any thread."""
        state = self.bench.trainer.state
        session = state.session()
        try:
            if session is not None and state.kept_steps:
                self.last_words = self.session_file.autosave(session)
        except SessionError as error:
            self.last_words = str(error)

    async def on_event(self, event: events.Event) -> None:
        """As Textual; but a key waits for its dialog, and one held down does not run on."""
        key = event if isinstance(event, events.Key) and not event.is_forwarded else None
        if key is None or await self._keyboard.takes(key):
            if key is not None and len(self._screen_stack) == 1 and self.focused is None:
                self.bench.keep_keys()
            await super().on_event(event)

    async def push_screen_wait(
        self, screen: Screen[Answer] | str, *, mode: str | None = None
    ) -> Answer | Any:
        """As Textual, but from each screen one dialog at a time: no other is opened."""
        with self._keyboard.asking():
            return await super().push_screen_wait(screen, mode=mode)

    @on(SessionTaken)
    def _take_session(self, message: SessionTaken) -> None:
        self.sessions.take(message.path)
        self.action_find_data()

    def action_find_data(self) -> None:
        """Ask for the data of the run, where it cannot go on without."""
        self.run_worker(find_data(self, self.bench.trainer))

    def action_save(self) -> None:
        """Save the session to its file, or ask for one."""
        self.sessions.save()

    def action_save_as(self) -> None:
        """Ask for a file's name, and save the session there from now on."""
        self.sessions.save_as()

    def action_export_history(self) -> None:
        """Ask for a file's name, and write the run's history there."""
        self.run_worker(training.export_history(self, self.bench.trainer))

    def action_export_graph(self) -> None:
        """Ask for a file's name, and write the graph on the screen there."""
        self.run_worker(graph.export_graph(self, self._graph_pane.graph))

    def action_open_script(self) -> None:
        """Ask for a file to run in the Graph tab."""
        self.action_tab("graph")
        self._graph_pane.action_open_file()

    def _open_lesson(self, lesson: Lesson) -> None:
        self.action_tab("graph")
        self._graph_pane.opener.open(lesson.key)

    def action_go_to_pass(self) -> None:
        """Ask for a pass or a node of what the Graph tab shows."""
        self.action_tab("graph")
        self._graph_pane.moves.go_to()

    def action_command_palette(self) -> None:
        """Show all commands, unless something else is asked just now."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        """As Textual, in a list that outlives any key."""
        self.push_screen(Palette([ThemeProvider], placeholder="Search for themes…"))

    @property
    def _graph_pane(self) -> GraphPane:
        return self.bench.query_one(GraphPane)

    def _chart_in_front(self) -> ChartPane:
        from tui.chart.pane import ChartPane  # as above

        self.bench.tab = "chart"
        return self.bench.query_one(ChartPane)

    def _script_chart_in_front(self) -> ScriptChartPane:
        from tui.chart.script_chart import ScriptChartPane  # as above

        self.bench.tab = "chart"
        return self.bench.query_one(ScriptChartPane)

    def get_default_screen(self) -> Screen[None]:
        """Return the screen with the three tabs.

        It has the classes of its size from the first: to get them later styles all of it anew.
        """
        limits = (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS)
        reached = [
            max(pair for pair in pairs if pair[0] <= cells)
            for cells, pairs in zip(self.size, limits, strict=True)
        ]
        return HomeScreen(id="_default", classes=" ".join(name for _, name in reached))

    def action_tab(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.bench.tab = tab

    def action_help(self) -> None:
        """Show a list of all keys that work where the focus is."""
        self.push_screen(HelpScreen(self.screen.active_bindings))

    def action_theme(self) -> None:
        """Switch from the dark theme to the light one, or back."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % 2 if self.theme in names else 0]

    def action_interrupt(self) -> None:
        """Do what Ctrl+C does here."""
        interrupt(self, self.bench.interrupt, lambda: self.leave(0))
