"""What the Train and the Chart tab have in common: they show the shared run, and move it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.reactive import var

from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen
from tui.kit.tab_pane import Pane
from tui.run.branches_dialog import BranchScreen
from tui.run.breakpoints_dialog import BreakpointScreen
from tui.run.forms import iteration_from, whole_number
from tui.run.keys import LOOKING_KEYS
from tui.run.learning_rate import with_next_rate
from tui.run.messages import (
    BreakpointsChanged,
    Command,
    CommandGiven,
    CursorMoved,
    ExperimentChanged,
    IterationWanted,
    PaceChanged,
    ProblemChanged,
    UnitsChanged,
)
from tui.run.outlier import NO_OUTLIER, with_outlier
from tui.run.setup_dialog import ExperimentScreen
from tui.run.state import RunState


class RunPane(Pane):
    """A tab that shows the shared run, and whose keys move it.

    Subclasses say in `show_changes` what of a state they draw; it is called only in front.
    """

    BINDINGS: ClassVar[list[BindingType]] = LOOKING_KEYS

    state: var[RunState] = var(RunState())
    _shown = RunState()
    """What was shown last, while the tab was in front."""

    def watch_state(self, before: RunState, state: RunState) -> None:
        """Show what is new, in front; a hidden tab does nothing."""
        if self.display:
            if (before.cursor is None) != (state.cursor is None) or (
                before.only_looking is not state.only_looking
            ):
                self.refresh_bindings()
            self.come_to_front()

    def on_mount(self) -> None:
        """Show what came, in front, before there was anything to show it in."""
        self.call_later(self.watch_state, self.state, self.state)

    def come_to_front(self) -> None:
        """Show what differs from what is on the screen; called when the tab comes to the front."""
        if not self.is_mounted:
            return
        before, self._shown = self._shown, self.state
        self.show_changes(before, self.state)

    def show_changes(self, before: RunState, state: RunState) -> None:
        """Draw those parts of `state` that are others in `before`."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible: leaving or going to the cursor needs a cursor."""
        if action == "find_data":
            looking = self.state.only_looking
            return looking is not None and looking.lost is not None
        return self.state.cursor is not None or action not in ("look_away", "go_there")

    def action_look(self, by: int) -> None:
        """Look at the kept iteration `by` further on."""
        self.post_message(CursorMoved(by))

    def action_look_away(self) -> None:
        """Look at where the run stands again."""
        self.post_message(CursorMoved(None))

    def action_go_there(self) -> None:
        """Take the run to the iteration at the cursor."""
        if self.state.cursor is not None:
            self.post_message(IterationWanted(self.state.cursor))

    def action_command(self, command: Command) -> None:
        """Give the trainer a command."""
        self.post_message(CommandGiven(command))

    def action_pace(self, by: int) -> None:
        """Play faster or slower by one of the paces of `tui.run.pace`."""
        self.post_message(PaceChanged(by))

    async def action_find_data(self) -> None:
        """Ask where the data are that the run cannot go on without."""
        await self.run_action("app.find_data")

    def action_rate(self, by: int) -> None:
        """Take the next larger or smaller learning rate of 1, 2, 5, 10 …."""
        if self.state.run is not None:
            self.post_message(ProblemChanged(with_next_rate(self.state.run.problem, by)))

    def action_units(self) -> None:
        """Standardise the features on a branch, or go back to the one in their own units."""
        self.post_message(UnitsChanged())

    @work
    async def action_go_to(self) -> None:
        """Ask for an iteration, and take the run there."""
        run = self.state.run
        if run is None:
            return
        hint = f"now {run.state.iteration:,}; forward or back"
        typed = partial(iteration_from, run.history.start.iteration)
        text = await self.app.push_screen_wait(PromptScreen("go to iteration", hint, typed))
        if text and await self._is_meant(whole_number(text), run.problem.target):
            self.post_message(IterationWanted(whole_number(text)))

    async def _is_meant(self, iteration: int, target: int) -> bool:
        """Ask about an iteration beyond the target: a digit too many trains for long."""
        if iteration <= target:
            return True
        title = f"go on to iteration {iteration:,}?"
        words = f"That is beyond the target of {target:,}. Escape pauses on the way."
        return await self.app.push_screen_wait(QuestionScreen(title, words, "goes there", "stays"))

    @work
    async def action_breakpoints(self) -> None:
        """List the breakpoints, and take the list as it is left."""
        points = await self.app.push_screen_wait(BreakpointScreen(self.state.breakpoints))
        self.post_message(BreakpointsChanged(points))

    @work
    async def action_branches(self) -> None:
        """Compare the branches, and go on with the one that is chosen."""
        experiment = self.state.experiment
        if experiment is not None:
            left = await self.app.push_screen_wait(BranchScreen(experiment, self.state.theories))
            if left is not experiment:
                self.post_message(ExperimentChanged(left))

    def action_outlier(self, by: int) -> None:
        """Move the y of one made point, the one that has the largest x, on a branch."""
        run, points = self.state.run, self.state.points
        if run is None or points is None:
            return
        if (source := with_outlier(run.problem.source, points, by)) is None:
            self.notify(NO_OUTLIER)
        else:
            self.post_message(ProblemChanged(replace(run.problem, source=source)))

    @work
    async def action_experiment(self) -> None:
        """Ask for another learning rate, momentum, start and points, and train with them."""
        run = self.state.run
        if run is None:
            return
        form = ExperimentScreen(run.problem, self.state.theory, done=run.state.iteration)
        if (setup := await self.app.push_screen_wait(form)) is not None:
            self.post_message(ProblemChanged(*setup))
