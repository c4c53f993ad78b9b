"""Opening and closing the windows in which a script is traced, between one pass and the next.

While a window is open every line becomes a moment and every torch call is noted; between windows
neither Python nor torch knows of us.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import NamedTuple, Self

from engine.recording.journal import Journal
from engine.recording.pass_plan import Plan
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.positions import line_of
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.torch_calls import Watch
from engine.script.unseen.compiled_calls import ask_before, calls_around
from engine.uncollected import SeldomCollected


class _PassSite(NamedTuple):
    """A place in a frame that runs. The frame is not held: its variables end when it returns."""

    frame: int
    code: CodeType
    instruction: int

    @classmethod
    def of(cls, frame: FrameType) -> Self:
        return cls(id(frame), frame.f_code, frame.f_lasti)

    def is_in(self, frame: FrameType) -> bool:
        return id(frame) == self.frame and frame.f_code is self.code


class Windows:
    """Opens the trace and the notes on torch calls where `plan` wants a pass, and closes them."""

    def __init__(
        self, plan: Plan, files: OwnFiles, tracer: Tracer, calls: Watch, journal: Journal
    ) -> None:
        self.count = 0
        """How many passes have ended."""
        self.is_running = False
        """Whether one of the passes that are counted runs."""
        self.closed: Callable[[], None] = lambda: None
        """Is called where no lines are wanted any more."""
        self._plan = plan
        self._files = files
        self._tracer, self._lines = tracer, tracer.lines
        self._calls = calls
        self._journal = journal
        self._asked = False
        """Whether the pass that comes next is asked for, whatever the plan."""
        self._is_last = False
        """Whether the pass that ended last is thought to be the script's last."""
        self._tail: _PassSite | None = None
        """Where the last pass was run, until what follows has run."""
        self._site: tuple[CodeType, int] | None = None
        """The code and instruction of the last pass."""
        self._closing = False
        self._late = False
        """Whether a window is wanted as soon as compiled code has run."""
        self._moved = False
        """Whether calls are not seen yet in the thread that has the window now."""
        self._collections = SeldomCollected()
        self._sites: set[tuple[str, int]] = set()
        """The file and line of every backward pass so far."""
        tracer.after_line = self._after_line
        tracer.at_rest = self._at_rest
        tracer.before_compiled = lambda frame: ask_before(frame, self.aside)

    def before_pass(self, frame: FrameType | None) -> None:
        """A pass is about to run in `frame`: what followed the one before it is over."""
        if self._tracer.is_open and frame is not None:
            self._tracer.put_back(frame)
            self._tracer.stir(frame)
        if self._tail is not None:
            self._lines.split()
            self.begin_pass()

    def after_pass(self, frame: FrameType | None, *, asked: bool, left: int | None) -> None:
        """A pass has ended: count it, and open the window where the next one wants it.

        `asked`: by a condition; `left`: so many are thought to follow, None where it is unknown.
        """
        self.count += 1
        if self._moved:
            self._moved = False
            self._calls.open()
        # With the last one the lines are asked for that follow it.
        self._asked = asked or left == 0 or left == 1
        self._is_last = left == 0
        if frame is None:
            self.begin_pass()
        else:
            self._tail = _PassSite.of(frame)
            # The number of a line takes long to be had; that of an instruction does not.
            site = frame.f_code, frame.f_lasti
            if site != self._site:
                self._site = site
                self._sites.add((frame.f_code.co_filename, frame.f_lineno))
        if not self._tracer.is_open and (self._asked or self._plan.wants(self.count)):
            # Where all passes come from one line, those after it belong to the pass that was.
            self._lines.skipping = len(self._sites) == 1 and self._tail is not None
            self.open(frame)

    @property
    def quiet_until(self) -> int:
        """Before the pass of this number none is wanted."""
        busy = self._tracer.is_open or self._asked or self._closing or self._late
        return 0 if busy else self._plan.next_after(self.count - 1)

    def open(self, frame: FrameType | None) -> None:
        """Open a window, but inside of compiled code only when that has run."""
        compiled = list(calls_around(frame))
        for call in compiled:
            ask_before(call, self.aside)
        self._late = bool(compiled)
        if not compiled and not self._tracer.is_displaced():
            self._collections.begin()
            self._tracer.open(frame)
            self._calls.open()

    def close(self) -> None:
        """Close the window; it stays open for a while where a torch call still runs."""
        if self._calls.close():
            self._closed()

    def end(self) -> None:
        """Close it for good, also where another thread has it open; what follows has no pass."""
        if not self._tracer.is_open:
            self.begin_pass()
        if self._calls.close() or not self._tracer.thread.is_here():
            self._closed()

    def _closed(self) -> None:
        self._closing = False
        self._tracer.close()
        self._collections.end()
        self._journal.window_ended()
        self.closed()

    def move(self, frame: FrameType | None) -> None:
        """Have an open window in this thread, which is about to run a pass in `frame`."""
        if self._tail is not None:
            self.begin_pass()
        if self._closing or (self._tracer.is_open and self._tracer.is_displaced()):
            self._closed()
        elif self._tracer.is_open:
            self._tracer.move(frame)
            self._moved = True

    def move_back(self, frame: FrameType) -> None:
        """Have an open window in this thread again, at a line of `frame`."""
        self.move(frame)
        if self._moved:
            self._moved = False
            self._calls.open()

    def make_way(self) -> None:
        """Close it for a debugger of the script's; a pass that is wanted later opens it again."""
        if self._tracer.is_open:
            self._journal.note("the script is being debugged: lines are missing")
            self.close()

    def before_fork(self) -> None:
        """The script is about to fork: leave no more garbage to it than there would be."""
        self._collections.catch_up()

    def abandon(self) -> None:
        """Close it in a process that records nothing."""
        self._calls.close()
        self._tracer.close()
        self._collections.end()

    def _after_line(self, frame: FrameType, line: int | None) -> None:
        """Lines belong to a pass until its frame returns or its loop goes round."""
        if self._tail is not None:
            tail = self._tail
            if tail.is_in(frame) and (line is None or line <= line_of(tail.code, tail.instruction)):
                self.begin_pass()
        if self._closing:
            self.close()

    def _at_rest(self) -> None:
        """No graph is made any more: after the last pass nothing is waited for."""
        if self._is_last:
            self.close()

    def begin_pass(self) -> None:
        """What follows belongs to the pass that comes next."""
        self._tail = None
        self._lines.skip_no_more()
        self._lines.moments.number = self.count
        if self._tracer.is_open and not (self._asked or self._plan.wants(self.count)):
            self._closing = True

    def aside(self) -> Callable[[], None]:
        """Compiled code begins, or a trace: out of its way; returns what brings us back."""
        open_ = self._tracer.is_open and not self._tracer.is_paused
        seen = open_ and self._calls.close()
        if open_:
            self._tracer.pause()
        count = self.count

        def back() -> None:
            frame = self._files.nearest(sys._getframe(1))
            if self.count > count and self._tail is not None and frame is not None:
                self._tail = _PassSite.of(frame)  # for the compiled frame has no lines
            if open_ and self._tracer.is_open:
                if seen:
                    self._calls.open()
                self._tracer.resume()
            elif self._late:
                self.open(frame)

        return back
