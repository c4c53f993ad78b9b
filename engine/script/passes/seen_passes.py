"""One pass of the thread that is followed, run in the middle of all that is to be seen of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import FrameType
from typing import Any

import torch

from engine.script.frames.own_files import OwnFiles
from engine.script.lines.applied_change import AppliedChange
from engine.script.lines.line_tracer import Tracer
from engine.script.passes.deep_passes import DeepPasses
from engine.script.passes.passes_beside import PassesBeside
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.spared_passes import SparedPasses
from engine.script.passes.taken_scalars import TakenScalars
from engine.script.passes.windows import Windows
from engine.script.unseen.our_frames import calls_the_script

Run = Callable[..., Any]


class SeenPasses:
    """Runs passes, whose frames it finds from a function that torch calls and that calls it."""

    def __init__(
        self,
        files: OwnFiles,
        tracer: Tracer,
        windows: Windows,
        deep: DeepPasses,
        beside: PassesBeside,
        quick: QuickPasses,
        spared: SparedPasses,
        scalars: TakenScalars,
        change: AppliedChange,
    ) -> None:
        """In one of them the `change` is made."""
        self._files = files
        self._tracer = tracer
        self._windows = windows
        self._deep = deep
        self._beside = beside
        self._quick = quick
        self._spared = spared
        self._scalars = scalars
        self._change = change

    def run(self, run: Run, roots: Sequence[torch.Tensor], inputs: Sequence[Any]) -> Any:
        """Run a pass with all that is to be seen of it; `inputs` get what it returns."""
        frame, seen = self._files.nearest(sys._getframe(1)), self._tracer.is_open
        self._windows.is_running = True
        if not self._tracer.thread.is_here():  # but another one since
            self._windows.is_running = False
            return self._beside.run(run)
        try:
            return self._taken(run, roots, inputs, frame)
        finally:
            self._windows.is_running = False
            if not self._spared.are_none:
                self._quick.allow(frame, seen=seen)
                if self._tracer.is_open:
                    self._quick.until = 0
                else:
                    self._spared.spare()

    @calls_the_script
    def run_quickly(
        self, real: Run, roots: Sequence[torch.Tensor], args: Any, options: Any, frame: FrameType
    ) -> Any:
        """Run a pass like the one before, of which only scalars are taken."""
        number = self._windows.count
        self._windows.is_running = True
        if not self._tracer.thread.is_here():
            self._windows.is_running = False
            return self._beside.run(real, roots, *args, **options)
        try:
            self._scalars.before(number, roots, frame)
            return real(roots, *args, **options)
        except Exception as error:
            self._deep.failed(error, number, roots, frame)
            raise
        finally:
            self._windows.is_running = False
            self._spared.after(number, frame)

    def run_inside(self, run: Run, roots: Sequence[torch.Tensor]) -> Any:
        """Run a pass inside a node of another one: it has no number of its own."""
        frame = self._files.nearest(sys._getframe(1))
        return self._deep.run(run, self._windows.count, roots, (), frame, aside=True)

    @calls_the_script
    def _taken(
        self,
        run: Run,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
    ) -> Any:
        number = self._windows.count
        returned: Mapping[int, Any] = {}
        try:
            self._scalars.before(number, roots, frame)
            self._windows.before_pass(frame)
            deep = self._tracer.is_open or self._scalars.ask_for_nodes()
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
            asked, left = self._scalars.after(number, frame, returned)
            self._windows.after_pass(frame, asked=asked, left=left)
