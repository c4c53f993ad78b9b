"""Every backward pass of a script, seen at the one function through which all of them go.

Its scalars are taken of every pass; its nodes where a window is open or a condition is met.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
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
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.torch_calls import Watch
from engine.script.passes.deep_passes import DeepPasses
from engine.script.passes.last_pass import LastPass
from engine.script.passes.pass_scalars import PassScalars, searched_at
from engine.script.passes.passes_beside import PassesBeside
from engine.script.passes.quick_numbers import quick_run
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.seen_passes import SeenPasses
from engine.script.passes.spared_passes import SparedPasses
from engine.script.passes.taken_scalars import TakenScalars
from engine.script.passes.thread_turns import ThreadTurns
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
        self._tracer = tracer
        self._calls = calls
        self._scalars = scalars
        if scalars is not None and calls.checks is not None:
            scalars.seen = calls.checks.passes.scalars
        self._beside = beside = PassesBeside(tracer.thread.is_waiting)
        self._deep = DeepPasses(tracer, calls, journal, beside)
        self._windows = windows = Windows(plan, files, tracer, calls, journal)
        self._last = last = LastPass(tracer.lines.moments.loops.outermost)
        self._quick = quick = QuickPasses(scalars)
        taken = TakenScalars(plan.when, scalars, last, journal)
        tried = AppliedChange(change, files, tracer, journal)
        every = bool(plan.when or scalars is None or tried)
        self._spared = spared = SparedPasses(plan, windows, quick, last, taken, none=every)
        self._turns = ThreadTurns(files, tracer, windows, quick, spared, journal)
        self._seen = SeenPasses(
            files, tracer, windows, self._deep, beside, quick, spared, taken, tried
        )
        self._around = around
        self._real: Run | None = None
        self._unseen = None if scalars is None else UnseenPasses(journal)
        tracer.let_be = self._let_be

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
        turns, seen, spared = self._turns, self._seen, self._spared

        @calls_the_script
        def look(roots: Sequence[torch.Tensor], args: Sequence[Any], kwargs: Options) -> Any:
            if are_replaced():
                self._let_be()
                return real(roots, *args, **kwargs)
            if not thread.is_here():
                with NotCompiled():
                    comes = turns.comes()
                # Another one that is in the middle of a pass began it just before this one came.
                if not comes or (windows.is_running and thread.is_here()):
                    return self._beside.run(real, roots, *args, **kwargs)
            aside = windows.is_running
            if aside and not tracer.is_open:
                return real(roots, *args, **kwargs)
            adds = kwargs.get("accumulate_grad", True)
            if not aside:
                quick.settle()
            if COMPILER not in modules:
                if aside:
                    return seen.run_inside(partial(real, roots, *args, **kwargs), roots)
                if windows.count < quick.until and adds and (frame := quick.frame()) is not None:
                    return seen.run_quickly(real, roots, args, kwargs, frame)
                inputs = () if adds else inputs_of(args, kwargs)
                return seen.run(partial(real, roots, *args, **kwargs), roots, inputs)
            inputs = () if adds else inputs_of(args, kwargs)
            if is_being_compiled():
                return real(roots, *args, **kwargs)
            with NotCompiled() as ours:
                again = partial(ours.without, real, roots, args, kwargs)
                return seen.run_inside(again, roots) if aside else seen.run(again, roots, inputs)

        def failed(error: Exception, number: int, roots: Sequence[torch.Tensor]) -> None:
            self._deep.failed(error, number, roots, quick.frame())

        def unkept(number: int, numbers: Sequence[float]) -> None:
            quick.settle()
            quick.give_up(numbers)
            spared.after(number, quick.frame())

        def search(number: int, roots: Sequence[torch.Tensor]) -> None:
            if COMPILER not in modules and thread.is_here() and searched_at(number) == number:
                spared.search(number, roots, quick.frame())

        for function in (look, search, are_replaced):
            never_compile(function.__code__)
        others = look, search, failed, unkept, spared.go_on
        return quick_run(real, *others, thread, windows, quick, self._last)

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


def inputs_of(args: Sequence[Any], options: Mapping[str, Any]) -> Sequence[Any]:
    """The inputs whose gradients a pass returns."""
    found: Sequence[Any] = args[INPUTS] if len(args) > INPUTS else options.get("inputs", ())
    return found
