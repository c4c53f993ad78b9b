"""The three tabs over one shared run."""

from __future__ import annotations

from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.reactive import var
from textual.widgets import ContentSwitcher, Footer

from engine.regression.problem import Problem
from tui.messages import EngineLoaded, TabChosen
from tui.panes.chart import ChartPane
from tui.panes.graph import GraphPane
from tui.panes.train import TrainPane
from tui.training import Training
from tui.widgets.tab_bar import TABS, TabBar


class Workbench(Training):
    """Composes the tabs, binds them to the run, and loads torch once all is painted."""

    tab: var[str] = var(TABS[0])
    facts: var[str] = var("loading torch …")
    ready: var[bool] = var(False)

    def __init__(self, problem: Problem, file: Path | None = None) -> None:
        super().__init__(problem, id="workbench")
        self._file = file

    def compose(self) -> ComposeResult:
        """Tabs above, keys below."""
        run = {
            "training": Training.training,
            "theory": Training.theory,
            "inside": Training.inside,
            "pace": Training.pace,
            "busy": Training.busy,
            "breakpoints": Training.breakpoints,
        }
        yield TabBar().data_bind(Workbench.facts, current=Workbench.tab)
        with ContentSwitcher(initial=self.tab):
            yield GraphPane(self._file, id="graph").data_bind(Workbench.ready, Training.inside)
            yield TrainPane(id="train").data_bind(**run)
            yield ChartPane(id="chart").data_bind(Training.points, **run)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """The first frame needs no torch; what follows does."""
        self.query_one("#graph").focus()
        self.call_after_refresh(self._load)

    def watch_tab(self, tab: str) -> None:
        """Bring a tab to the front, and the keys with it."""
        if self.is_mounted:
            self.query_one(ContentSwitcher).current = tab
            self.query_one(f"#{tab}").focus()

    @on(TabChosen)
    def _choose_tab(self, message: TabChosen) -> None:
        message.stop()
        self.tab = message.tab

    @work(thread=True, group="loading")
    def _load(self) -> None:
        from engine.device import facts

        self.post_message(EngineLoaded(facts(self.problem)))

    @on(EngineLoaded)
    def _take_engine(self, message: EngineLoaded) -> None:
        message.stop()
        self.facts = message.facts
        self.ready = True
        self.prepare(self.problem)
