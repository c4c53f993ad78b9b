"""The application: themes, global keys, and the workbench that holds everything else."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from engine.regression.problem import Problem
from tui.screens.help import HelpScreen
from tui.theme import THEMES
from tui.widgets.tab_bar import TABS
from tui.workbench import Workbench


class LinregApp(App[None]):
    """See autograd and gradient descent work."""

    TITLE = "linreg-tui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (100, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(i), f"tab('{name}')", name.capitalize(), show=False)
            for i, name in enumerate(TABS, 1)
        ),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="all keys"),
        Binding("t", "theme", "Light/dark", show=False, tooltip="the other theme"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, problem: Problem | None = None, file: Path | None = None) -> None:
        super().__init__()
        self._problem = problem or Problem()
        self._file = file
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        """One thing."""
        yield Workbench(self._problem, self._file)

    def action_tab(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.query_one(Workbench).tab = tab

    def action_help(self) -> None:
        """All keys that work here."""
        self.push_screen(HelpScreen(self.screen.active_bindings))

    def action_theme(self) -> None:
        """From dark to light and back."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % 2 if self.theme in names else 0]
