"""Stepping and playing in the Graph tab, by keys and by the clock."""

from __future__ import annotations

from textual.widget import Widget

from tui.graph.pass_moves import PassMoves
from tui.graph.player_steps import STEPS, played_on
from tui.graph.predict.mode import PredictMode
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.graph.subjects.opener import Opener
from tui.run.messages import Command, CommandGiven

EARLY_LIMIT = 100
"""So many steps wait for a recording; of more the last ones."""


class Stepping:
    """Carries out commands on what is open; what is typed before that is there waits for it."""

    def __init__(
        self, opener: Opener, moves: PassMoves, predict: PredictMode, pane: Widget
    ) -> None:
        self._opener, self._moves, self._predict, self._pane = opener, moves, predict, pane
        self._early: list[Command] = []

    def step(self, command: Command) -> None:
        """Step through the recording, or give the shared run the command that does the same."""
        self._opener.change(playing=False)
        state = self._opener.state
        if state.key == YOUR_RUN:
            self._pane.post_message(CommandGiven(command))
        elif state.recording is None:
            self._early = [*self._early, command][-EARLY_LIMIT:]
        elif command == "run":
            if not self._says_the_end():
                self._moves.run_on()
        elif command == "finish" and state.player.position.nodes is None:
            self._pane.app.notify("in no backward pass: s goes into one")
        elif not self._predict.asks(command):
            self._opener.go(STEPS[command](state.player))

    def line_breakpoint(self) -> None:
        """Set a breakpoint on the current line, or clear it."""
        if self._opener.state.key == YOUR_RUN:
            self._pane.app.notify("conditions that stop training: b on the Train tab")
        else:
            self._opener.go(self._opener.state.player.with_line_breakpoint())

    def play(self) -> None:
        """Step by itself, or stop doing so."""
        state = self._opener.state
        if state.key == YOUR_RUN:
            self._pane.post_message(CommandGiven("play"))
        elif state.recording is not None and not self._says_the_end():
            self._opener.change(playing=not state.playing)

    def play_on(self) -> None:
        """Take the next step by itself."""
        state = self._opener.state
        if state.recording is not None and state.playing:
            player, goes_on = played_on(state.player)
            self._opener.change(player=player, playing=goes_on)

    def catch_up(self) -> None:
        """Take the steps that have waited, once there is a recording."""
        if self._opener.state.recording is not None:
            early, self._early = self._early, []
            for command in early:
                self.step(command)

    def forget(self) -> None:
        """Take none of the steps that have waited: they were meant for something else."""
        self._early = []

    def _says_the_end(self) -> bool:
        """Say why nothing moves any more, where that is so."""
        at_end = self._opener.state.player.at_end
        if at_end:
            self._pane.app.notify("at the end of the script: N goes back, r starts again")
        return at_end
