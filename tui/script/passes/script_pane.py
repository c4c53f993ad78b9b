"""What the Train and the Chart tab have in common while a script's run is open."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.reactive import var

from engine.recording.pass_table import PassTable
from tui.kit.prompt import PromptScreen
from tui.kit.tab_pane import Pane
from tui.script.passes.histories import Histories
from tui.script.passes.pass_history import PassHistory
from tui.script.passes.pass_keys import PASS_KEYS
from tui.script.passes.pass_words import no_passes, none_has_lines, pass_number
from tui.script.passes.rank_history import RankHistory
from tui.script.passes.script_run import PassLookedAt, PassWanted, RankTurned, ScriptRun


class ScriptPane(Pane):
    """A tab that shows the passes of a script's run, and whose keys move the cursor over them.

    Subclasses say in `show_run` what they draw; it is called only in front.
    """

    BINDINGS: ClassVar[list[BindingType]] = PASS_KEYS

    script_run: var[ScriptRun | None] = var(None)
    _shown: ScriptRun | None = None
    """What was shown last, while the tab was in front."""

    def __init__(self, histories: Histories, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._histories = histories

    @property
    def rank_history(self) -> RankHistory | None:
        """The scalars of all ranks; None where the run is of one process."""
        run = self.script_run
        return self._histories.ranks.of(run.lens.run) if run is not None and run.lens else None

    @property
    def history(self) -> PassHistory:
        """The run's scalars as arrays; they go on from what was read before."""
        run, ranks = self.script_run, self.rank_history
        if ranks is not None and run is not None and run.lens is not None:
            return ranks.histories.get(run.lens.rank, PassHistory())
        return self._histories.of(self.script_run.passes if self.script_run else PassTable())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible: another rank only in a run of several."""
        if action == "rank":
            return self.script_run is not None and self.script_run.lens is not None
        return super().check_action(action, parameters)

    def watch_script_run(self, before: ScriptRun | None, run: ScriptRun | None) -> None:
        """Show what is new, in front; a hidden tab does nothing."""
        if (before and before.lens is not None) != (run and run.lens is not None):
            self.refresh_bindings()
        if self.display:
            self.come_to_front()

    def come_to_front(self) -> None:
        """Show what differs from what is on the screen."""
        run = self.script_run
        if run is not None and run is not self._shown and self.is_mounted:
            self._shown = run
            self.show_run(run)

    def show_run(self, run: ScriptRun) -> None:
        """Draw the run as it is now, with its cursor."""

    def action_pass(self, by: int) -> None:
        """Look at the pass `by` further on, or back; beyond the last one at the newest."""
        run = self.script_run
        if run is None or run.here is None:
            return
        number = max(run.here + by, 0)
        newest = number >= run.passes.count - 1 and by > 0
        self.post_message(PassLookedAt(None if newest else number))

    def action_pass_with_lines(self, step: int) -> None:
        """Look at the next pass that has lines, or with -1 at the previous one."""
        number = self.script_run.beside(step) if self.script_run else None
        if number is not None:
            self.post_message(PassLookedAt(number))
        else:
            self.app.notify(none_has_lines(step))

    def action_rank(self) -> None:
        """Show the next rank of the run, after the last one all of them."""
        self.post_message(RankTurned())

    def action_newest(self) -> None:
        """Look at the newest pass again, and at those that come."""
        self.post_message(PassLookedAt(None))

    def action_show_lines(self) -> None:
        """Show the pass in the Graph tab."""
        run = self.script_run
        if run is not None:
            self.post_message(PassWanted(run.here or 0))

    def action_not_finite(self) -> None:
        """Look at the first pass with a loss, or a norm of a leaf, that is nan or infinite.

        Of several ranks at the next pass in which something is wrong between them.
        """
        if self._to_fault():
            return
        number = self.history.first_broken()
        if number is not None:
            self.post_message(PassLookedAt(number))
        else:
            self.app.notify("every loss, value and gradient up to now is finite")

    def _to_fault(self) -> bool:
        run = self.script_run
        faults = run.lens.faults_of_passes if run is not None and run.lens else ()
        if run is None or run.here is None or not faults:
            return False
        here = run.here
        fault = next((one for one in faults if one.number > here), faults[0])
        self.post_message(PassLookedAt(max(fault.number, 0)))
        self.app.notify(fault.what)
        return True

    @work
    async def action_go_to(self) -> None:
        """Ask for a pass, and look at it."""
        run = self.script_run
        if run is None or run.here is None:
            self.app.notify("no backward pass yet" if run is None else no_passes(run))
            return
        hint = f"0 to {run.passes.count - 1:,}"
        text = await self.app.push_screen_wait(PromptScreen("go to pass", hint, self._wanted))
        if text:
            self.post_message(PassLookedAt(self._wanted(text)))

    def _wanted(self, text: str) -> int:
        """The pass that is meant; raises ValueError where there is none of that number."""
        count = self.script_run.passes.count if self.script_run else 0
        number = pass_number(text, count)
        if number is None:
            raise ValueError("the number of a pass")
        return number
