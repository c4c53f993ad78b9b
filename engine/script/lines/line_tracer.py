"""What Python's tracing calls while a script runs: executed lines become moments.

Tracing is on while a window is open. Between windows the script runs as fast as without us, and
`close` and `open` go from one to the other in the middle of a run.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from sys import gettrace
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

import torch

from engine.autograd.quiet import quiet
from engine.own_builtins import are_replaced
from engine.recording.journal import Journal
from engine.recording.records import Ending, ScriptError
from engine.script.frames.comprehensions import Comprehensions
from engine.script.frames.frame_variables import read_anew, variables_of
from engine.script.frames.known_modules import KnownModules
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.scope import tensors_in
from engine.script.frames.script_errors import message_of
from engine.script.lines.followed_thread import FollowedThread
from engine.script.lines.harmless_looks import Harmless
from engine.script.lines.line_moments import Line, Moments
from engine.script.lines.lines_aside import LinesAside
from engine.script.lines.node_lines import NodeLines
from engine.script.unseen.captured_output import Output
from engine.script.unseen.compiled_calls import COMPILED_CALL
from engine.script.unseen.our_frames import hide_below
from engine.script.unseen.recursion_room import RecursionRoom


class Stopped(BaseException):
    """Raised inside the script to end it; not an Exception, so that scripts let it through."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending: Ending = ending


class Tracer:
    """Traces the frames of a project's files; an instance is what `sys.settrace` gets.

    `after_line` is called when the line that is being traced has become a moment, with the frame
    and the number of the line that runs next, None where the frame returns; `before_line` with the
    frame, the number and the file of a line that is about to run; `before_compiled`
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
        room: RecursionRoom | None = None,
    ) -> None:
        self.last_line = 1
        self.thread = FollowedThread()
        """The only one in which lines are traced."""
        self.after_line: Callable[[FrameType, int | None], None] = lambda frame, line: None
        self.before_line: Callable[[FrameType, int, int], None] | None = None
        self.at_rest: Callable[[], None] = lambda: None
        self.let_be: Callable[[], None] = lambda: None
        """Is called where the script has replaced what Python cannot do without."""
        self.before_compiled: Callable[[FrameType], None] = lambda frame: None
        self.is_open = False
        self.is_paused = False
        """Whether nothing is traced for now, though the window is open."""
        self.is_resting = False
        """Whether nothing is traced until a line makes a graph, though the window is open."""
        self._rest_after = rest_after
        self._room = room
        self._idle_lines = 0
        """How many lines in a row have made no graph."""
        self.skipping = False
        """Whether lines are traced without becoming moments."""
        self._traced_to_end = False
        """Whether the script's last line was traced."""
        self._files = files
        self._namespace = namespace
        self._journal = journal
        self._limit = limit
        self._cancelled = cancelled
        self._pending: list[Line] = []
        self._inside = Comprehensions(files)
        self._modules = KnownModules(files.defines)
        self.nodes = NodeLines()
        """In which line of the window each node was made."""
        self.aside = LinesAside(files, lambda: self.is_open)
        """What sees, while a window is open, the lines of threads that are not followed."""
        self.moments = Moments(files, self._modules, journal, output, self.scope)
        self.moments.begin(self.variables())

    def __call__(self, frame: FrameType, event: str, arg: object) -> _Trace | None:
        """A call: follow it where it is of the user's own files."""
        code = frame.f_code
        if code.co_name == COMPILED_CALL and self.thread.is_here():
            self.before_compiled(frame)
        # A call of another file, which most are, is to cost as little as can be.
        if self._files.is_strange(code.co_filename):
            return None
        if not self._follows(code):
            return None
        if self._is_elsewhere():
            return self.aside(frame, event, arg)
        if are_replaced():
            self.let_be()
            return None
        if self._room is not None:
            self._room.check()
        read_anew(frame)
        return self._local

    def _is_elsewhere(self) -> bool:
        """Whether this is a thread that is not followed any more."""
        if get_ident() == self.thread.ident:
            return False
        sys.settrace(self.aside)
        return True

    def open(self, frame: FrameType | None = None) -> None:
        """Trace from now on, the frames too that already run, from `frame` outwards."""
        self.is_open = True
        self.nodes = NodeLines()
        self._follow(frame)

    def move(self, frame: FrameType | None) -> None:
        """Trace on in this thread, which runs in `frame`, and has been followed by nobody."""
        self.is_paused = self.is_resting = False
        self.nodes = self.aside.taken()
        self._follow(frame)

    def _follow(self, frame: FrameType | None) -> None:
        """Trace the frame, those it runs in, and those that it will call."""
        self._pending = []
        self._idle_lines = 0
        self.moments.is_behind = True
        running = []
        while frame is not None:
            if self._follows(frame.f_code):
                running.append(frame)
            frame = frame.f_back
        for one in reversed(running):
            one.f_trace = self._local
            file = self._files.index(one.f_code.co_filename) or 0
            self._pending.append(Line(one, one.f_lineno, file))
        if self._pending:
            self.nodes.begin(self._pending[-1].line, self._pending[-1].file)
        self._trace()

    def _trace(self) -> None:
        if self._room is not None:
            self._room.make()
        sys.settrace(self)

    def _trace_no_more(self) -> None:
        if gettrace() in (self, self.aside):
            sys.settrace(None)
        if self._room is not None:
            self._room.end()

    def stir(self, frame: FrameType) -> None:
        """A graph is being made in `frame`, or used: trace on if that has rested."""
        self._idle_lines = 0
        if self.is_resting:
            self.is_resting = False
            self._follow(frame)

    def _has_idled(self) -> bool:
        return self._rest_after is not None and self._idle_lines > self._rest_after

    def _rest(self) -> None:
        self.is_resting = True
        self._trace_no_more()
        self._journal.note(
            f"of lines that make no graph {self._rest_after:,} in a row are recorded, and no more"
        )
        self.at_rest()

    def close(self) -> None:
        """Trace no more; lines that have begun do not become moments."""
        self.is_open = self.is_paused = self.is_resting = False
        self._trace_no_more()
        for pending in self._pending:
            if pending.frame is not None:
                pending.frame.f_trace = None
        self._pending = []

    def pause(self) -> None:
        """Trace nothing for a while, for what runs is not to see it; the window stays open."""
        self.is_paused = True
        self._trace_no_more()

    def resume(self) -> None:
        """Trace on after a pause."""
        self.is_paused = False
        if not self.is_resting:
            self._trace()

    def put_back(self, frame: FrameType) -> None:
        """Trace on where Python or the script has switched tracing off, and say so."""
        if not self.is_open or gettrace() is self or self.is_paused or self.is_resting:
            return
        if not self.is_displaced():
            self._journal.note(
                "tracing was switched off in the script and put back: lines are missing"
            )
            self.open(frame)

    def is_displaced(self) -> bool:
        """Whether the script has a trace function of its own, and say so: it stays in place."""
        displaced = gettrace() not in (None, self, self.aside)
        if displaced:
            self._journal.note("the script has a trace function of its own: lines are missing")
        return displaced

    def variables(self, frame: FrameType | None = None) -> Mapping[str, object]:
        """The variables in scope: the running function's, its module's, then the script's."""
        if frame is None and self._pending:
            frame = self._pending[-1].frame
        local = self._namespace if frame is None else variables_of(frame)
        if frame is None or local is self._namespace:
            return dict(self._namespace)
        found = dict(local)
        for module in (frame.f_globals, self._namespace):
            found |= {name: thing for name, thing in module.items() if name not in found}
        return found

    def scope(self, frame: FrameType | None = None) -> Mapping[str, torch.Tensor]:
        """The tensors among them, by all names that nodes of a graph may have."""
        with quiet():
            return tensors_in(self.variables(frame), self._modules)

    def skip_no_more(self) -> None:
        """From the next line on lines become moments; what changed until now is not theirs."""
        if self.skipping:
            self.skipping = False
            self.moments.begin(self.variables())

    def add_here(self, frame: FrameType, number: int) -> None:
        """Add the line that runs a pass which is recorded where no lines are traced."""
        file = self._files.index(frame.f_code.co_filename) or 0
        self.moments.number = number
        try:
            self.moments.add(Line(frame, frame.f_lineno, file), self.variables(frame))
        finally:
            self._journal.window_ended()

    def add_last(self, line: int, error: ScriptError | None = None) -> None:
        """Add the state in which the script was left, where its last lines were not traced."""
        if self._traced_to_end:
            return
        file = error.file if error else 0
        self._pending = []
        self.moments.is_behind = True
        with Harmless(self._journal, line):
            self.moments.add(Line(None, line, file, error), self.variables(), at_end=True)

    def let_go(self) -> None:
        """Hold nothing of a script that has ended: Python then ends its objects, as its files."""
        self._namespace = {}
        self._pending = []

    def _follows(self, code: CodeType) -> bool:
        """Whether its lines are traced: no comprehension, no lambda, no body of an import."""
        index = self._files.index(code.co_filename)
        if index is None:
            return False
        if code.co_name.startswith("<"):
            return code.co_name == "<module>" and index == 0
        return index == 0 or bool(code.co_flags & inspect.CO_OPTIMIZED)

    def _local(self, frame: FrameType, event: str, arg: Any) -> _Trace | None:
        if self._is_elsewhere():
            return self.aside.local(frame, event, arg)
        if are_replaced():
            self.let_be()
            return None
        read_anew(frame)
        if not self.is_open:
            return None
        top = self._pending[-1] if self._pending else None
        mine = top if top is not None and top.frame is frame else None
        if event == "exception":
            hide_below(arg[2])
        if event == "exception" and mine is not None:
            kind, error, _ = arg
            if not issubclass(kind, Stopped | StopIteration | GeneratorExit):
                mine.error = ScriptError(
                    kind.__name__, message_of(error), frame.f_lineno, file=mine.file
                )
        elif event in ("line", "return"):
            if event == "line" and mine and self._inside.go_on(frame, mine.file, mine.line):
                return self._local
            if mine is not None:
                # A thread ends with a function, the script with itself.
                self._traced_to_end = (
                    event == "return" and len(self._pending) == 1 and _is_script(frame.f_code)
                )
                self._finish(mine, at_end=self._traced_to_end)
            with Harmless(self._journal, frame.f_lineno):
                self.after_line(frame, frame.f_lineno if event == "line" else None)
            if event == "return":
                self._journal.returned()
            if event == "line" and self.is_open:
                self._begin(frame)
                self._idle_lines += 1
                if self._has_idled() and (self._room is None or self._room.can_end()):
                    self._rest()
        return self._local if self.is_open else None

    def _begin(self, frame: FrameType) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Stopped("cancelled")
        if self._limit is not None and self._journal.moment_count >= self._limit:
            raise Stopped("bound")
        line = frame.f_lineno
        file = self._files.index(frame.f_code.co_filename) or 0
        self._pending.append(Line(frame, line, file))
        self.nodes.begin(self._pending[-1].line, self._pending[-1].file)
        self.last_line = line
        self._journal.begin(line)
        if self.before_line is not None:
            with Harmless(self._journal, line):
                self.before_line(frame, line, file)

    def _finish(self, pending: Line, *, at_end: bool) -> None:
        if self.skipping:
            self._pending.pop()
            return
        try:
            with Harmless(self._journal, pending.line):
                depth = len(self._pending) - 1
                self.moments.add(pending, self.variables(), depth=depth, at_end=at_end)
        finally:
            self._pending.pop()
            if self._pending:  # the rest of the line that called
                self.nodes.begin(self._pending[-1].line, self._pending[-1].file)


def _is_script(code: CodeType) -> bool:
    return code.co_name == "<module>"


_Trace = Callable[[FrameType, str, Any], Any]
