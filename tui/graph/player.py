"""Moving through a recording, forward and back, by lines and by nodes of a backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.timer import Timer

from engine.script.records import Recording
from tui.graph.lesson_list import YOUR_RUN
from tui.graph.loader import Opening
from tui.kit.key_ids import with_ids
from tui.run.messages import Command, CommandGiven
from tui.script import position
from tui.script.breakpoints import Stops, next_stop
from tui.script.position import Position
from tui.script.subject import Subject

PLAY_SECONDS = 0.7
"""Between two steps while playing."""


class Walking(Opening):
    """Moves the place; where the shared run is open, its keys move that."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding("n", "line", "Line", tooltip="run the next line of the script"),
            Binding("N", "line_back", "Back", tooltip="back to before the latest line"),
            Binding("s", "node", "Node", tooltip="into backward, node by node; else as n"),
            Binding("S", "node_back", "Back", tooltip="back to before the latest node"),
            Binding("space", "play", "Play", tooltip="step by itself; again to pause"),
            Binding("c", "run", "Run", tooltip="to the next breakpoint, else to the end"),
            Binding(
                "f", "finish", "Finish", show=False, tooltip="to the end of this backward pass"
            ),
            Binding("r", "restart", "Restart", show=False, tooltip="back to before the first line"),
            Binding("b", "stop_line", "Breakpoint on the line", show=False, tooltip="set or clear"),
        ]
    )

    playing: var[bool] = var(False)
    stops: var[Stops] = var(Stops())

    _timer: Timer | None = None

    def __init__(self, subject: Subject | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(subject, id=id)
        self._stops_of: dict[str, Stops] = {}
        """Of what has been open before, by its key."""

    def on_mount(self) -> None:
        """The clock for playing."""
        self._timer = self.set_interval(PLAY_SECONDS, self._play_on, pause=True)

    def watch_playing(self, playing: bool) -> None:
        """Start or stop the clock."""
        if self._timer is not None:
            (self._timer.resume if playing else self._timer.pause)()

    def action_line(self) -> None:
        """One line on."""
        self._go("next", position.next_line)

    def action_line_back(self) -> None:
        """One line back."""
        self._go("previous", position.previous_line)

    def action_node(self) -> None:
        """One node of the backward pass on, or a line."""
        self._go("node", position.next_node)

    def action_node_back(self) -> None:
        """One node or line back."""
        self._go("node back", position.previous_node)

    def action_finish(self) -> None:
        """To the end of the backward pass, or of the run's iteration."""
        self._go("finish", lambda _, place: Position(place.lines))

    def action_run(self) -> None:
        """To the next breakpoint or the end of the script, or the run's target."""
        self._go("run", lambda recording, place: next_stop(recording, place, self.stops))

    def action_restart(self) -> None:
        """Before the first line."""
        self._go("reset", lambda _recording, _place: Position())

    def action_play(self) -> None:
        """Step by itself, or stop doing so."""
        if self.lesson == YOUR_RUN:
            self.post_message(CommandGiven("play"))
        elif self.recording is not None:
            self.playing = not self.playing

    def action_stop_line(self) -> None:
        """Set a breakpoint on the current line, or clear it."""
        if self.lesson == YOUR_RUN:
            self.app.notify("conditions that stop training: b on the Train tab")
        elif self.recording is not None:
            line = position.current_line(self.recording, self.place)
            if line is not None:
                self.stops = self.stops.with_line(line)

    def interrupt(self) -> bool:
        """Stop playing and recording; whether either went on."""
        played, self.playing = self.playing, False
        return self.cancel() or played

    def open(self, key: str) -> None:
        """What is opened anew is not playing, and has the breakpoints it had when it was left."""
        self.playing = False
        if key != self.lesson:
            self._stops_of[self.lesson] = self.stops
            self.stops = self._stops_of.get(key, Stops())
        super().open(key)

    def _go(self, order: Command, move: Callable[[Recording, Position], Position]) -> None:
        self.playing = False
        if self.lesson == YOUR_RUN:
            self.post_message(CommandGiven(order))
        elif self.recording is not None:
            self.place = move(self.recording, self.place)

    def _play_on(self) -> None:
        if self.recording is None or not self.playing:
            return
        stop = next_stop(self.recording, self.place, self.stops)
        self.place = position.next_node(self.recording, self.place)
        if self.place in (stop, position.end(self.recording)):
            self.playing = False
