"""What the Train and the Chart tab have in common: they show the shared run, and move it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.reactive import var

from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint
from engine.training.run import Run
from engine.training.theory import Theory
from tui.kit.prompt import PromptScreen
from tui.kit.tab_pane import Pane
from tui.run.branches_dialog import BranchScreen
from tui.run.breakpoints_dialog import BreakpointScreen
from tui.run.forms import next_rate, whole_number
from tui.run.iteration import Inside
from tui.run.keys import LOOKING_KEYS
from tui.run.messages import (
    BreakpointsChanged,
    Command,
    CommandGiven,
    CursorMoved,
    ExperimentChanged,
    IterationWanted,
    PaceChanged,
    ProblemChanged,
)
from tui.run.setup_dialog import ExperimentScreen


class RunPane(Pane):
    """A tab that shows the shared run, and whose keys move it."""

    BINDINGS: ClassVar[list[BindingType]] = LOOKING_KEYS

    training: var[Run | None] = var(None)
    theory: var[Theory | None] = var(None)
    inside: var[Inside | None] = var(None)
    pace: var[float | None] = var(None)
    busy: var[str] = var("")
    experiment: var[Experiment | None] = var(None)
    breakpoints: var[tuple[Breakpoint, ...]] = var(())
    cursor: var[int | None] = var(None, bindings=True)
    """After how many iterations the run is looked at; None: where it stands."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a cursor has none to work on where there is none."""
        return self.cursor is not None or action not in ("look_away", "go_there")

    def action_look(self, by: int) -> None:
        """At an earlier or later kept iteration."""
        self.post_message(CursorMoved(by))

    def action_look_away(self) -> None:
        """Back to where the run stands."""
        self.post_message(CursorMoved(None))

    def action_go_there(self) -> None:
        """Take the run to what is looked at."""
        if self.cursor is not None:
            self.post_message(IterationWanted(self.cursor))

    def action_order(self, order: Command) -> None:
        """Ask for it."""
        self.post_message(CommandGiven(order))

    def action_pace(self, by: int) -> None:
        """Faster or slower."""
        self.post_message(PaceChanged(by))

    def action_rate(self, by: int) -> None:
        """The next larger or smaller learning rate of 1, 2, 5, 10 …."""
        if self.training is not None:
            problem = self.training.problem
            rate = next_rate(problem.learning_rate, by)
            self.post_message(ProblemChanged(replace(problem, learning_rate=rate)))

    @work
    async def action_go_to(self) -> None:
        """Ask for an iteration."""
        if self.training is None:
            return

        now = self.training.state.iteration
        prompt = PromptScreen("go to iteration", f"now {now:,}; forward or back", whole_number)
        text = await self.app.push_screen_wait(prompt)
        if text:
            self.post_message(IterationWanted(whole_number(text)))

    @work
    async def action_breakpoints(self) -> None:
        """List them, and take the list as it is left."""
        points = await self.app.push_screen_wait(BreakpointScreen(self.breakpoints))
        self.post_message(BreakpointsChanged(points))

    @work
    async def action_branches(self) -> None:
        """Compare them, and go on with one."""
        if self.experiment is not None:
            left = await self.app.push_screen_wait(BranchScreen(self.experiment))
            if left is not self.experiment:
                self.post_message(ExperimentChanged(left))

    @work
    async def action_experiment(self) -> None:
        """Change what is trained, and how."""
        if self.training is None:
            return

        form = ExperimentScreen(self.training.problem, self.theory)
        problem = await self.app.push_screen_wait(form)
        if problem is not None:
            self.post_message(ProblemChanged(problem))
