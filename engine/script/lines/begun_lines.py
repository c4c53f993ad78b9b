"""Lines that have begun and not ended: a line that calls waits for those of what it calls."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType
from typing import Any

from engine.recording.journal import Journal
from engine.recording.records import ScriptError
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.script_errors import message_of
from engine.script.lines.harmless_looks import Harmless
from engine.script.lines.line_moments import Line, Moments
from engine.script.lines.line_scope import LineScope
from engine.script.lines.node_lines import NodeLines
from engine.script.unseen.captured_output import Output


class BegunLines:
    """Keeps them, each until it becomes a moment."""

    def __init__(
        self, files: OwnFiles, namespace: dict[str, Any], journal: Journal, output: Output
    ) -> None:
        self.begun: list[Line] = []
        """The innermost one last."""
        self.scope = LineScope(namespace, files.defines, self.begun)
        self.nodes = NodeLines()
        """In which line of the window each node was made."""
        self.skipping = False
        """Whether lines end without becoming moments."""
        self._has_ended = False
        """Whether the script's last line has become one."""
        self._files = files
        self._journal = journal
        self.moments = Moments(files, self.scope.modules, journal, output, self.scope.tensors)
        self.moments.begin(self.scope.variables())

    def begin(self, frame: FrameType) -> Line:
        """A line begins in a frame."""
        line = self._line(frame)
        self.begun.append(line)
        self.nodes.begin(line.line, line.file)
        return line

    def begin_in(self, frames: Iterable[FrameType], nodes: NodeLines) -> None:
        """Lines run in the frames, outermost first, which have begun unseen.

        The `nodes` that were made in this thread until now are known.
        """
        self.nodes = nodes
        self.moments.is_behind = True
        self.begun[:] = map(self._line, frames)
        if self.begun:
            self.nodes.begin(self.begun[-1].line, self.begun[-1].file)

    def raised(self, line: Line, frame: FrameType, kind: type[BaseException], error: Any) -> None:
        """A line that has begun in a frame has raised an error, or let one through."""
        line.error = ScriptError(kind.__name__, message_of(error), frame.f_lineno, file=line.file)

    def end(self, line: Line, *, at_end: bool) -> None:
        """The innermost line has ended; `at_end`: the script has."""
        self._has_ended = at_end
        if self.skipping:
            self.begun.pop()
            return
        try:
            with Harmless(self._journal, line.line):
                depth = len(self.begun) - 1
                self.moments.add(line, self.scope.shown(), depth=depth, at_end=at_end)
        finally:
            self.begun.pop()
            if self.begun:  # the rest of the line that called
                self.nodes.begin(self.begun[-1].line, self.begun[-1].file)

    def split(self) -> None:
        """The innermost line is about to run another pass: what it has done until now is a moment.

        A pass is shown with the moment after it, and a line may call what runs any number.
        """
        if self.begun and self.moments.has_run_a_pass and not self.skipping:
            line, depth = self.begun[-1], len(self.begun) - 1
            with Harmless(self._journal, line.line):
                self.moments.add(line, self.scope.shown(), depth=depth)

    def drop(self) -> None:
        """None that has begun becomes a moment, and none of their frames is traced any more."""
        for line in self.begun:
            if line.frame is not None:
                line.frame.f_trace = None
        self.begun.clear()

    def skip_no_more(self) -> None:
        """From the next line on lines become moments; what changed until now is not theirs."""
        if self.skipping:
            self.skipping = False
            self.moments.begin(self.scope.variables())

    def add_here(self, frame: FrameType, number: int) -> None:
        """Add the line that runs a pass which is recorded where no lines are traced."""
        self.moments.number = number
        try:
            self.moments.add(self._line(frame), self.scope.shown(frame))
        finally:
            self._journal.window_ended()

    def add_last(self, line: int, error: ScriptError | None = None) -> None:
        """Add the state in which the script was left, where its last lines were not traced."""
        if self._has_ended:
            return
        file = error.file if error else 0
        self.begun.clear()
        self.moments.is_behind = True
        with Harmless(self._journal, line):
            self.moments.add(Line(None, line, file, error), self.scope.variables(), at_end=True)

    def let_go(self) -> None:
        """Hold nothing of a script that has ended: Python then ends its objects, as its files."""
        self.scope.let_go()
        self.begun.clear()

    def _line(self, frame: FrameType) -> Line:
        return Line(frame, frame.f_lineno, self._files.index(frame.f_code.co_filename) or 0)
