"""The three tabs over one shared run."""

from __future__ import annotations

import gc
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widgets import ContentSwitcher

from engine.training.problem import Problem
from engine.training.run import Run
from engine.training.theory import Theory
from tui.app.key_bar import KeyBar
from tui.app.messages import EngineLoaded, SizeChanged, TabChosen
from tui.app.tab_bar import TABS, TabBar
from tui.config.settings import Settings
from tui.graph.loader import Recorders
from tui.graph.pane import GraphPane
from tui.kit.key_ids import with_ids
from tui.run.iteration import Inside
from tui.run.messages import (
    CommandGiven,
    CursorMoved,
    ExperimentChanged,
    IterationSeen,
    IterationWanted,
    ProblemChanged,
    ProblemPrepared,
    SessionLoaded,
)
from tui.run.trainer import Training
from tui.script.subject import LiveTensor, Subject
from tui.session.session_file import Resumed

GARBAGE = (5_000, 10, 50)
"""New objects until the newest are looked at for garbage, and how seldom the older ones are."""
FRAME = 0.01
"""Seconds between two looks whether the first frame is there."""


class Workbench(Training):
    """Composes the tabs, binds them to the run, and loads torch once all is painted."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding(
                "escape",
                "stop_reading",
                "Stop reading",
                show=False,
                priority=True,
                tooltip="what there was stays",
            )
        ]
    )

    tab: var[str] = var(TABS[0])
    ready: var[bool] = var(False)
    cursor: var[int | None] = var(None)
    """After how many iterations the run is looked at; None: where it stands."""
    seen: var[Run | None] = var(None)
    """The run as it was there: what the Train tab shows, while it is in front."""
    seen_inside: var[Inside | None] = var(None)
    seen_theory: var[Theory | None] = var(None)

    def __init__(
        self,
        problem: Problem,
        subject: Subject | None,
        settings: Settings,
        resumed: Resumed | None = None,
        recorders: Recorders | None = None,
    ) -> None:
        super().__init__(problem, id="workbench")
        self._recorders = recorders
        self._resumed = resumed
        self._subject = subject
        self._settings = settings
        self.set_reactive(Workbench.pace, settings.pace)
        self.frame_seconds = settings.budget.shortest

    @property
    def inside_is_seen(self) -> bool:
        """The charts do not show it."""
        return self.tab != "chart"

    def compose(self) -> ComposeResult:
        """Tabs above, keys below."""
        yield TabBar().data_bind(Training.facts, Training.reading, current=Workbench.tab)
        with ContentSwitcher(initial=self.tab):
            graph = GraphPane(self._subject, recorders=self._recorders, id="graph")
            yield graph.data_bind(Workbench.ready, Training.inside)
        yield KeyBar()

    def on_mount(self) -> None:
        """The first frame needs neither torch nor the other tabs; what follows does."""
        self.query_one("#graph").focus()
        self.call_after_refresh(self._await_frame)

    def _await_frame(self) -> None:
        """Go on once the last of the first frame is there: the keys, which come late."""
        if self.query_one(KeyBar).keys:
            self.call_after_refresh(self._furnish)
        else:
            self.set_timer(FRAME, self._await_frame)

    def _furnish(self) -> None:
        """Bring in the other tabs behind the first one, then torch."""
        from tui.chart.pane import ChartPane
        from tui.train.pane import TrainPane

        run = {
            "cursor": Workbench.cursor,
            "pace": Training.pace,
            "busy": Training.busy,
            "breakpoints": Training.breakpoints,
            "experiment": Training.experiment,
        }
        train = TrainPane(id="train").data_bind(
            training=Workbench.seen,
            inside=Workbench.seen_inside,
            theory=Workbench.seen_theory,
            **run,
        )
        chart = ChartPane(self._settings, id="chart").data_bind(
            Training.training, Training.inside, Training.points, Training.theory, **run
        )
        train.display = chart.display = False
        self.query_one(ContentSwitcher).mount(train, chart)
        self.watch_tab(self.tab)  # it may have been asked for before it was there
        self.query_one(GraphPane).begin()
        self._load()

    def on_resize(self, event: events.Resize) -> None:
        """Tell the app, which may have to say that it is too small.

        The app hears of a new size before the screen has it, and would paint in the old one.
        """
        self.post_message(SizeChanged(event.size))

    def on_descendant_blur(self) -> None:
        """Keys never go nowhere: what had them may have been hidden."""
        pane = self.query_one_optional(f"#{self.tab}")
        if pane is not None and self.app.app_focus and self.screen.focused is None:
            self.screen.set_focus(pane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The panes' own escape works while no file is read."""
        return action != "stop_reading" or self.busy == "reading"

    def action_stop_reading(self) -> None:
        """Leave the file."""
        self.pause()

    def interrupt(self) -> bool:
        """Pause training, playing and recording; whether any of them went on."""
        stopped = [self.pause(), self.query_one(GraphPane).interrupt()]
        return any(stopped)

    def watch_tab(self, tab: str) -> None:
        """Bring a tab to the front, and the keys with it."""
        if (pane := self.query_one_optional(f"#{tab}")) is not None:
            self.query_one(ContentSwitcher).current = tab
            self.screen.set_focus(pane)
            self._look()

    def watch_training(self) -> None:
        """The run has moved."""
        self._look()

    def watch_inside(self) -> None:
        """Another line of the loop."""
        self._look()

    def watch_theory(self) -> None:
        """Another problem."""
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
            from tui.run import state

            self.cursor = state.moved(self.training, self.cursor, message.by)

    @on(CommandGiven)
    @on(IterationWanted)
    @on(ProblemChanged)
    @on(ExperimentChanged)
    @on(ProblemPrepared)
    def _look_away(self) -> None:
        """Who moves the run wants to see where it goes; another run has no such place."""
        self.cursor = None

    def _look(self) -> None:
        """Show the Train tab, while it is in front, what is looked at.

        Of another problem first the run, then what is known of it: they may differ in features.
        """
        if self.tab != "train" or self.training is None:
            return
        from tui.run import state

        if self.seen_theory is not self.theory:
            self.seen_theory = None
        self.seen = state.seen(self.training, self.cursor)
        if self.cursor is None:
            self.seen_inside = self.inside
        else:
            self._look_inside(self.seen)
        self.seen_theory = self.theory

    @work(thread=True, group="looking")
    def _look_inside(self, seen: Run) -> None:
        from tui.run import moves

        self.post_message(IterationSeen(*moves.spot(seen)))

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
        from engine.training.device import facts, load_all

        ours = not isinstance(self._subject, LiveTensor)
        known = facts(self.problem, lean=ours)
        if ours:
            # Torch leaves so many objects behind that looking at all of them for garbage takes a
            # tenth of a second, in the middle of a key: from here on they are not looked at.
            load_all()
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GARBAGE)
            gc.enable()
        self.post_message(EngineLoaded(known))

    @on(EngineLoaded)
    def _take_engine(self, message: EngineLoaded) -> None:
        message.stop()
        self.facts = message.facts
        self.ready = True
        if self._resumed is None:
            self.prepare(self.problem)
        else:
            self.post_message(SessionLoaded(self._resumed.session, self._resumed.path))
