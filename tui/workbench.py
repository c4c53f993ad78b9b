"""The three tabs over one shared run."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.reactive import var
from textual.widgets import ContentSwitcher, Footer

from engine.regression.problem import Problem
from engine.regression.run import Run
from engine.sessions.session import Session
from tui import iterating, looking
from tui.iterating import Inside
from tui.messages import (
    CursorMoved,
    EngineLoaded,
    ExperimentChanged,
    IterationSeen,
    IterationWanted,
    ProblemChanged,
    SessionLoaded,
    TabChosen,
    TrainingOrdered,
)
from tui.panes.chart import ChartPane
from tui.panes.graph import GraphPane
from tui.panes.train import TrainPane
from tui.settings import Settings
from tui.subject import Subject
from tui.training import Training
from tui.widgets.tab_bar import TABS, TabBar


class Workbench(Training):
    """Composes the tabs, binds them to the run, and loads torch once all is painted."""

    tab: var[str] = var(TABS[0])
    ready: var[bool] = var(False)
    cursor: var[int | None] = var(None)
    """After how many iterations the run is looked at; None: where it stands."""
    seen: var[Run | None] = var(None)
    """The run as it was there: what the Train tab shows, while it is in front."""
    seen_inside: var[Inside | None] = var(None)

    def __init__(
        self,
        problem: Problem,
        subject: Subject | None,
        settings: Settings,
        session: Session | None = None,
    ) -> None:
        super().__init__(problem, id="workbench")
        self._session = session
        self._subject = subject
        self._settings = settings
        self.set_reactive(Workbench.pace, settings.pace)
        self.frame_seconds = settings.budget.shortest

    def compose(self) -> ComposeResult:
        """Tabs above, keys below."""
        run = {
            "theory": Training.theory,
            "cursor": Workbench.cursor,
            "pace": Training.pace,
            "busy": Training.busy,
            "breakpoints": Training.breakpoints,
            "experiment": Training.experiment,
        }
        yield TabBar().data_bind(Training.facts, current=Workbench.tab)
        with ContentSwitcher(initial=self.tab):
            yield GraphPane(self._subject, id="graph").data_bind(Workbench.ready, Training.inside)
            yield TrainPane(id="train").data_bind(
                training=Workbench.seen, inside=Workbench.seen_inside, **run
            )
            yield ChartPane(self._settings, id="chart").data_bind(
                Training.training, Training.inside, Training.points, **run
            )
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """The first frame needs no torch; what follows does."""
        self.query_one("#graph").focus()
        self.call_after_refresh(self._load)

    def interrupt(self) -> bool:
        """Pause training, playing and recording; whether any of them went on."""
        stopped = [self.pause(), self.query_one(GraphPane).interrupt()]
        return any(stopped)

    def watch_tab(self, tab: str) -> None:
        """Bring a tab to the front, and the keys with it."""
        if self.is_mounted:
            self.query_one(ContentSwitcher).current = tab
            self.query_one(f"#{tab}").focus()
            self._look()

    def watch_training(self) -> None:
        """The run has moved."""
        self._look()

    def watch_inside(self) -> None:
        """Another line of the loop."""
        self._look()

    def watch_cursor(self) -> None:
        """Another iteration is looked at."""
        self._look()

    @on(CursorMoved)
    def _move_cursor(self, message: CursorMoved) -> None:
        message.stop()
        if message.by is None or self.training is None:
            self.cursor = None
        else:
            self.cursor = looking.moved(self.training, self.cursor, message.by)

    @on(TrainingOrdered)
    @on(IterationWanted)
    @on(ProblemChanged)
    @on(ExperimentChanged)
    def _look_away(self) -> None:
        """Who moves the run wants to see where it goes."""
        self.cursor = None

    def _look(self) -> None:
        """Show the Train tab, while it is in front, what is looked at."""
        if self.tab != "train" or self.training is None:
            return
        self.seen = looking.seen(self.training, self.cursor)
        if self.cursor is None:
            self.seen_inside = self.inside
        else:
            self._look_inside(self.seen)

    @work(thread=True, group="looking")
    def _look_inside(self, seen: Run) -> None:
        self.post_message(IterationSeen(*iterating.spot(seen)))

    @on(IterationSeen)
    def _take_seen(self, message: IterationSeen) -> None:
        message.stop()
        if message.run is self.seen:
            self.seen_inside = message.inside

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
        if self._session is None:
            self.prepare(self.problem)
        else:
            self.post_message(SessionLoaded(self._session))
