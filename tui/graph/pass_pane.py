"""Going from pass to pass of a recording, to one by its number, and to where it breaks."""

from __future__ import annotations

from asyncio import sleep

from textual import work
from textual.reactive import var

from engine.recording.records import Recording
from tui.graph import search
from tui.graph.graph_widget import GraphWidget
from tui.graph.player import Player
from tui.graph.replay_dialog import ReplayScreen
from tui.kit.prompt import PromptScreen
from tui.kit.tab_pane import Pane
from tui.script import position
from tui.script.breakpoints import search as search_on
from tui.script.replay import command
from tui.script.subject import Script
from tui.script.windows import PassWindow, at_or_before, beside, total, window_of


class PassPane(Pane):
    """A pane with a Player whose recording has passes."""

    player: var[Player] = var(Player())
    playing: var[bool] = var(False)
    """Whether it steps by itself."""

    @property
    def graph_widget(self) -> GraphWidget:
        """The widget that owns selection, search and folds."""
        return self.query_one(GraphWidget)

    def again(self, number: int) -> Script:
        """Return what would record a pass; raises ValueError where nothing can."""
        raise ValueError("this is not a script's run")

    def replay(self, script: Script, number: int) -> None:
        """Run a script again, and show a pass of it."""

    def show_pass(self, number: int) -> None:
        """Go to a pass, or to the nearest one that has lines."""
        self.playing = False
        self.player = self.player.to_pass(number)

    def action_pass(self, step: int) -> None:
        """Go to the next pass that has lines, or with -1 to the previous."""
        self.playing = False
        recording, window = self.player.recording, self.player.window
        if recording is None or window is None:
            return
        found = beside(recording, window.number, step)
        if found is not None:
            self.player = self.player.to_pass(found.number)
        else:
            self.app.notify(f"no pass {'after' if step > 0 else 'before'} this one has lines")

    def run_on(self) -> None:
        """Go to the next breakpoint, else to the end; in a long recording step by step."""
        recording = self.player.recording
        if recording is None or isinstance(recording.moments, tuple):
            self.player = self.player.to_breakpoint()
        else:
            self._search_on(recording)

    @work(exclusive=True, group="search")
    async def _search_on(self, recording: Recording) -> None:
        here = self.player.position
        for found in search_on(recording, here, self.player.breakpoints):
            if found is not None:
                self.player = self.player.at(found)
                return
            await sleep(0)
            if self.player.position != here:
                return
        self.player = self.player.at(position.end(recording))

    def action_go_to(self) -> None:
        """Ask for a pass or a node, and go there."""
        recording = self.player.recording
        if recording is None or total(recording) < 2:
            self.graph_widget.action_go_to()
        else:
            self._go_to_pass()

    def action_not_finite(self) -> None:
        """Go to the first nan or infinity: of the run's losses, else in the pass on the screen."""
        recording, window = self.player.recording, self.player.window
        number = None if recording is None else recording.passes.first_nonfinite_loss()
        there = None
        if recording is not None and number is not None:
            there = at_or_before(recording, number)
        if recording is None or number is None or there is None or not _one_loss(recording, there):
            self.graph_widget.action_not_finite()
            return
        if window is None or window.number != there.number:
            self.playing = False
            self.player = self.player.to_pass(there.number)
        if there.number == number:
            self.graph_widget.action_not_finite()
        else:
            loss = recording.passes.loss(number)
            self.app.notify(
                f"the loss is {loss:g} first at pass {number:,}, which has no lines; this is pass "
                f"{there.number:,}, the last one before. g {number} runs it again for those.",
                timeout=12,
            )

    @work
    async def _go_to_pass(self) -> None:
        recording = self.player.recording
        if recording is None:
            return
        hint = f"a pass, 0 to {total(recording) - 1:,}, or the name of a node"
        text = await self.app.push_screen_wait(PromptScreen("go to pass", hint, self._wanted))
        if not text:
            return
        number = self._wanted(text)
        if number is None:
            if (graph := self.player.graph) is not None:
                self.graph_widget.selected = search.named(graph, text)
        elif self.player.recording is None or window_of(self.player.recording, number):
            self.show_pass(number)
        else:
            await self._offer_replay(number)

    async def _offer_replay(self, number: int) -> None:
        try:
            script = self.again(number)
        except ValueError as why:
            self.app.notify(f"no lines of pass {number:,} were recorded: {why}", timeout=8)
            return
        if await self.app.push_screen_wait(ReplayScreen(number, command(script))):
            self.replay(script, number)

    def _wanted(self, text: str) -> int | None:
        """The pass that is meant, None where it is a node; raises ValueError for neither."""
        recording, digits = self.player.recording, text.strip().replace(",", "")
        if recording is not None and digits.isdecimal():
            if int(digits) >= total(recording):
                raise ValueError(f"passes are numbered from 0 to {total(recording) - 1:,}")
            return int(digits)
        if self.player.graph is None:
            raise ValueError("the number of a pass")
        search.named(self.player.graph, text)
        return None


def _one_loss(recording: Recording, window: PassWindow) -> bool:
    """Whether passes begin at one number: of several the table knows none."""
    graph = position.graph_at(recording, position.in_pass(recording, window.number))
    shape = graph.nodes[graph.roots[0]].shape if graph is not None else None
    return shape is None or all(size == 1 for size in shape)
