"""Every backward pass of a script, seen at the one function through which all of them go.

Its scalars are taken of every pass; its nodes where a window is open or a condition is met.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from types import FrameType
from typing import Any

import torch

from engine.autograd.backward import BackwardFailed, watch_backward
from engine.autograd.capture import NoGraphError, Walk, walk
from engine.autograd.graph import Backward
from engine.autograd.not_compiled import COMPILER, NotCompiled, never_compile
from engine.autograd.own_ref import hidden_from_torch
from engine.recording.journal import Journal
from engine.recording.pass_plan import Plan
from engine.script.applied_change import AppliedChange
from engine.script.checks.checks import Checks
from engine.script.compiled_calls import is_being_compiled
from engine.script.interventions import Change
from engine.script.last_pass import LastPass
from engine.script.line_tracer import Tracer
from engine.script.loop_variables import LoopVariables
from engine.script.own_files import OwnFiles
from engine.script.own_pass import OwnPass
from engine.script.pass_scalars import PassScalars, searched_at
from engine.script.quick_passes import QuickPasses
from engine.script.silent_writes import Stale
from engine.script.torch_calls import Watch
from engine.script.windows import Windows
from engine.untraced import untraced

Run = Callable[..., Any]
Around = Callable[[Run, Callable[[], int], Callable[[], bool]], Run]
"""Makes of what runs a pass one that sees more; is told its number, and whether it is deep."""
_Seen = tuple[Walk, Sequence[Stale], Mapping[str, torch.Tensor]]
"""The graph that is about to run, what of it is stale, and names."""
INPUTS = 3
"""Where torch hands over the inputs whose gradients a pass returns, after the roots."""


class Passes:
    """Sees the passes of the thread that entered it, and records what `plan` asks for."""

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
        self._when = plan.when
        self._change = AppliedChange(change, files, tracer, journal)
        self._files = files
        self._tracer = tracer
        self._calls = calls
        self._journal = journal
        self._scalars = scalars
        if scalars is not None and calls.checks is not None:
            scalars.seen = calls.checks.scalars
        self._windows = Windows(plan, files, tracer, calls, journal)
        self._last = LastPass(LoopVariables(files).outermost)
        self._quick = QuickPasses(self._last, scalars)
        self._around = around
        self._real: Run | None = None
        self._running = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, passes are seen, and the window for the first of them is open."""
        real = self._real = torch.autograd._engine_run_backward  # type: ignore[attr-defined]
        process, thread = os.getpid(), threading.get_ident()
        if self._around is not None:
            real = self._around(real, lambda: self._windows.count, self._is_open)

        run = self._runner(real, thread)
        never_compile(run.__code__)
        torch.autograd._engine_run_backward = run  # type: ignore[attr-defined]
        self._windows.open(None)
        try:
            checks = self._calls.checks
            steps = nullcontext() if checks is None else checks.optimizers_watched(self._is_open)
            with hidden_from_torch(), steps:
                yield
        finally:
            torch.autograd._engine_run_backward = self._real  # type: ignore[attr-defined]
            if os.getpid() == process:
                if self._scalars is not None:
                    self._scalars.flush()
                if checks is not None:
                    checks.ended()
                self._windows.close()

    def _runner(self, real: Run, thread: int) -> Run:
        """What runs a pass in place of `real`, which it calls; only those of a thread are seen."""
        ident, modules = threading.get_ident, sys.modules
        quick, windows = self._quick, self._windows

        def run(roots: Sequence[torch.Tensor], *args: Any, **kwargs: Any) -> Any:
            aside = self._running or ident() != thread
            if aside and not self._tracer.is_open:
                return real(roots, *args, **kwargs)
            adds = kwargs.get("accumulate_grad", True)
            if COMPILER not in modules:
                if aside:
                    return self._aside(partial(real, roots, *args, **kwargs), roots)
                number = windows.count
                if number < quick.until and adds:
                    if (numbers := quick.begin(roots)) is not None:
                        self._running = True
                        try:
                            return real(roots, *args, **kwargs)
                        finally:
                            self._running = False
                            if quick.end(number, numbers):
                                windows.count = number + 1
                            else:
                                quick.give_up(numbers)
                                self._after_quickly(number, quick.frame())
                    if (frame := quick.frame()) is not None:
                        return self._seen_quickly(real, roots, args, kwargs, frame)
                inputs = () if adds else inputs_of(args, kwargs)
                return self._seen(partial(real, roots, *args, **kwargs), roots, inputs)
            inputs = () if adds else inputs_of(args, kwargs)
            if is_being_compiled():
                return real(roots, *args, **kwargs)
            with NotCompiled() as ours:
                again = partial(ours.without, real, roots, args, kwargs)
                return self._aside(again, roots) if aside else self._seen(again, roots, inputs)

        return run

    def _is_open(self) -> bool:
        return self._tracer.is_open

    def forget(self) -> None:
        """In a process that the script has forked: see nothing any more."""
        if self._real is not None:
            torch.autograd._engine_run_backward = self._real  # type: ignore[attr-defined]
        self._windows.abandon()

    def _seen(self, run: Run, roots: Sequence[torch.Tensor], inputs: Sequence[Any]) -> Any:
        """Run a pass with all that is to be seen of it; `inputs` get what it returns."""
        frame = self._files.nearest(sys._getframe(2))
        self._running = True
        try:
            return self._taken(run, roots, inputs, frame)
        finally:
            self._running = False
            armed = self._when or self._scalars is None or self._change
            until = min(self._windows.quiet_until, searched_at(self._windows.count))
            self._quick.allow(frame, 0 if armed else until)

    def _seen_quickly(
        self, real: Run, roots: Sequence[torch.Tensor], args: Any, options: Any, frame: FrameType
    ) -> Any:
        """Run a pass like the one before, of which only scalars are taken."""
        number, scalars = self._windows.count, self._scalars
        assert scalars is not None
        self._running = True
        try:
            self._take(scalars.before, number, roots, frame)
            return real(roots, *args, **options)
        finally:
            self._running = False
            self._after_quickly(number, frame)

    def _after_quickly(self, number: int, frame: FrameType | None) -> None:
        """A pass has ended of which only scalars are taken."""
        _, left = self._take(self._taken_after, number, frame, {}) or (False, None)
        if left == 0 or left == 1:
            self._quick.allow(None, 0)
            self._windows.after_pass(frame, asked=False, left=left)
        else:
            self._windows.count += 1

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
            checks = self._calls.checks
            with self._change.in_pass(number, roots):
                result = self._deeply(run, roots, inputs, frame, checks) if deep else run()
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
        """A pass inside a node of another one, or of another thread: it has no number of its own.

        Its record belongs to the line that the script's own thread runs.
        """
        return self._deeply(run, roots, (), self._files.nearest(sys._getframe(2)), None)

    def _deeply(
        self,
        run: Run,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
        checks: Checks | None,
    ) -> Any:
        with untraced() as ours:
            ran = OwnPass(run, ours)
            seen = self._look(roots, frame)
            if seen is not None:
                self._watch(ran, seen, roots, inputs, frame, checks)
            elif checks is not None:
                with suppress(Exception):
                    ran()
                if ran.error is not None:
                    checks.failed(ran.error, roots, inputs, None, None, frame)
        return ran.outcome()

    def _watch(
        self,
        ran: OwnPass,
        seen: _Seen,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
        checks: Checks | None,
    ) -> None:
        """Run a pass, and keep what was seen of it; an error of its own is kept for later."""
        number = self._windows.count
        walked, wrong, scope = seen
        try:
            try:
                changed = {one.address for one in wrong} | {*self._tracer.moments.silently_changed}
                backward = watch_backward(walked, ran, scope, for_good=True, changed=changed)
            except BackwardFailed as failure:
                backward = failure.backward
            if checks is not None:
                if ran.error is not None:
                    checks.failed(ran.error, roots, inputs, walked, backward, frame)
                checks.passed(walked, backward, number, frame)
            self._keep(backward, wrong, frame)
        except Exception as error:
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")

    def _look(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> _Seen | None:
        """What is seen of a pass before it runs; None where nothing can be."""
        try:
            walked = walk(list(roots))
            if self._tracer.is_open:
                self._calls.note_roots(roots)
            wrong = self._calls.fingerprints.stale(walked.nodes)
            return walked, wrong, self._tracer.scope(frame)
        except NoGraphError:
            return None
        except Exception as error:  # the script's own pass must run, whatever we cannot look at
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")
            return None

    def _keep(self, backward: Backward, wrong: Iterable[Stale], frame: FrameType | None) -> None:
        self._journal.add_backward(backward)
        ran = {gradient.node for gradient in backward.gradients}
        self._tracer.moments.stale += (one for one in wrong if one.position in ran)
        if not self._tracer.is_open and frame is not None:
            self._tracer.add_here(frame, self._windows.count)


def inputs_of(args: Sequence[Any], options: Mapping[str, Any]) -> Sequence[Any]:
    """The inputs whose gradients a pass returns."""
    found: Sequence[Any] = args[INPUTS] if len(args) > INPUTS else options.get("inputs", ())
    return found
