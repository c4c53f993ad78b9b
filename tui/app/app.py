"""The application: themes, global keys, and the workbench that holds everything else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from engine.lessons import Lesson
from tui.app.appearance import dress, other_theme, without_grey
from tui.app.first_frame import FirstFrame
from tui.app.home import HomeScreen
from tui.app.keyboard import Keyboard
from tui.app.messages import SizeChanged
from tui.app.pointer import is_over_what_has_gone
from tui.app.tab_bar import TABS
from tui.app.too_small import TooSmall, too_small
from tui.config.settings import Settings
from tui.config.theme import DARK, LIGHT
from tui.kit.clipboard import in_tmux, load_buffer
from tui.kit.glyph_filter import GlyphFilter
from tui.kit.key_ids import with_ids
from tui.kit.text import safe
from tui.process.guarded_app import GuardedApp

if TYPE_CHECKING:
    from engine.training.problem import Problem
    from tui.app.commands import Commands
    from tui.app.workbench import Workbench
    from tui.graph.subjects.loader import Recorders
    from tui.run.messages import SessionTaken
    from tui.script.subject import Start
    from tui.session.resumed import Resumed

Answer = TypeVar("Answer")
MOST_TOASTS = 20
"""Textual looks at all of them at each that comes."""
FEATURES_CSS = Path(__file__).with_name("app.tcss")
"""The stylesheet of all that no first frame needs."""


class LinregApp(GuardedApp):
    """The app: its themes, its global keys, and the commands of all features."""

    TITLE = "linreg-tui"
    CSS_PATH = Path(__file__).with_name("first_frame.tcss")
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-medium"),
        (120, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-short"), (32, "-tall")]  # noqa: RUF012
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
        recorders: Callable[[], Recorders] | None = None,
        *,
        tab: str = TABS[0],
    ) -> None:
        """What records is asked for when the first frame has been drawn, and the tab comes then."""
        super().__init__()
        self.settings = settings or Settings()
        self._given = problem, subject, self.settings, resumed, recorders
        self._tab = tab
        self._keyboard = Keyboard(self, lambda: not self.bench.ready)
        self._opening = True
        """Whether the workbench is still to come."""
        dress(self, self.settings)
        self.set_keymap(dict(self.settings.keymap))
        self.glyph_filter: LineFilter = GlyphFilter(self.settings.glyphs)
        """The filter that every drawn line goes through last."""

    def compose(self) -> ComposeResult:
        """What is seen first, and what covers it where there is no room for it."""
        subject = self._given[1]
        opened = None
        if subject is not None:
            opened = subject.key, "" if isinstance(subject, Lesson) else subject.title
        yield FirstFrame(opened, lambda first: self.run_worker(self._open(first)))
        yield TooSmall()

    async def _open(self, first: FirstFrame) -> None:
        """Bring in the workbench behind the first frame, which goes when that is painted."""
        self.stylesheet.read(FEATURES_CSS)
        await self.screen_stack[0].mount(self.bench)
        self._opening = False
        await self.bench.painted.wait()
        await first.remove()
        self.bench.covered = False
        self.call_later(lambda: self.commands)  # there before a key asks, or the end

    @cached_property
    def bench(self) -> Workbench:
        """The three tabs, and the run that they share."""
        from tui.app.workbench import Workbench  # all that no first frame needs

        bench = Workbench(*self._given)
        bench.set_reactive(Workbench.tab, self._tab)
        return bench

    @cached_property
    def commands(self) -> Commands:
        """What keys and the palette ask of the features."""
        from tui.app.commands import Commands  # as above

        return Commands(self, self.bench)

    @on(SizeChanged)
    def _cover(self, message: SizeChanged) -> None:
        """Say so where there is no room for what there is."""
        size = message.size
        self.set_class(too_small(size), "-tiny")
        if (cover := self.screen_stack[0].query_one_optional(TooSmall)) is not None:
            cover.show(size)

    def refresh_css(self, animate: bool = True) -> None:
        """As Textual, once there is something to style: until then the theme is the first one."""
        if self.screen_stack:
            super().refresh_css(animate)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of ours that a theme of Textual's own does not have."""
        return dict((DARK if self.current_theme.dark else LIGHT).variables)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, but without grey where there is to be no colour; then a last look."""
        return [*without_grey(super().get_line_filters(), self.settings), self.glyph_filter]

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

    def on_notify(self) -> None:
        """Forget toasts before there are too many of them: only the last one is seen."""
        if len(self._notifications) >= MOST_TOASTS:
            self.clear_notifications()

    def copy_to_clipboard(self, text: str) -> None:
        """As Textual does, and into tmux, which lets nothing through by itself.

        A file's name may hold what cannot be encoded.
        """
        text = text.encode("utf-8", "replace").decode()
        super().copy_to_clipboard(text)
        if in_tmux(os.environ):
            self.run_worker(load_buffer(text), exit_on_error=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's commands, then those of every feature."""
        self.bench.prepare()
        yield from super().get_system_commands(screen)
        yield from self.commands.all()

    def save_session(self) -> None:
        """Keep what has been trained, on the way out; on any thread."""
        if not self._opening:
            self.last_words = self.commands.autosave()

    def key_comes(self) -> None:
        """Have what trains flat out wait for a moment, so that the key is answered soon."""
        if not self._opening:
            self.bench.trainer.give_way()

    async def on_event(self, event: events.Event) -> None:
        """As Textual; but a key waits for its dialog, and one held down does not run on.

        Whatever comes before the workbench waits for that; once the app leaves, for nothing: what
        it would wait for is not made any more.
        """
        if isinstance(event, events.InputEvent | events.Paste):
            if self._exit:
                return
            await self._keyboard.until_there(self._takes_input)
            if isinstance(event, events.MouseDown) and is_over_what_has_gone(self.screen, event):
                return
            if isinstance(event, events.Paste) and self._keyboard.is_unseen():
                return
        key = event if isinstance(event, events.Key) and not event.is_forwarded else None
        if key is None or await self._keyboard.takes(key):
            if key is not None and len(self._screen_stack) == 1 and self.focused is None:
                self.bench.keep_keys()
            await super().on_event(event)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """As Textual; but what a key is bound to is done before the next one is read."""
        return await (self._keyboard.acts(key, self._bound) if priority else self._bound(key))

    async def _bound(self, key: str, priority: bool = False) -> bool:
        """Do what a key is bound to, if it is and the app has not ended; whether it is."""
        return bool(self._screen_stack) and await super()._check_bindings(key, priority)

    def _takes_input(self) -> bool:
        """Whether the workbench is there, and in it the tab that was asked for last.

        A dialog in front of it needs no tab.
        """
        there = self.bench.tab == TABS[0] or len(self._screen_stack) > 1
        return self._exit or (not self._opening and (self.bench.furnished or there))

    async def push_screen_wait(
        self, screen: Screen[Answer] | str, *, mode: str | None = None
    ) -> Answer | Any:
        """As Textual, but from each screen one dialog at a time: no other is opened."""
        with self._keyboard.asking():
            return await super().push_screen_wait(screen, mode=mode)

    def on_session_taken(self, message: SessionTaken) -> None:
        """Go on with the file of a session that the run has taken."""
        self.commands.take_session(message.path)

    def action_find_data(self) -> None:
        """Ask for the data of the run, where it cannot go on without."""
        self.commands.find_data()

    def action_save(self) -> None:
        """Save the session to its file, or ask for one."""
        self.commands.sessions.save()

    def action_save_as(self) -> None:
        """Ask for a file's name, and save the session there from now on."""
        self.commands.sessions.save_as()

    def action_export_history(self) -> None:
        """Ask for a file's name, and write the run's history there."""
        self.commands.export_history()

    def action_export_graph(self) -> None:
        """Ask for a file's name, and write the graph on the screen there."""
        self.commands.export_graph()

    def action_open_script(self) -> None:
        """Ask for a file to run in the Graph tab."""
        self.commands.open_script()

    def action_go_to_pass(self) -> None:
        """Ask for a pass or a node of what the Graph tab shows."""
        self.commands.go_to_pass()

    def action_command_palette(self) -> None:
        """Show all commands, unless something else is asked just now."""
        self.commands.show_palette()

    def search_themes(self) -> None:
        """As Textual, in a list that outlives any key."""
        self.commands.search_themes()

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
        self.commands.show_help()

    def action_theme(self) -> None:
        """Switch from the dark theme to the light one, or back."""
        self.theme = other_theme(self.theme)

    def action_interrupt(self) -> None:
        """Do what Ctrl+C does here."""
        self.commands.interrupt()
