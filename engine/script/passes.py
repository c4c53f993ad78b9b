"""Every backward pass of a script, seen at the one function through which all of them go.

Its scalars are taken of every pass; its nodes where a window is open or a condition is met; and
windows are opened and closed here, between one pass and the next.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch

from engine.autograd.backward import BackwardFailed, watch_backward
from engine.autograd.capture import NoGraphError, walk
from engine.autograd.graph import Backward
from engine.autograd.quiet import quiet
from engine.recording.journal import Journal
from engine.recording.plan import Plan
from engine.script.compiled import (
    NotCompiled,
    ask_before,
    calls_around,
    is_being_compiled,
    never_compile,
)
from engine.script.last_pass import LastPass
from engine.script.line_tracer import Tracer
from engine.script.loop_variables import LoopVariables
from engine.script.own_files import OwnFiles
from engine.script.pass_scalars import PassScalars
from engine.script.silent_writes import Stale, stale
from engine.script.torch_calls import Watch

Run = Callable[..., Any]


class Passes:
    """Counts the passes of the thread that entered it, and records what `plan` asks for."""

    def __init__(
        self,
        plan: Plan,
        files: OwnFiles,
        tracer: Tracer,
        calls: Watch,
        journal: Journal,
        scalars: PassScalars | None = None,
    ) -> None:
        self.count = 0
        """How many passes have ended."""
        self._plan = plan
        self._when = plan.when
        self._files = files
        self._tracer = tracer
        self._calls = calls
        self._journal = journal
        self._scalars = scalars
        self._real: Run | None = None
        self._running = False
        self._asked = False
        """Whether a condition asks for the pass that comes next."""
        self._tail: tuple[FrameType, int] | None = None
        """The frame and line that ran the last pass, until the lines that follow it have run."""
        self._closing = False
        self._late = False
        """Whether a window is wanted as soon as compiled code has run."""
        self._last = LastPass(LoopVariables(files).outermost)
        self._is_last = False
        """Whether the pass that ended last is thought to be the script's last."""
        self._sites: set[tuple[str, int]] = set()
        """The file and line of every backward pass so far."""
        tracer.after_line = self._after_line
        tracer.at_rest = self._at_rest
        tracer.before_compiled = lambda frame: ask_before(frame, self._aside)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, passes are seen, and the window for the first of them is open."""
        real = self._real = torch.autograd._engine_run_backward  # type: ignore[attr-defined]
        process, thread = os.getpid(), threading.get_ident()

        def run(roots: Sequence[torch.Tensor], *args: Any, **kwargs: Any) -> Any:
            mine = os.getpid() == process and threading.get_ident() == thread
            if self._running or not mine or is_being_compiled():
                return real(roots, *args, **kwargs)
            self._running = True
            try:
                with NotCompiled() as ours:
                    return self._pass(
                        lambda: ours.without(real, roots, args, kwargs), roots, kwargs
                    )
            finally:
                self._running = False

        never_compile(run.__code__)
        torch.autograd._engine_run_backward = run  # type: ignore[attr-defined, assignment]
        self._open(None)
        try:
            yield
        finally:
            torch.autograd._engine_run_backward = real  # type: ignore[attr-defined]
            if os.getpid() == process:
                self._close()

    def forget(self) -> None:
        """In a process that the script has forked: see nothing any more."""
        if self._real is not None:
            torch.autograd._engine_run_backward = self._real  # type: ignore[attr-defined]
        self._calls.close()
        self._tracer.close()

    def _pass(self, run: Run, roots: Sequence[torch.Tensor], options: dict[str, Any]) -> Any:
        frame = self._files.nearest(sys._getframe(2))
        if self._tracer.is_open and frame is not None:
            self._tracer.put_back(frame)
            self._tracer.stir(frame)
        self._look(lambda scalars: scalars.before(self.count, roots, frame))
        deep = self._tracer.is_open or self._met(lambda scalars: scalars.met_by_loss(self._when))
        self._tail_over()
        returned: dict[int, Any] = {}
        try:
            result = self._deeply(run, roots, frame) if deep else run()
            inputs = options.get("inputs") or ()
            if inputs and not options.get("accumulate_grad", True):
                returned = {id(t): g for t, g in zip(inputs, result, strict=False)}
            return result
        finally:
            self._look(lambda scalars: scalars.after(self.count, frame, returned))
            self._asked = self._met(lambda scalars: scalars.met_by_gradients(self._when))
            self._look(lambda scalars: self._expect(frame, scalars))
            self._end(frame)

    def _expect(self, frame: FrameType | None, scalars: PassScalars) -> None:
        """The last pass, if it comes next, is asked for, and so are the lines that follow it."""
        left = self._last.left_after(self.count, frame, scalars.loops)
        self._asked |= left in (0, 1)
        self._is_last = left == 0

    def _look(self, at: Callable[[PassScalars], bool | None]) -> bool:
        """Take scalars; whatever goes wrong there is none of the script's business."""
        if self._scalars is None:
            return False
        try:
            with quiet():
                return bool(at(self._scalars))
        except Exception as error:
            self._journal.note(f"scalars could not be read: {type(error).__name__}")
            return False

    def _met(self, condition: Callable[[PassScalars], bool]) -> bool:
        """Whether a condition of the plan is met; nothing is waited for where there is none."""
        return bool(self._when) and self._look(condition)

    def _deeply(self, run: Run, roots: Sequence[torch.Tensor], frame: FrameType | None) -> Any:
        try:
            walked = walk(list(roots))
            if self._tracer.is_open:
                self._calls.note_roots(roots)
            wrong = stale(walked.nodes)
            scope = self._tracer.scope(frame)
        except NoGraphError:
            return run()
        except Exception as error:  # the script's own pass must run, whatever we cannot look at
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")
            return run()
        ran = _Once(run)
        try:
            try:
                backward = watch_backward(walked, ran, scope, for_good=True)
            except BackwardFailed as failure:
                backward = failure.backward
            self._keep(backward, wrong, frame)
        except Exception as error:
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")
        return ran.outcome()

    def _keep(self, backward: Backward, wrong: Iterable[Stale], frame: FrameType | None) -> None:
        self._journal.add_backward(backward)
        ran = {gradient.node for gradient in backward.gradients}
        self._tracer.stale += (one for one in wrong if one.position in ran)
        if not self._tracer.is_open and frame is not None:
            self._tracer.add_here(frame, self.count)

    def _end(self, frame: FrameType | None) -> None:
        """A pass has ended: count it, and open the window where the next one wants it."""
        self.count += 1
        self._tail = (frame, frame.f_lineno) if frame is not None else None
        if frame is None:
            self._tail_over()
        elif len(self._sites) < 2:
            self._sites.add((frame.f_code.co_filename, frame.f_lineno))
        if not self._tracer.is_open and (self._asked or self._plan.wants(self.count)):
            # Where all passes come from one line, those after it belong to the pass that was.
            self._tracer.skipping = len(self._sites) == 1 and self._tail is not None
            self._open(frame)

    def _after_line(self, frame: FrameType, line: int | None) -> None:
        """Lines belong to a pass until its frame returns or its loop goes round."""
        if self._tail is not None:
            mine, number = self._tail
            if frame is mine and (line is None or line <= number):
                self._tail_over()
        if self._closing:
            self._close()

    def _at_rest(self) -> None:
        """No graph is made any more: after the last pass nothing is waited for."""
        if self._is_last:
            self._close()

    def _tail_over(self) -> None:
        self._tail = None
        self._tracer.skip_no_more()
        self._tracer.number = self.count
        if self._tracer.is_open and not (self._asked or self._plan.wants(self.count)):
            self._closing = True

    def _open(self, frame: FrameType | None) -> None:
        """Open a window, but inside of compiled code only when that has run."""
        compiled = list(calls_around(frame))
        for call in compiled:
            ask_before(call, self._aside)
        self._late = bool(compiled)
        if not compiled:
            self._tracer.open(frame)
            self._calls.open()

    def _aside(self) -> Callable[[], None]:
        """Compiled code begins: out of its way; returns what brings us back when it has run."""
        open_ = self._tracer.is_open and not self._tracer.is_paused
        seen = open_ and self._calls.close()
        if open_:
            self._tracer.pause()

        count = self.count

        def back() -> None:
            frame = self._files.nearest(sys._getframe(1))
            if self.count > count and self._tail is not None and frame is not None:
                self._tail = (frame, frame.f_lineno)  # for the compiled frame has no lines
            if open_ and self._tracer.is_open:
                if seen:
                    self._calls.open()
                self._tracer.resume()
            elif self._late:
                self._open(frame)

        return back

    def _close(self) -> None:
        if self._calls.close():
            self._closing = False
            self._tracer.close()
            self._journal.window_ended()


class _Once:
    """The script's own pass, run once however our look at it goes, with its result or error."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._result: list[Any] = []
        self._error: BaseException | None = None

    def __call__(self) -> None:
        try:
            self._result.append(self._run())
        except BaseException as error:
            self._error = error
            raise

    def outcome(self) -> Any:
        """What the pass gave back, run now where that has not been; raises what it raised."""
        if self._error is not None:
            raise self._error
        if not self._result:
            self._result.append(self._run())
        return self._result[0]
