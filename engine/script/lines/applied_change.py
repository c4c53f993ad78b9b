"""Carrying out the one change that is supposed of a run, inside the script's process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch

from engine.autograd.capture import NoGraphError, walk
from engine.autograd.graph import LEAF_OP
from engine.autograd.quiet import quiet
from engine.recording.journal import Journal
from engine.script.frames.own_files import OwnFiles
from engine.script.interventions import Change, Intervention, Nudge
from engine.script.lines.line_tracer import Tracer

Gradients = tuple[torch.Tensor | None, ...]


class AppliedChange:
    """Changes a gradient or an element of a leaf once, and says in the journal where it cannot."""

    def __init__(
        self, change: Change | None, files: OwnFiles, tracer: Tracer, journal: Journal
    ) -> None:
        self._change = change
        self._files, self._tracer, self._journal = files, tracer, journal
        self._done = False
        if isinstance(change, Nudge):
            tracer.before_line = self._before_line

    def __bool__(self) -> bool:
        return self._change is not None

    @contextmanager
    def in_pass(self, number: int, roots: Sequence[torch.Tensor]) -> Iterator[None]:
        """While entered, the pass of this number runs with the gradient changed."""
        change = self._change
        if not isinstance(change, Intervention) or number != change.number or self._done:
            yield
            return
        try:
            nodes = walk(list(roots)).nodes
        except NoGraphError:
            nodes = ()
        if change.node >= len(nodes):
            self._journal.note("what if: the pass has no such node, so nothing was changed")
            yield
            return
        # Before the hooks that record, which are to see the gradient as the node gets it.
        node = nodes[change.node]
        if type(node).__name__ == LEAF_OP:
            with quiet():
                handle = node.variable.register_hook(
                    lambda gradient: (self._changed(change, (gradient,)) or (None,))[0]
                )
        else:
            handle = node.register_prehook(lambda incoming: self._changed(change, incoming))
        try:
            yield
        finally:
            handle.remove()

    def _changed(self, change: Intervention, incoming: Gradients) -> Gradients | None:
        if self._done:
            return None
        self._done = True
        try:
            with quiet():
                return tuple(None if one is None else _changed(change, one) for one in incoming)
        except Exception as error:  # the script's own pass must run
            self._journal.note(f"what if: nothing was changed: {type(error).__name__}: {error}")
            return None

    def _before_line(self, frame: FrameType, line: int, file: int) -> None:
        change = self._change
        if self._done or not isinstance(change, Nudge) or line != change.line:
            return
        name = self._files.name(file) if file else None
        if (name, self._tracer.lines.moments.number) != (change.file, change.number):
            return
        leaf = self._leaf(frame, change.name)
        if leaf is None:
            return
        self._done = True
        with quiet():
            # Not seen by autograd, as if the leaf had been made so.
            numbers = leaf.data
            numbers[change.element] = numbers[change.element] + change.amount
        # Nor is it the doing of a line.
        self._tracer.lines.moments.begin(self._tracer.lines.scope.variables())

    def _leaf(self, frame: FrameType | None, name: str) -> torch.Tensor | None:
        """The leaf of a name, in the innermost scope that has one."""
        while frame is not None:
            found = self._tracer.lines.scope.tensors(frame).get(name)
            if found is not None and found.is_leaf:
                return found
            frame = self._files.nearest(frame.f_back)
        return None


def _changed(change: Intervention, gradient: torch.Tensor) -> Any:
    if change.kind == "zero":
        return torch.zeros_like(gradient)
    if change.kind == "scale":
        return gradient * change.numbers[0]
    given = torch.tensor(change.numbers, dtype=gradient.dtype, device=gradient.device)
    return given.reshape(gradient.shape)
