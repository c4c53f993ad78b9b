"""Going from pass to pass of a recording, to one by its number, and to where it breaks."""

from __future__ import annotations

from asyncio import sleep

from textual.widget import Widget

from engine.ranks.rank_fault import ranks_text
from engine.recording.findings import NOT_FINITE, Finding
from engine.recording.records import Recording
from tui.graph import search
from tui.graph.graph_widget import GraphWidget
from tui.graph.subjects.opener import Opener
from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen
from tui.script import position
from tui.script.advice import lines_remark
from tui.script.breakpoints import search as search_on
from tui.script.passes.pass_words import none_has_lines, pass_number
from tui.script.replay import command
from tui.script.windows import PassWindow, at_or_before, beside, total, window_of

SEARCH_WORKERS = "search"
"""The group of workers that search a long recording."""


class PassMoves:
    """Moves in the recording that is open, and asks for where to go.

    `pane` is the widget around the graph; its workers search and ask.
    """

    def __init__(self, opener: Opener, pane: Widget) -> None:
        self._opener, self._pane = opener, pane
        self._fault = -1
        """The last of what is wrong between ranks to which it went."""

    @property
    def _graph(self) -> GraphWidget:
        return self._pane.query_one(GraphWidget)

    def show(self, number: int) -> None:
        """Go to a pass, or to the last one before it that has lines, and say so."""
        player = self._opener.state.player.to_pass(number)
        window = player.window
        other = window is not None and window.number < number
        remark = lines_remark(number, window.number) if window and other else None
        self._opener.change(playing=False, player=player, remark=remark)

    def pass_with_lines(self, step: int) -> None:
        """Go to the next pass that has lines, or with -1 to the previous."""
        player = self._opener.state.player
        found = None
        if player.recording is not None and player.window is not None:
            found = beside(player.recording, player.window.number, step)
            if found is None:
                self._say(none_has_lines(step))
        if found is not None:
            player = player.to_pass(found.number)
        self._opener.change(playing=False, player=player)

    def run_on(self) -> None:
        """Go to the next breakpoint, else to the end; in a long recording step by step."""
        player = self._opener.state.player
        if player.recording is None or isinstance(player.recording.moments, tuple):
            self._opener.go(player.to_breakpoint())
        else:
            searching = self._search_on(player.recording)
            self._pane.run_worker(searching, exclusive=True, group=SEARCH_WORKERS)

    def cancel(self) -> None:
        """End the search for a breakpoint, if one goes on; the position stays where it is."""
        self._pane.workers.cancel_group(self._pane, SEARCH_WORKERS)

    async def _search_on(self, recording: Recording) -> None:
        began = self._opener.state
        here = began.player.position
        for found in search_on(recording, here, began.player.breakpoints):
            if found is not None:
                break
            await sleep(0)
            now = self._opener.state
            if (now.key, now.player.position) != (began.key, here):
                return
        else:
            found = position.end(recording)
        self._opener.go(self._opener.state.player.at(found))

    def go_to(self) -> None:
        """Ask for a pass or a node, and go there."""
        recording = self._opener.state.recording
        if recording is None or total(recording) < 2:
            self._graph.action_go_to()
        else:
            self._pane.run_worker(self._go_to_pass(recording))

    def not_finite(self) -> None:
        """Go to the first nan or infinity: of the run's losses, else in the pass on the screen.

        Of a run of several ranks first to what is wrong between them, one after the other.
        """
        if self._to_fault():
            return
        player = self._opener.state.player
        recording = player.recording
        cause = _first_cause(recording) if recording else None
        if cause is not None:
            self._enter(cause.number)
            self._graph.action_not_finite()
            return
        number = None if recording is None else recording.passes.first_nonfinite_loss()
        there = None
        if recording is not None and number is not None:
            there = at_or_before(recording, number)
        if recording is None or number is None or there is None or not _one_loss(recording, there):
            self._graph.action_not_finite()
            return
        self._enter(there.number)
        if there.number == number:
            self._graph.action_not_finite()
        else:
            self._say(
                f"the loss is {recording.passes.loss(number):g} first at pass {number:,}, which "
                f"has no lines; this is pass {there.number:,}, the last one before. "
                f"g {number} runs it again for those.",
                seconds=12,
            )

    def _to_fault(self) -> bool:
        """Go to the next thing that is wrong between the ranks, on one of those; False: none is."""
        player = self._opener.state.player
        lens = player.lens
        faults = lens.faults_of_passes if lens else ()
        if lens is None or not faults:
            return False
        self._fault = (self._fault + 1) % len(faults)
        fault = faults[self._fault]
        if lens.rank not in fault.ranks:
            there = [rank for rank in fault.ranks if rank in lens.run.present]
            self._opener.see(lens.at(there[0] if there else lens.rank))
        self.show(max(fault.number, 0))
        # What is said of it takes room, in which the node is to be seen.
        self._pane.call_after_refresh(self._select, f"{fault.parameter}.grad", fault.parameter)
        where = filter(None, (ranks_text(fault.ranks), fault.parameter))
        which = f"{self._fault + 1} of {len(faults)} between ranks"
        self._say(f"{which}: {fault.kind}: {', '.join(where)}")
        return True

    def _select(self, *names: str) -> None:
        """Select the first node that there is of some names."""
        graph = self._graph.graph
        nodes = graph.nodes if graph else ()
        found = (node.id for name in names for node in nodes if node.name == name)
        self._graph.selected = next(found, self._graph.selected)

    def _enter(self, number: int) -> None:
        """Go to a pass with lines, unless one is in it."""
        player = self._opener.state.player
        if player.window is None or player.window.number != number:
            self._opener.change(playing=False, player=player.to_pass(number))

    async def _go_to_pass(self, recording: Recording) -> None:
        hint = f"a pass, 0 to {total(recording) - 1:,}, or the name of a node"
        prompt = PromptScreen("go to pass", hint, self._wanted)
        text = await self._pane.app.push_screen_wait(prompt)
        if not text:
            return
        number, player = self._wanted(text), self._opener.state.player
        if number is None:
            if player.graph is not None:
                self._graph.selected = search.named(player.graph, text)
        elif player.recording is None or window_of(player.recording, number):
            self.show(number)
        else:
            await self._offer_replay(number)

    async def _offer_replay(self, number: int) -> None:
        try:
            script = self._opener.again(number)
        except ValueError as why:
            self._say(f"no lines of pass {number:,} were recorded: {why}", seconds=8)
            return
        if await self._pane.app.push_screen_wait(_replay_question(number, command(script))):
            self._opener.replay(script, number)

    def _wanted(self, text: str) -> int | None:
        """The pass that is meant, None where it is a node; raises ValueError for neither."""
        player = self._opener.state.player
        number = pass_number(text, total(player.recording)) if player.recording else None
        if number is not None:
            return number
        if player.graph is None:
            raise ValueError("the number of a pass")
        search.named(player.graph, text)
        return None

    def _say(self, line: str, *, seconds: float | None = None) -> None:
        self._pane.app.notify(line, timeout=seconds)


def _replay_question(number: int, shown: str) -> QuestionScreen:
    words = (
        f"No lines of pass {number:,} were recorded. Run again, the script records them; all "
        f"losses and norms before it are compared with those of this run.\n\n{shown}"
    )
    return QuestionScreen(f"run it again for pass {number:,}?", words, "runs", "stays")


def _first_cause(recording: Recording) -> Finding | None:
    """What the recorder has found out of the first number that is not finite.

    None where a loss was not finite before, in a pass that has no lines.
    """
    loss = recording.passes.first_nonfinite_loss()
    found = [one for one in recording.findings if one.kind == NOT_FINITE]
    return next((one for one in found if loss is None or one.number <= loss), None)


def _one_loss(recording: Recording, window: PassWindow) -> bool:
    """Whether passes begin at one number: of several the table knows none."""
    graph = position.graph_at(recording, position.in_pass(recording, window.number))
    shape = graph.nodes[graph.roots[0]].shape if graph is not None else None
    return shape is None or all(size == 1 for size in shape)
