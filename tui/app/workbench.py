"""The three tabs over one shared run."""

from __future__ import annotations

from asyncio import Event
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import var
from textual.widgets import ContentSwitcher

from engine.lessons import Lesson
from engine.training.problem import Problem
from tui.app.key_bar import KeyBar
from tui.app.load_engine import LoadEngine, load_engine
from tui.app.messages import EngineLoaded, TabChosen
from tui.app.tab_bar import TABS, TabBar
from tui.config.settings import Settings
from tui.graph.pane import GraphPane
from tui.graph.subjects.loader import Recorders
from tui.kit.after_paint import after_paint
from tui.kit.few_queries import keep_few_queries
from tui.kit.key_ids import with_ids
from tui.kit.tab_pane import Pane
from tui.run.dispatch import dispatch
from tui.run.messages import RunMessage, SessionLoaded
from tui.run.state import RunState
from tui.run.trainer import Trainer
from tui.script.passes.script_run import (
    PassLookedAt,
    PassWanted,
    RankTurned,
    ScriptRun,
    ScriptRunChanged,
)
from tui.script.subject import LiveTensor, Start
from tui.session.resumed import Resumed

SCRIPT = "-script"
"""What the id of a pane that shows a script's run ends in."""


class Workbench(Container):
    """Composes the tabs, passes messages to the trainer and its states to the tab in front."""

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
    """Whether torch is there."""
    state: var[RunState] = var(RunState())
    covered: var[bool] = var(True)
    """Whether the first frame is still in front."""
    furnished: var[bool] = var(False)
    """Whether all tabs are there."""
    script_run: var[ScriptRun | None] = var(None)
    """The run of the script that is open in the Graph tab; None where none is."""

    def __init__(
        self,
        problem: Problem | None,
        subject: Start | None,
        settings: Settings,
        resumed: Resumed | None = None,
        recorders: Callable[[], Recorders] | None = None,
    ) -> None:
        super().__init__(id="workbench")
        self.load_engine: LoadEngine = load_engine
        """Imports torch, on a thread."""
        self._recorders = recorders
        self._resumed = resumed
        self._subject = subject
        self._settings = settings
        self.painted = Event()
        """Set once its first tab is on the screen."""
        self.trainer = Trainer(
            problem or Problem(),
            show=lambda state: setattr(self, "state", state),
            post=self.post_message,
            start=lambda task: self.run_worker(
                task, thread=True, group="training", exit_on_error=True
            ),
            notify=lambda line, **options: self.app.notify(line, **options),
            pace=settings.pace,
            frame_seconds=settings.budget.shortest,
            inside_is_shown=lambda: self.tab != "chart",
        )
        self.set_reactive(Workbench.state, self.trainer.state)

    def compose(self) -> ComposeResult:
        """Yield the bar of tabs, the panes of which one is shown, and the key bar below."""
        yield TabBar().data_bind(current=Workbench.tab)
        with ContentSwitcher(initial=TABS[0]):
            graph = GraphPane(self._subject, recorders=self._recorders, id="graph")
            yield graph.data_bind(Workbench.ready)
        yield KeyBar()

    def on_mount(self) -> None:
        """The Graph tab needs neither torch nor the other tabs; what follows does."""
        self.watch_state(self.state)
        self.screen.set_focus(self.query_one("#graph", Pane))
        after_paint(self, partial(self.query_one(KeyBar).once_painted, self.painted.set))

    def watch_covered(self, covered: bool) -> None:
        """Go on once nothing is in front any more."""
        if not covered:
            after_paint(self, self._furnish)

    def _furnish(self) -> None:
        """Bring in the other tabs behind the first one, then torch."""
        from tui.chart.pane import ChartPane  # numpy, and much that the first tab has no use for
        from tui.train.pane import TrainPane

        train = TrainPane(id="train").data_bind(Workbench.state)
        chart = ChartPane(self._settings, id="chart").data_bind(Workbench.state)
        self._mount(train, chart)
        self.furnished = True
        self._bring(self.front)  # it may have been asked for before it was there
        self.query_one(GraphPane).opener.begin()
        self._load()

    def _furnish_for_script(self) -> None:
        """Bring in the tabs that show a script's run, once there is one."""
        if self.query_one_optional(f"#train{SCRIPT}") is None:
            from tui.chart.script_chart import ScriptChartPane  # as above
            from tui.script.passes.histories import Histories
            from tui.train.script_train import ScriptTrainPane

            histories = Histories()
            train = ScriptTrainPane(histories, id=f"train{SCRIPT}")
            chart = ScriptChartPane(histories, self._settings, id=f"chart{SCRIPT}")
            self._mount(*(one.data_bind(Workbench.script_run) for one in (train, chart)))

    def _mount(self, *panes: Pane) -> None:
        for pane in panes:
            pane.display = False
        self.query_one(ContentSwitcher).mount(*panes)
        self.call_after_refresh(keep_few_queries, self)

    def on_unmount(self) -> None:
        """Leave no thread behind that trains."""
        self.trainer.close()

    def on_descendant_blur(self) -> None:
        """Give the keys to the tab in front, if what had them has been hidden."""
        self.keep_keys()

    def keep_keys(self) -> None:
        """Give the keys to the tab in front where nothing has them: they never go nowhere."""
        pane = self.query_one_optional(f"#{self.front}")
        if pane is not None and self.app.app_focus and self.screen.focused is None:
            self.screen.set_focus(pane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The panes' own escape works while no file is read."""
        return action != "stop_reading" or self.state.busy == "reading"

    def action_stop_reading(self) -> None:
        """Stop reading a file of data."""
        self.trainer.pause()

    def interrupt(self) -> bool:
        """Pause training, playing and recording; whether any of them went on."""
        stopped = [self.trainer.pause(), self.query_one(GraphPane).interrupt()]
        return any(stopped)

    @property
    def front(self) -> str:
        """The id of the pane that belongs in front: of a script's run two tabs have their own."""
        scripted = self.script_run is not None and self.tab != "graph" and self.furnished
        return f"{self.tab}{SCRIPT}" if scripted else self.tab

    def watch_tab(self) -> None:
        """Bring a tab to the front, and the keys with it."""
        self._bring(self.front)

    def _bring(self, front: str) -> None:
        if self.script_run is not None and self.furnished:
            self._furnish_for_script()
        pane = self.query_one_optional(f"#{front}")
        if isinstance(pane, Pane):
            self.query_one(ContentSwitcher).current = front
            self.screen.set_focus(pane)
            pane.come_to_front()
            self._show_in_graph()
            self._show_pass_in_graph()

    def watch_state(self, state: RunState) -> None:
        """Show what it runs on, and in the Graph tab the iteration, while that is in front."""
        if (bar := self.query_one_optional(TabBar)) is not None:
            bar.facts, bar.reading = state.facts, state.reading
        self._show_in_graph()

    def _show_in_graph(self) -> None:
        if self.tab == "graph" and (pane := self.query_one_optional(GraphPane)) is not None:
            pane.opener.show_run(self.state.inside)

    def _show_pass_in_graph(self) -> None:
        run = self.script_run
        if self.tab == "graph" and run is not None and run.here is not None and not run.in_step:
            self.query_one(GraphPane).moves.show(run.here)

    @on(ScriptRunChanged)
    def _take_script_run(self, message: ScriptRunChanged) -> None:
        message.stop()
        run = message.run
        self.script_run = run and run.after(self.script_run, by_graph=self.tab == "graph")

    def watch_script_run(self, before: ScriptRun | None, run: ScriptRun | None) -> None:
        """Bring other panes to the front where a script is opened or closed."""
        if run is None:
            self.prepare()
        if (before is None) != (run is None) and self.tab != "graph":
            self._bring(self.front)

    @on(PassLookedAt)
    def _look_at_pass(self, message: PassLookedAt) -> None:
        message.stop()
        if self.script_run is not None:
            self.script_run = replace(self.script_run, cursor=message.number)

    @on(RankTurned)
    def _turn_rank(self, message: RankTurned) -> None:
        message.stop()
        self.query_one(GraphPane).action_rank()

    @on(PassWanted)
    def _go_to_pass(self, message: PassWanted) -> None:
        message.stop()
        if self.script_run is not None:
            newest = message.number >= self.script_run.passes.count - 1
            self.script_run = replace(self.script_run, cursor=None if newest else message.number)
            self.tab = "graph"
            self.query_one(GraphPane).moves.show(message.number)

    @on(RunMessage)
    def _dispatch(self, message: RunMessage) -> None:
        message.stop()
        if isinstance(message, SessionLoaded) and not self.ready:
            self._resumed = Resumed(message.session, message.path)  # once torch is there
        else:
            dispatch(message, self.trainer)

    @on(TabChosen)
    def _choose_tab(self, message: TabChosen) -> None:
        message.stop()
        self.tab = message.tab

    @work(thread=True, group="loading")
    def _load(self) -> None:
        own_process = not isinstance(self._subject, LiveTensor)
        lessons = isinstance(self._subject, Lesson | None)
        known = self.load_engine(self.trainer.problem, own_process=own_process, lessons=lessons)
        self.post_message(EngineLoaded(known))

    def prepare(self) -> None:
        """Prepare the shared run, if nobody has looked at it yet: behind a script's it waits."""
        if self.ready and self.trainer.state.run is None and not self.trainer.state.busy:
            self.trainer.prepare(self.trainer.problem)

    @on(EngineLoaded)
    def _take_engine(self, message: EngineLoaded) -> None:
        message.stop()
        self.trainer.change(facts=message.facts)
        self.ready = True
        if self._resumed is not None:
            self.post_message(SessionLoaded(self._resumed.session, self._resumed.path))
        elif self.script_run is None:
            self.prepare()
