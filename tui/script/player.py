"""Stepping through a recording, forward and back, by lines and by nodes of a backward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from engine.recording.records import Moment, Recording
from tui.script import position as positions
from tui.script.beside import counterpart
from tui.script.breakpoints import Breakpoints, next_breakpoint, reached
from tui.script.position import Pass, Position
from tui.script.rank_lens import RankLens
from tui.script.scope import Scope, scope_at
from tui.script.windows import PassWindow, at_or_before, backward_in, nearest, window_here

Step = Callable[[Recording, Position], Position]
BEGINNING = Position()
NO_BREAKPOINTS = Breakpoints()


@dataclass(frozen=True, eq=False)
class Player:
    """Steps through a recording; every step returns another Player and leaves this one as it is.

    Without a recording every step returns a Player at the same position.
    """

    recording: Recording | None = None
    position: Position = BEGINNING
    breakpoints: Breakpoints = NO_BREAKPOINTS
    beside: Recording | None = None
    """The recording before something was changed, with which this one is compared."""
    lens: RankLens | None = None
    """Of a run of several ranks: whose recording this is; None of one process."""

    def __post_init__(self) -> None:
        """Be nowhere behind the end, as where a shorter recording takes the place of another."""
        if self.recording is not None and self.position.lines > len(self.recording.moments):
            object.__setattr__(self, "position", Position(len(self.recording.moments)))

    def at(self, position: Position) -> Player:
        """Return a player of the same recording at another position."""
        return replace(self, position=position)

    def next_line(self) -> Player:
        """Execute one more line; inside a backward pass run the pass to its end."""
        return self._step(positions.next_line)

    def previous_line(self) -> Player:
        """Go back to before the line that was executed last, out of a backward pass too."""
        return self._step(positions.previous_line)

    def next_node(self) -> Player:
        """Run one more node of the backward pass, or execute a line that runs none."""
        return self._step(positions.next_node)

    def previous_node(self) -> Player:
        """Go back by one node of the backward pass, or by one line outside of a pass."""
        return self._step(positions.previous_node)

    def finish(self) -> Player:
        """Run the backward pass around the position to its end."""
        return self.at(Position(self.position.lines))

    def restart(self) -> Player:
        """Go back to before the first line."""
        return self.at(BEGINNING)

    def to_breakpoint(self) -> Player:
        """Run to the next breakpoint, or to the end of the recording where none is ahead."""
        return self._step(
            lambda recording, here: next_breakpoint(recording, here, self.breakpoints)
        )

    def to_pass(self, number: int) -> Player:
        """Go to a pass, or to the last one before it that has lines; stay where none has."""
        if self.recording is None:
            return self
        window = at_or_before(self.recording, number) or nearest(self.recording, number)
        if window is None:
            return self
        return self.at(positions.in_pass(self.recording, window.number))

    def with_line_breakpoint(self) -> Player:
        """Set a breakpoint on the current source line, or clear it; at the end change nothing."""
        line = self.current_line
        if line is None:
            return self
        return replace(self, breakpoints=self.breakpoints.with_line(line, self.file))

    def with_node_breakpoint(self, node: Node) -> Player:
        """Set a breakpoint on the nodes of the same operation and source, or clear it."""
        return replace(self, breakpoints=self.breakpoints.with_node(node))

    def stopped_since(self, before: Player) -> bool:
        """Return whether the step from another player to here has come to a breakpoint."""
        recording = self.recording
        return recording is not None and reached(
            recording, before.position, self.position, self.breakpoints
        )

    @property
    def window(self) -> PassWindow | None:
        """The lines of the pass in which one is; None where nothing has run."""
        return window_here(self.recording, self.position.lines) if self.recording else None

    @property
    def file(self) -> int:
        """The index, in the recording's `files`, of the file that is shown here."""
        return positions.file_at(self.recording, self.position) if self.recording else 0

    @property
    def source(self) -> str:
        """The text of that file."""
        if self.recording is None:
            return ""
        files = self.recording.files
        return files[self.file].text if self.file < len(files) else self.recording.source

    @property
    def at_end(self) -> bool:
        """Whether every line of the recording has been executed; False without a recording."""
        return self.recording is not None and self.position == positions.end(self.recording)

    @property
    def moment(self) -> Moment | None:
        """The record of the line executed last; None before the first."""
        return positions.moment_at(self.recording, self.position) if self.recording else None

    @property
    def current_line(self) -> int | None:
        """The number, from 1, of the source line that runs next; None at the end."""
        return positions.current_line(self.recording, self.position) if self.recording else None

    @property
    def executed_line(self) -> int | None:
        """The number of the source line executed last; before the first, of one not readable."""
        if self.moment is not None:
            return self.moment.line
        error = self.recording.error if self.recording else None
        return error.line if error else None

    @property
    def node_breakpoints(self) -> frozenset[int]:
        """The ids of the graph's nodes with a breakpoint."""
        return self.breakpoints.nodes_of(self.graph) if self.graph else frozenset()

    @property
    def graph(self) -> Graph | None:
        """The autograd graph to look at here; None before one is made."""
        return positions.graph_at(self.recording, self.position) if self.recording else None

    @property
    def pass_to_come(self) -> Backward | None:
        """The backward pass into whose graph that of here grows; None inside and after it."""
        window = self.window
        if self.recording is None or window is None or self.position.nodes is not None:
            return None
        lines = backward_in(self.recording, window)
        if lines is None or lines < self.position.lines:
            return None
        return positions.backward_at(self.recording, Position(lines))

    @cached_property
    def backward_pass(self) -> Pass:
        """The gradients of the pass through that graph, and how many of them have arrived."""
        return positions.pass_at(self.recording, self.position) if self.recording else Pass()

    @cached_property
    def arrived(self) -> Mapping[int, NodeGradient]:
        """Of these gradients those that have arrived, by the ids of their nodes."""
        run = self.backward_pass
        return {one.node: one for one in reversed(run.gradients[: run.arrived])}

    @cached_property
    def seconds(self) -> float:
        """The time that the nodes took whose gradients have arrived."""
        run = self.backward_pass
        return sum(one.took or 0.0 for one in run.gradients[: run.arrived])

    @property
    def scope(self) -> Scope:
        """The tensors in scope, with every `.grad` as far as backward has come."""
        return scope_at(self.recording, self.position) if self.recording else Scope()

    @cached_property
    def twin(self) -> Player | None:
        """The player at the same position of the recording beside; None where it has none."""
        if self.recording is None or self.beside is None:
            return None
        there = counterpart(self.recording, self.position, self.beside)
        return None if there is None else Player(self.beside, there, self.breakpoints)

    def latest_node(self, *, after_last: bool) -> int | None:
        """The id of the node that backward ran last, where that node is the one to look at.

        It is so inside a pass, at a breakpoint on it, and, if `after_last` says that the step
        here ran the pass's last node, at the end of the pass; where the pass failed, the node that
        raised.
        """
        graph, arrived = self.graph, self.backward_pass.arrived
        if self.backward_pass.raised is not None:
            return self.backward_pass.raised
        if graph is None or self.recording is None or not arrived:
            return None
        if positions.backward_at(self.recording, self.position) is None:
            return None
        node = self.backward_pass.gradients[arrived - 1].node
        inside = after_last or self.position.nodes is not None
        return node if inside or node in self.breakpoints.nodes_of(graph) else None

    def _step(self, step: Step) -> Player:
        return self if self.recording is None else self.at(step(self.recording, self.position))
