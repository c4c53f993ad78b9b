"""What Python's tracing calls while a script runs: executed lines become moments.

Tracing is on while a window is open. Between windows the script runs as fast as without us, and
`close` and `open` go from one to the other in the middle of a run.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from sys import gettrace
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from engine.own_builtins import are_replaced
from engine.recording.journal import Journal
from engine.script.frames.comprehensions import Comprehensions
from engine.script.frames.frame_variables import read_anew
from engine.script.frames.own_files import OwnFiles
from engine.script.lines.begun_lines import BegunLines
from engine.script.lines.followed_thread import FollowedThread
from engine.script.lines.harmless_looks import Harmless
from engine.script.lines.lines_aside import LinesAside
from engine.script.lines.node_lines import NodeLines
from engine.script.lines.stops import Stopped, Stops
from engine.script.unseen.captured_output import Output
from engine.script.unseen.compiled_calls import COMPILED_CALL
from engine.script.unseen.our_frames import hide_below
from engine.script.unseen.recursion_room import RecursionRoom


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
        self._files = files
        self._journal = journal
        self._stops = Stops(journal, limit, cancelled)
        self._inside = Comprehensions(files)
        self.aside = LinesAside(files, lambda: self.is_open)
        """What sees, while a window is open, the lines of threads that are not followed."""
        self.lines = BegunLines(files, namespace, journal, output)
        self._begun = self.lines.begun

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
        self._follow(frame, NodeLines())

    def move(self, frame: FrameType | None) -> None:
        """Trace on in this thread, which runs in `frame`, and has been followed by nobody."""
        self.is_paused = self.is_resting = False
        self._follow(frame, self.aside.taken())

    def _follow(self, frame: FrameType | None, nodes: NodeLines) -> None:
        """Trace the frame, those it runs in, and those that it will call."""
        self._idle_lines = 0
        running: list[FrameType] = []
        while frame is not None:
            if self._follows(frame.f_code):
                frame.f_trace = self._local
                running.append(frame)
            frame = frame.f_back
        self.lines.begin_in(reversed(running), nodes)
        self._trace()
        self.aside.begin_in_main()

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
            self._follow(frame, self.lines.nodes)

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
        self.lines.drop()

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
        top = self._begun[-1] if self._begun else None
        mine = top if top is not None and top.frame is frame else None
        if event == "exception":
            hide_below(arg[2])
        if event == "exception" and mine is not None:
            kind, error, _ = arg
            if not issubclass(kind, Stopped | StopIteration | GeneratorExit):
                self.lines.raised(mine, frame, kind, error)
        elif event in ("line", "return"):
            if event == "line" and mine and self._inside.go_on(frame, mine.file, mine.line):
                return self._local
            if mine is not None:
                # A thread ends with a function, the script with itself.
                is_script = frame.f_code.co_name == "<module>"
                ends = event == "return" and len(self._begun) == 1 and is_script
                self.lines.end(mine, at_end=ends)
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
        self._stops.check()
        line = self.lines.begin(frame)
        self._journal.begin(line.line)
        if self.before_line is not None:
            with Harmless(self._journal, line.line):
                self.before_line(frame, line.line, line.file)


_Trace = Callable[[FrameType, str, Any], Any]
