"""A backward pass of which every node is recorded, with whatever is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import torch

from engine.autograd.backward import BackwardFailed, watch_backward
from engine.autograd.capture import NoGraphError, Walk, describe, walk
from engine.autograd.graph import Backward
from engine.recording.journal import Journal
from engine.script.frames.script_errors import message_of
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.silent_writes import Stale
from engine.script.lines.torch_calls import Watch
from engine.script.passes.passes_beside import OTHERS, PassesBeside
from engine.script.unseen.own_pass import OwnPass
from engine.untraced import untraced

_Seen = tuple[Walk, Sequence[Stale], Mapping[str, torch.Tensor]]
"""The graph that is about to run, what of it is stale, and names."""


FAILURES = 10
"""Of so many passes that fail is recorded what is left, where no lines are: a script may go on."""


class DeepPasses:
    """Runs passes, and adds what is seen of them to a journal."""

    def __init__(
        self, tracer: Tracer, calls: Watch, journal: Journal, beside: PassesBeside
    ) -> None:
        self._tracer, self._lines = tracer, tracer.lines
        self._calls = calls
        self._journal = journal
        self._beside = beside
        self._checks = calls.checks
        self._failures = 0

    def run(
        self,
        run: Callable[..., Any],
        number: int,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
        *,
        aside: bool = False,
    ) -> Any:
        """Run the pass of a number in `frame`; returns and raises what it does itself.

        One that is `aside`, in the middle of another, is compared with none.
        """
        with untraced() as ours, self._beside.alone() as alone:
            ran = OwnPass(run, ours)
            seen = self._look(roots, frame) if alone else None
            if not alone:
                self._journal.note(OTHERS)
            if seen is not None:
                self._watch(ran, number, seen, roots, inputs, frame, aside=aside)
            elif self._checks is not None:
                with suppress(Exception):
                    ran()
                if ran.error is not None:
                    self._checks.passes.failed(ran.error, roots, inputs, None, None, frame)
        return ran.outcome()

    def failed(
        self,
        error: Exception,
        number: int,
        roots: Sequence[torch.Tensor],
        frame: FrameType | None,
    ) -> None:
        """A pass has raised of which no node was recorded: record what is left of its graph."""
        if self._failures == FAILURES or frame is None:
            return
        self._failures += 1
        with untraced(), suppress(Exception):
            walked = None
            with suppress(NoGraphError):
                walked = walk(list(roots))
            if self._checks is not None:
                self._checks.passes.failed(error, roots, (), walked, None, frame)
            if walked is not None:
                graph = describe(walked, self._lines.scope.tensors(frame), for_good=True)
                reason = f"{type(error).__name__}: {message_of(error)}"
                self._journal.add_backward(Backward(graph, (), reason))
                self._lines.add_here(frame, number)

    def _watch(
        self,
        ran: OwnPass,
        number: int,
        seen: _Seen,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        frame: FrameType | None,
        *,
        aside: bool,
    ) -> None:
        """Run a pass, and keep what was seen of it; an error of its own is kept for later."""
        walked, wrong, scope = seen
        try:
            try:
                changed = {one.address for one in wrong} | {*self._lines.moments.silently_changed}
                backward = watch_backward(walked, ran, scope, for_good=True, changed=changed)
            except BackwardFailed as failure:
                backward = failure.backward
            if self._checks is not None:
                if ran.error is not None:
                    self._checks.passes.failed(ran.error, roots, inputs, walked, backward, frame)
                if not aside:
                    self._checks.passes.passed(walked, backward, number, frame, inputs)
            self._keep(backward, number, wrong, frame)
        except Exception as error:
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")

    def _look(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> _Seen | None:
        """What is seen of a pass before it runs; None where nothing can be."""
        try:
            walked = walk(list(roots))
            if self._tracer.is_open:
                self._calls.notes.leave_at_roots(roots)
            wrong = self._calls.notes.fingerprints.stale(walked.nodes)
            return walked, wrong, self._lines.scope.tensors(frame)
        except NoGraphError:
            return None
        except Exception as error:  # the script's own pass must run, whatever we cannot look at
            self._journal.note(f"a pass could not be looked at: {type(error).__name__}")
            return None

    def _keep(
        self, backward: Backward, number: int, wrong: Iterable[Stale], frame: FrameType | None
    ) -> None:
        self._journal.add_backward(backward)
        ran = {gradient.node for gradient in backward.gradients}
        self._lines.moments.stale += (one for one in wrong if one.position in ran)
        if not self._tracer.is_open and frame is not None:
            self._lines.add_here(frame, number)
