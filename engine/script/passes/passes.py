"""Every backward pass of a script, seen at the one function through which all of them go.

Its scalars are taken of every pass; its nodes where a window is open or a condition is met.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType
from typing import Any

import torch

from engine.autograd.not_compiled import COMPILER, NotCompiled, never_compile
from engine.autograd.own_ref import hidden_from_torch
from engine.own_builtins import are_replaced
from engine.recording.journal import Journal
from engine.recording.pass_plan import Plan
from engine.script.frames.own_files import OwnFiles
from engine.script.interventions import Change
from engine.script.lines.applied_change import AppliedChange
from engine.script.lines.followed_thread import is_of_the_script
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.torch_calls import Watch
from engine.script.passes.deep_passes import DeepPasses
from engine.script.passes.last_pass import LastPass
from engine.script.passes.pass_scalars import OF_GRADIENTS, PassScalars, searched_at
from engine.script.passes.passes_beside import OTHERS, PassesBeside
from engine.script.passes.quick_numbers import quick_run
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.unseen_passes import UnseenPasses, passes_run_by, run_passes_by
from engine.script.passes.windows import Windows
from engine.script.unseen.compiled_calls import is_being_compiled
from engine.script.unseen.jit_traces import asked_before_traces
from engine.script.unseen.our_frames import calls_the_script

Run = Callable[..., Any]
Options = dict[str, Any]
Around = Callable[[Run, Callable[[], int], Callable[[], bool]], Run]
"""Makes of what runs a pass one that sees more; is told its number, and whether it is deep."""
INPUTS = 3
"""Where torch hands over the inputs whose gradients a pass returns, after the roots."""


class Passes:
    """Sees the passes of the thread that is followed, and records what `plan` asks for."""

    def __init__(
        self,
        plan: Plan,
        files: OwnFiles,
        tracer: Tracer,
        calls: Watch,
        journal: Journal,
        scalars: PassScalars | None = None,
        change: Change | None = None,
        around: Around | None = None,
    ) -> None:
        self._plan, self._when = plan, plan.when
        self._change = AppliedChange(change, files, tracer, journal)
        self._files = files
        self._tracer = tracer
        self._calls = calls
        self._journal = journal
        self._scalars = scalars
        if scalars is not None:
            scalars.asks_for_gradients = any(one.kind in OF_GRADIENTS for one in plan.when)
        if scalars is not None and calls.checks is not None:
            scalars.seen = calls.checks.passes.scalars
        self._beside = PassesBeside(tracer.thread.is_waiting)
        self._deep = DeepPasses(tracer, calls, journal, self._beside)
        self._windows = Windows(plan, files, tracer, calls, journal)
        self._last = LastPass(tracer.lines.moments.loops.outermost)
        self._quick = QuickPasses(scalars)
        self._armed = bool(self._when or scalars is None or self._change)
        """Whether every pass is to be looked at."""
        if not self._armed:
            self._windows.closed = self._let_be_quick
        self._around = around
        self._real: Run | None = None
        self._unseen = None if scalars is None else UnseenPasses(journal)
        tracer.let_be = self._let_be
        tracer.aside.comes_back = self._comes_back

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, passes are seen, and the window for the first of them is open."""
        real = self._real = passes_run_by()
        process = os.getpid()
        self._tracer.thread.take()
        if self._around is not None:
            real = self._around(real, lambda: self._windows.count, self._is_open)

        run_passes_by(self._runner(real))
        self._windows.open(None)
        try:
            checks = self._calls.checks
            steps = nullcontext() if checks is None else checks.optimizers.watched(self._is_open)
            with hidden_from_torch(), steps, asked_before_traces(self._windows.aside):
                yield
        finally:
            if self._unseen is None:
                run_passes_by(self._real)
            elif os.getpid() == process:
                run_passes_by(self._unseen.after_the_end(self._real))
            if os.getpid() == process:
                if self._scalars is not None:
                    self._scalars.flush()
                if checks is not None:
                    checks.passes.ended()
                self._windows.end()

    def _runner(self, real: Run) -> Run:
        """What runs a pass in place of `real`, which it calls; only those of a thread are seen."""
        modules, thread = sys.modules, self._tracer.thread
        quick, windows, tracer = self._quick, self._windows, self._tracer
        beside = self._beside

        @calls_the_script
        def look(roots: Sequence[torch.Tensor], args: Sequence[Any], kwargs: Options) -> Any:
            if are_replaced():
                self._let_be()
                return real(roots, *args, **kwargs)
            if not thread.is_here():
                with NotCompiled():
                    comes = self._comes_here()
                # Another one that is in the middle of a pass began it just before this one came.
                if not comes or (windows.is_running and thread.is_here()):
                    return beside.run(real, roots, *args, **kwargs)
            aside = windows.is_running
            if aside and not tracer.is_open:
                return real(roots, *args, **kwargs)
            adds = kwargs.get("accumulate_grad", True)
            if not aside:
                quick.settle()
            if COMPILER not in modules:
                if aside:
                    return self._aside(partial(real, roots, *args, **kwargs), roots)
                if windows.count < quick.until and adds and (frame := quick.frame()) is not None:
                    return self._seen_quickly(real, roots, args, kwargs, frame)
                inputs = () if adds else inputs_of(args, kwargs)
                return self._seen(partial(real, roots, *args, **kwargs), roots, inputs)
            inputs = () if adds else inputs_of(args, kwargs)
            if is_being_compiled():
                return real(roots, *args, **kwargs)
            with NotCompiled() as ours:
                again = partial(ours.without, real, roots, args, kwargs)
                return self._aside(again, roots) if aside else self._seen(again, roots, inputs)

        def failed(error: Exception, number: int, roots: Sequence[torch.Tensor]) -> None:
            self._deep.failed(error, number, roots, quick.frame())

        def unkept(number: int, numbers: Sequence[float]) -> None:
            quick.settle()
            quick.give_up(numbers)
            self._after_quickly(number, quick.frame())

        def search(number: int, roots: Sequence[torch.Tensor]) -> None:
            if COMPILER not in modules and thread.is_here() and searched_at(number) == number:
                self._search(number, roots, quick.frame())

        for function in (look, search, are_replaced):
            never_compile(function.__code__)
        others = look, search, failed, unkept, self._ended_quickly
        return quick_run(real, *others, thread, windows, quick, self._last)

    def _comes_here(self) -> bool:
        """Whether a pass is seen that is run by a thread which was not followed until now."""
        if self._windows.is_running:
            if is_of_the_script() and not self._tracer.thread.waits():
                self._journal.note(OTHERS)
                return False
            return True
        if not self._tracer.thread.come(self._files.index, self._windows.count):
            self._journal.note(OTHERS)
            return False
        self._quick.settle()
        self._windows.move(self._files.nearest(sys._getframe(2)))
        if not self._armed:
            self._let_be_quick()
        return True

    def _comes_back(self, frame: FrameType) -> bool:
        """Whether the main thread is followed again, at a line of `frame`."""
        thread, windows = self._tracer.thread, self._windows
        if windows.is_running or not thread.come_back(self._files.index, windows.count):
            return False
        self._quick.settle()
        windows.move_back(frame)
        return True

    def _is_open(self) -> bool:
        return self._tracer.is_open

    def make_way(self) -> None:
        """See no lines for now: a debugger is about to trace them."""
        self._windows.make_way()

    def _let_be(self) -> None:
        """See nothing any more, for torch and Python may fail at it."""
        assert self._real is not None
        run_passes_by(self._real)
        self._windows.abandon()
        if self._unseen is not None:
            self._unseen.are_left = True

    def before_fork(self) -> None:
        """The script's process is about to fork."""
        self._windows.before_fork()

    def forget(self) -> None:
        """In a process that the script has forked: see nothing any more."""
        if self._real is not None:
            unseen = self._unseen
            run_passes_by(self._real if unseen is None else unseen.in_a_fork(self._real))
        self._windows.abandon()

    def flush(self, *, last: bool = False) -> None:
        """Say of passes that are not recorded."""
        if self._unseen is not None:
            self._unseen.flush(passes=self._windows.count, last=last)

    def _seen(self, run: Run, roots: Sequence[torch.Tensor], inputs: Sequence[Any]) -> Any:
        """Run a pass with all that is to be seen of it; `inputs` get what it returns."""
        frame, seen = self._files.nearest(sys._getframe(3)), self._tracer.is_open
        self._windows.is_running = True
        if not self._tracer.thread.is_here():  # but another one since
            self._windows.is_running = False
            return self._beside.run(run)
        try:
            return self._taken(run, roots, inputs, frame)
        finally:
            self._windows.is_running = False
            if not self._armed:
                self._quick.allow(frame, seen=seen)
                if self._tracer.is_open:
                    self._quick.until = 0
                else:
                    self._let_be_quick()

    @calls_the_script
    def _seen_quickly(
        self, real: Run, roots: Sequence[torch.Tensor], args: Any, options: Any, frame: FrameType
    ) -> Any:
        """Run a pass like the one before, of which only scalars are taken."""
        number, scalars = self._windows.count, self._scalars
        assert scalars is not None
        self._windows.is_running = True
        if not self._tracer.thread.is_here():
            self._windows.is_running = False
            return self._beside.run(real, roots, *args, **options)
        try:
            self._take(scalars.before, number, roots, frame)
            return real(roots, *args, **options)
        except Exception as error:
            self._deep.failed(error, number, roots, frame)
            raise
        finally:
            self._windows.is_running = False
            self._after_quickly(number, frame)

    def _after_quickly(self, number: int, frame: FrameType | None) -> None:
        """A pass has ended of which only scalars are taken."""
        self._take(self._taken_after, number, frame, {})
        self._ended_quickly(number, frame)

    def _ended_quickly(self, number: int, frame: FrameType | None) -> None:
        """A pass has ended of which only scalars are taken; the next one may be looked at."""
        left = self._last.left_at(number)
        if left == 0 or left == 1 or self._plan.wants(number + 1):
            self._quick.settle()
            self._windows.count = number
            self._windows.begin_pass()
            self._windows.after_pass(frame, asked=False, left=left)
        else:
            self._windows.count = number + 1
        self._let_be_quick()

    def _search(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """Look for new leaves of a pass that is about to run; without any it may be quick."""
        windows, scalars = self._windows, self._scalars
        if frame is None or scalars is None or self._armed or windows.is_running:
            return
        if number < min(windows.quiet_until, self._last.spared_from(number)):
            followed = scalars.leaves.followed
            self._take(scalars.search, roots, frame)
            if scalars.leaves.followed == followed:
                self._let_be_quick(searched=number + 1)

    def _let_be_quick(self, searched: int | None = None) -> None:
        """Find the first pass from now on that must be looked at, whatever it is like.

        New leaves were `searched` for in those before the one of that number.
        """
        number = self._windows.count
        spared = self._last.spared_from(number)
        search = searched_at(number if searched is None else searched)
        self._quick.until = min(self._windows.quiet_until, search, spared)

    @calls_the_script
    def _taken(
        self,
        run: Run,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
    ) -> Any:
        number, scalars = self._windows.count, self._scalars
        returned: dict[int, Any] = {}
        try:
            if scalars is not None:
                self._take(scalars.before, number, roots, frame)
            self._windows.before_pass(frame)
            deep = self._tracer.is_open or (
                scalars is not None and self._when and self._take(scalars.met_by_loss, self._when)
            )
            if deep:
                run = partial(self._deep.run, run, number, roots, inputs, frame)
            with self._change.in_pass(number, roots):
                try:
                    result = run()
                except Exception as error:
                    if not deep:
                        self._deep.failed(error, number, roots, frame)
                    raise
            if inputs:
                returned = {id(t): g for t, g in zip(inputs, result, strict=False)}
            return result
        finally:
            asked, left = self._take(self._taken_after, number, frame, returned) or (False, None)
            self._windows.after_pass(frame, asked=asked, left=left)

    def _taken_after(
        self, number: int, frame: FrameType | None, returned: Mapping[int, Any]
    ) -> tuple[bool, int | None]:
        """Take scalars; whether they ask for lines, and how many passes are thought to follow."""
        scalars = self._scalars
        if scalars is None:
            return False, None
        scalars.after(number, frame, returned)
        asked = bool(self._when) and scalars.met_by_gradients(self._when)
        return asked, self._last.left_after(number, frame, *scalars.outermost)

    def _take(self, what: Callable[..., Any], *arguments: Any) -> Any:
        """Take scalars; whatever goes wrong there is none of the script's business."""
        try:
            return what(*arguments)
        except Exception as error:
            self._unread(error)
            return None

    def _unread(self, error: Exception) -> None:
        self._journal.note(f"scalars could not be read: {type(error).__name__}")

    def _aside(self, run: Run, roots: Sequence[torch.Tensor]) -> Any:
        """A pass inside a node of another one: it has no number of its own."""
        frame = self._files.nearest(sys._getframe(3))
        return self._deep.run(run, self._windows.count, roots, (), frame, aside=True)


def inputs_of(args: Sequence[Any], options: Mapping[str, Any]) -> Sequence[Any]:
    """The inputs whose gradients a pass returns."""
    found: Sequence[Any] = args[INPUTS] if len(args) > INPUTS else options.get("inputs", ())
    return found
