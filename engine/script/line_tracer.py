"""What Python's tracing calls while a script runs: executed lines become moments.

Tracing is on while a window is open. Between windows the script runs as fast as without us, and
`close` and `open` go from one to the other in the middle of a run.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch

from engine.recording.journal import Journal
from engine.recording.records import Ending, Moment, ScriptError
from engine.script.captured_output import Output
from engine.script.compiled_calls import COMPILED_CALL
from engine.script.line_graphs import LineGraphs
from engine.script.loop_variables import LoopVariables
from engine.script.node_lines import NodeLines
from engine.script.own_files import OwnFiles
from engine.script.scope import shown_in, tensors_in
from engine.script.script_errors import message_of
from engine.script.silent_writes import Blame, Stale
from engine.script.snapshots import Snapshots
from engine.uncollected import uncollected


class Stopped(BaseException):
    """Raised inside the script to end it; not an Exception, so that scripts let it through."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending: Ending = ending


@dataclass
class _Pending:
    """A line that has begun and not ended."""

    frame: FrameType
    line: int
    file: int
    error: ScriptError | None = None


class Tracer:
    """Traces the frames of a project's files; an instance is what `sys.settrace` gets.

    `after_line` is called when the line that is being traced has become a moment, with the frame
    and the number of the line that runs next, None where the frame returns; `before_compiled`
    with the frame that is about to run what `torch.compile` has made. After `rest_after` lines
    in a row that make no graph, none is traced until one does, and `at_rest` is called; None: all
    are.
    """

    def __init__(
        self,
        files: OwnFiles,
        namespace: dict[str, Any],
        journal: Journal,
        output: Output,
        limit: int | None = None,
        cancelled: Callable[[], bool] | None = None,
        rest_after: int | None = None,
    ) -> None:
        self.stale: list[Stale] = []
        """Saved tensors, used by the current line's backward passes, that had silently changed."""
        self.last_line = 1
        self.number = 0
        """The number of the pass that the lines belong to."""
        self.after_line: Callable[[FrameType, int | None], None] = lambda frame, line: None
        self.at_rest: Callable[[], None] = lambda: None
        self.before_compiled: Callable[[FrameType], None] = lambda frame: None
        self.is_open = False
        self.is_paused = False
        """Whether nothing is traced for now, though the window is open."""
        self.is_resting = False
        """Whether nothing is traced until a line makes a graph, though the window is open."""
        self._rest_after = rest_after
        self._idle_lines = 0
        """How many lines in a row have made no graph."""
        self.skipping = False
        """Whether lines are traced without becoming moments."""
        self._traced_to_end = False
        """Whether the script's last line was traced."""
        self._files = files
        self._loops = LoopVariables(files)
        self._namespace = namespace
        self._journal = journal
        self._output = output
        self._limit = limit
        self._cancelled = cancelled
        self._pending: list[_Pending] = []
        self._passes = 0
        self._graphs = LineGraphs(journal, self.scope)
        self.nodes = NodeLines()
        """In which line of the window each node was made."""
        self._blame = Blame(journal)
        self._snapshots = Snapshots()
        self._snapshots.take(shown_in(self.variables(), self._files.defines).tensors)

    def __call__(self, frame: FrameType, event: str, arg: object) -> _Trace | None:
        """A call: follow it where it is of the user's own files."""
        if frame.f_code.co_name == COMPILED_CALL:
            self.before_compiled(frame)
        return self._local if self._follows(frame.f_code) else None

    def open(self, frame: FrameType | None = None) -> None:
        """Trace from now on, the frames too that already run, from `frame` outwards."""
        self.is_open = True
        self.nodes = NodeLines()
        self._follow(frame)

    def _follow(self, frame: FrameType | None) -> None:
        """Trace the frame, those it runs in, and those that it will call."""
        self._pending = []
        self._idle_lines = 0
        running = []
        while frame is not None:
            if self._follows(frame.f_code):
                running.append(frame)
            frame = frame.f_back
        for one in reversed(running):
            one.f_trace = self._local
            file = self._files.index(one.f_code.co_filename) or 0
            self._pending.append(_Pending(one, one.f_lineno, file))
        if self._pending:
            self.nodes.begin(self._pending[-1].line, self._pending[-1].file)
        sys.settrace(self)

    def stir(self, frame: FrameType) -> None:
        """A graph is being made in `frame`, or used: trace on if that has rested."""
        self._idle_lines = 0
        if self.is_resting:
            self.is_resting = False
            self._follow(frame)

    def _rest(self) -> None:
        self.is_resting = True
        sys.settrace(None)
        self._journal.note(
            f"of lines that make no graph {self._rest_after:,} in a row are recorded, and no more"
        )
        self.at_rest()

    def close(self) -> None:
        """Trace no more; lines that have begun do not become moments."""
        self.is_open = self.is_paused = self.is_resting = False
        sys.settrace(None)
        for pending in self._pending:
            pending.frame.f_trace = None
        self._pending = []

    def pause(self) -> None:
        """Trace nothing for a while, for what runs is not to see it; the window stays open."""
        self.is_paused = True
        sys.settrace(None)

    def resume(self) -> None:
        """Trace on after a pause."""
        self.is_paused = False
        if not self.is_resting:
            sys.settrace(self)

    def put_back(self, frame: FrameType) -> None:
        """Trace on where Python or the script has switched tracing off, and say so."""
        running = sys.gettrace()
        if not self.is_open or running is self or self.is_paused or self.is_resting:
            return
        if running is None:
            self._journal.note(
                "tracing was switched off in the script and put back: lines are missing"
            )
            self.open(frame)
        else:
            self._journal.note("the script has a trace function of its own: lines are missing")

    def variables(self, frame: FrameType | None = None) -> Mapping[str, object]:
        """The variables in scope: the running function's, then the script's."""
        if frame is None and self._pending:
            frame = self._pending[-1].frame
        if frame is None or frame.f_locals is self._namespace:
            return dict(self._namespace)
        local = frame.f_locals
        return {**local, **{k: v for k, v in self._namespace.items() if k not in local}}

    def scope(self, frame: FrameType | None = None) -> Mapping[str, torch.Tensor]:
        """The tensors among them, by all names that nodes of a graph may have."""
        return tensors_in(self.variables(frame), self._files.defines)

    def skip_no_more(self) -> None:
        """From the next line on lines become moments; what changed until now is not theirs."""
        if self.skipping:
            self.skipping = False
            self._snapshots.take(shown_in(self.variables(), self._files.defines).tensors)
            self._passes = self._journal.backward_count

    def add_here(self, frame: FrameType, number: int) -> None:
        """Add the line that runs a pass which is recorded where no lines are traced."""
        name = frame.f_code.co_name
        file = self._files.index(frame.f_code.co_filename) or 0
        self.number, self._pending = number, [_Pending(frame, frame.f_lineno, file)]
        try:
            self._add(self._pending[0], "" if name == "<module>" else name, 0, at_end=False)
        finally:
            self._pending = []
            self._journal.window_ended()

    def add_last(self, line: int, error: ScriptError | None = None) -> None:
        """Add the state in which the script was left, where its last lines were not traced."""
        if self._traced_to_end:
            return
        file = error.file if error else 0
        self._pending = []
        with self._harmless(line):
            self._add(_Pending(sys._getframe(), line, file, error), "", 0, at_end=True)

    def _follows(self, code: CodeType) -> bool:
        """Whether its lines are traced: no comprehension, no lambda, no body of an import."""
        index = self._files.index(code.co_filename)
        if index is None:
            return False
        if code.co_name.startswith("<"):
            return code.co_name == "<module>" and index == 0
        return index == 0 or bool(code.co_flags & inspect.CO_OPTIMIZED)

    def _local(self, frame: FrameType, event: str, arg: Any) -> _Trace | None:
        if not self.is_open:
            return None
        top = self._pending[-1] if self._pending else None
        mine = top if top is not None and top.frame is frame else None
        if event == "exception" and mine is not None:
            kind, error, _ = arg
            if not issubclass(kind, Stopped | StopIteration | GeneratorExit):
                mine.error = ScriptError(
                    kind.__name__, message_of(error), frame.f_lineno, file=mine.file
                )
        elif event in ("line", "return"):
            if mine is not None:
                self._traced_to_end = event == "return" and len(self._pending) == 1
                self._finish(mine, at_end=self._traced_to_end)
            with self._harmless(frame.f_lineno):
                self.after_line(frame, frame.f_lineno if event == "line" else None)
            if event == "line" and self.is_open:
                self._begin(frame)
                self._idle_lines += 1
                if self._rest_after is not None and self._idle_lines > self._rest_after:
                    self._rest()
        return self._local if self.is_open else None

    def _begin(self, frame: FrameType) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Stopped("cancelled")
        if self._limit is not None and self._journal.moment_count >= self._limit:
            raise Stopped("bound")
        line = frame.f_lineno
        file = self._files.index(frame.f_code.co_filename) or 0
        self._pending.append(_Pending(frame, line, file))
        self.nodes.begin(self._pending[-1].line, self._pending[-1].file)
        self.last_line = line
        self._journal.begin(line)

    def _finish(self, pending: _Pending, *, at_end: bool) -> None:
        name = pending.frame.f_code.co_name
        if self.skipping:
            self._pending.pop()
            return
        try:
            with self._harmless(pending.line):
                function = "" if name == "<module>" else name
                self._add(pending, function, len(self._pending) - 1, at_end)
        finally:
            self._pending.pop()
            if self._pending:  # the rest of the line that called
                self.nodes.begin(self._pending[-1].line, self._pending[-1].file)

    @contextmanager
    def _harmless(self, line: int) -> Iterator[None]:
        """Note what goes wrong in here: the script is not to be harmed by how it is looked at."""
        try:
            yield
        except Exception as error:
            self._journal.note(f"line {line} could not be looked at: {type(error).__name__}")

    def _add(self, pending: _Pending, function: str, depth: int, at_end: bool) -> None:
        journal = self._journal
        with torch._C.DisableTorchFunction(), uncollected():
            scope, more = shown_in(self.variables(), self._files.defines)
            snapshot = self._snapshots.take(scope)
            ran = journal.backward_count > self._passes
            graph = self._graphs.after_line(scope, snapshot.changed, ran=ran, at_end=at_end)
        self._passes = journal.backward_count
        silent = self._blame.judge(pending.line, snapshot.written, self.stale)
        self.stale.clear()
        journal.add_moment(
            Moment(
                line=pending.line,
                depth=depth,
                function=function,
                output=self._output.take(),
                tensors=snapshot.views,
                more=more,
                changed=snapshot.changed,
                graph=graph,
                backward=self._passes - 1 if ran else None,
                error=pending.error,
                silent=silent,
                file=pending.file,
                number=self.number,
                variables=tuple(self._variables(pending)),
            )
        )

    def _variables(self, pending: _Pending) -> Iterator[tuple[str, str]]:
        if self._pending:
            for name, value in self._loops.around(pending.frame).items():
                yield name, str(value)


_Trace = Callable[[FrameType, str, Any], Any]
