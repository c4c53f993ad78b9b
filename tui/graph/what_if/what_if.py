"""Asking what would follow from another gradient, showing it, and going back to the original."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual.notifications import SeverityLevel
from textual.widget import Widget

from engine.lessons import Lesson, find
from engine.recording.records import Recording
from engine.script.interventions import Nudge
from tui.graph.graph_widget import GraphWidget
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.graph.subjects.opener import Opener
from tui.graph.what_if.finite_difference import finding, moved_by
from tui.graph.what_if.leaf_element import Aim, aim_at, element_text, first_line, nudged
from tui.graph.what_if.messages import (
    Supposed,
    SupposedAdvanced,
    SupposedFailed,
    SupposedMessage,
)
from tui.graph.what_if.outcome import judged
from tui.graph.what_if.questions import aim_prompt, checked_aim, gradient_prompt
from tui.graph.what_if.rerun import Control, Judge, Rerun
from tui.graph.what_if.sameness import difference
from tui.graph.what_if.supposition import Supposition, passing, supposed
from tui.kit.key_ids import keys_of
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.advice import Remark
from tui.script.player import Player
from tui.script.subject import LiveTensor, Script


class WhatIf:
    """Owns the change that is waited for; what is shown is the opener's state.

    `pane` is the widget around the graph; its workers ask.
    """

    def __init__(self, opener: Opener, pane: Widget) -> None:
        self._opener, self._pane = opener, pane
        self._awaited: Supposition | None = None
        self._aim: Aim | None = None
        """The element that is nudged, and by how much at a press of a key."""
        self._selected: int | None = None
        """The node that was selected in the original."""
        self._edited: Player | None = None
        """What the original itself was made of, by an edit."""
        self._steady: tuple[Recording | None, int] | None = None
        """The original and the number of its pass that came out the same when run again."""

    @property
    def _graph(self) -> GraphWidget:
        return self._pane.query_one(GraphWidget)

    @property
    def original(self) -> Player:
        """The player of the original, where one is now, whatever is supposed of it."""
        player = self._opener.state.player
        if self._opener.state.supposed is None:
            return player
        if player.twin is None:
            raise ValueError("the original has no such line: backspace goes back to it")
        return player.twin

    async def ask(self) -> None:
        """Ask for another gradient into the selected node, and run again with it."""
        try:
            self.check()
            original, node = self.original, self._graph.node
            run = passing(original)
            if node is None:
                raise ValueError("no node is selected")
            prompt = gradient_prompt(run, node, self._opener.state.supposed)
            what = self.runs(run.number)
        except ValueError as why:
            self._say(str(why))
            return
        text = await self._pane.app.push_screen_wait(prompt)
        if text:
            supposition = supposed(text, run, node)
            self.begin(what, supposition, original, partial(judged, supposition, run))

    def nudge(self, sign: int) -> None:
        """Add ε to the element of the selected leaf, or with -1 take it away, and run again."""
        try:
            self.check()
            original, node = self.original, self._graph.node
            run, one = passing(original), aim_at(node, self._aim)
            assert node is not None
            amount = self._amount(one, run.number) + sign * one.step
            supposition = nudged(one, amount, run, node)
            use, what = first_line(run, node), self.runs(run.number)
        except ValueError as why:
            self._say(str(why))
            return
        self._aim, change = one, supposition.change
        assert isinstance(change, Nudge)
        if not change.amount:
            self._leave()
            return

        def judge(recording: Recording) -> Paragraph:
            return finding(moved_by(change, run, recording, use))

        def control(recording: Recording) -> None:
            if differs := difference(run.recording, run.lines, recording):
                raise ValueError(f"each run is another one, so nothing follows: {differs}")

        known = self._steady == (original.recording, run.number)
        self.begin(what, supposition, original, judge, None if known else control)

    async def take_aim(self) -> None:
        """Ask which element of the selected leaf is nudged, and by how much."""
        try:
            node = self._graph.node
            one = aim_at(node, self._aim)
        except ValueError as why:
            self._say(str(why))
            return
        assert node is not None and node.value is not None
        value, prompt = node.value, aim_prompt(node.value, one)
        text = await self._pane.app.push_screen_wait(prompt)
        if text:
            self._aim = checked_aim(text, value, one)
            name = element_text(self._aim.leaf, self._aim.element)
            self._say(f"+ and - nudge {name} by {self._aim.step:g}", severity="information")

    def _amount(self, one: Aim, number: int) -> float:
        """What is added to an element already, on the screen or in what is waited for."""
        state = self._opener.state
        now = self._awaited if state.replaying else state.supposed
        change = now.change if now else None
        if not isinstance(change, Nudge) or change.number != number:
            return 0.0
        return change.amount if (change.name, change.element) == (one.leaf, one.element) else 0.0

    def _leave(self) -> None:
        if self._opener.state.supposed is not None:
            self.undo()
        else:
            self._opener.interrupt()

    def check(self) -> None:
        """Raise ValueError with one line where nothing can be run again."""
        state = self._opener.state
        if state.key == YOUR_RUN:
            raise ValueError("the shared run is no script: o opens the lesson linear regression")
        if isinstance(self._opener.subject, LiveTensor):
            raise ValueError("a live tensor cannot be run again: open its program as a script")
        if state.awaited:
            raise ValueError("the script still runs: escape stops it, then ask again")

    def runs(self, number: int) -> Lesson | Script:
        """Return what is run again for a pass; raises ValueError with one line for nothing."""
        return find(self._opener.state.key) or self._opener.again(number)

    def begin(
        self,
        what: Lesson | Script,
        supposition: Supposition,
        original: Player,
        judge: Judge,
        control: Control | None = None,
    ) -> None:
        """Run again in a thread, with a `control` once before without the change."""
        self._awaited = supposition
        self._opener.change(playing=False, replaying=f"{safe(supposition.words)} …")
        rerun = Rerun(what, supposition, original, judge, self._pane.post_message, control)
        self._opener.loader.run_again(rerun.run)

    def take(self, message: SupposedMessage) -> None:
        """Show what the thread has posted, if it is what is waited for or on the screen."""
        state = self._opener.state
        shown = state.supposed is message.supposition
        if not shown and not (state.replaying and message.supposition is self._awaited):
            return
        match message:
            case SupposedAdvanced(passes=passes):
                words = f"runs again, pass {passes:,} …  escape stops it"
                self._opener.change(replaying=words)
            case SupposedFailed(reason=reason):
                self._opener.loader.cancel()
                self._opener.change(replaying="")
                self._say(reason)
            case Supposed(recording=recording) if shown:
                self._opener.go(replace(state.player, recording=recording))
            case Supposed():
                self._show(message)

    def undo(self) -> None:
        """Go back to the original recording, and to where one was in it."""
        state = self._opener.state
        if state.original is None or state.supposed is None:
            self._say("nothing is supposed: this is the original")
            return
        self._opener.loader.cancel()
        player = replace(state.original, breakpoints=state.player.breakpoints)
        self._change(player=player, original=self._edited, supposed=None, remark=None, replaying="")
        if self._selected is not None and self._graph.graph is not None:
            self._graph.selected = self._selected

    def _show(self, message: Supposed) -> None:
        state = self._opener.state
        original = state.player
        if state.supposed and state.original:
            original = state.original
        else:
            self._selected, self._edited = self._graph.selected, state.original
        player = replace(
            original,
            recording=message.recording,
            position=message.position,
            breakpoints=state.player.breakpoints,
            beside=original.recording,
        )
        number = message.supposition.change.number
        if isinstance(message.supposition.change, Nudge):
            self._steady = original.recording, number
        back = f"   {keys_of(self._pane).get('undo', '')} undoes"
        self._change(
            player=player,
            original=original,
            supposed=message.supposition,
            remark=Remark(number, (*message.finding, Span(back, "faint"))),
            replaying="",
        )

    def _change(self, **fields: object) -> None:
        """Change what is open; the selected node stays selected, where there is one like it."""
        before, node = self._graph.graph, self._graph.selected
        self._opener.change(playing=False, **fields)
        graph = self._graph.graph
        if before and graph and graph is not before and len(before.nodes) == len(graph.nodes):
            self._graph.selected = node

    def _say(self, line: str, severity: SeverityLevel = "warning") -> None:
        self._pane.app.notify(line, severity=severity, timeout=8)
