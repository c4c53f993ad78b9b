"""Lines that have run become moments: tensors in scope, the graph, output, loop variables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType, FrameType

import torch

from engine.recording.journal import Journal
from engine.recording.records import Moment, ScriptError
from engine.script.frames.known_modules import KnownModules
from engine.script.frames.loop_variables import LoopVariables
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.scope import Rest, Shown, shown_in
from engine.script.lines.line_graphs import LineGraphs
from engine.script.lines.silent_writes import Blame, Stale, Write
from engine.script.lines.snapshots import Snapshot, Snapshots
from engine.script.unseen.captured_output import Output
from engine.script.unseen.our_frames import outwards
from engine.uncollected import uncollected

GRADCHECK = "gradcheck.py"
"""The file of torch's own check of gradients by differences.

It changes inputs by a little, unseen, calls the script, and changes them back.
"""
DISPATCHED = "__torch_dispatch__"
"""What torch calls in the middle of an operation: autograd counts what that writes afterwards."""


@dataclass
class Line:
    """A line that has begun and not become a moment yet."""

    frame: FrameType | None
    """None where it is not known any more."""
    line: int
    file: int
    error: ScriptError | None = None


class Moments:
    """Adds moments to a journal, each compared with the one before it.

    `named` gives the tensors that nodes of a graph are named by.
    """

    def __init__(
        self,
        files: OwnFiles,
        modules: KnownModules,
        journal: Journal,
        output: Output,
        named: Callable[[], Mapping[str, torch.Tensor]],
    ) -> None:
        self.stale: list[Stale] = []
        """Saved tensors, used by the current line's backward passes, that had silently changed."""
        self.number = 0
        """The number of the pass that the lines belong to."""
        self.may_have_written = False
        """Whether the current line has called what can change a tensor unseen by autograd."""
        self.has_stepped_at_once = False
        """Whether it has called what steps all parameters at once, which autograd never counts."""
        self.is_behind = False
        """Whether lines have run since the last moment that are none: what changed is not known."""
        self._files = files
        self._journal = journal
        self._output = output
        self.loops = LoopVariables(files)
        """Which reads the loop variables around lines."""
        self._graphs = LineGraphs(journal, named)
        self._blame = Blame(journal)
        self._snapshots = Snapshots()
        self._modules = modules
        self._counted = 0
        """The pass in which `_rests` were counted."""
        self._rests: Mapping[str, Rest] = {}
        self._passes = 0

    def begin(self, variables: Mapping[str, object]) -> None:
        """What has changed until now belongs to no moment."""
        with torch._C.DisableTorchFunction():  # or each look would be seen as a call of the script
            self._snapshots.take(shown_in(variables, self._modules).variables)
        self._passes = self._journal.backward_count
        self.is_behind = False

    @property
    def silently_changed(self) -> Collection[int]:
        """Addresses of memory that was written unseen by autograd."""
        return self._graphs.silently_changed

    @property
    def has_run_a_pass(self) -> bool:
        """Whether the current line has, since the last moment."""
        return self._journal.backward_count > self._passes

    def add(
        self, line: Line, variables: Mapping[str, object], *, depth: int = 0, at_end: bool = False
    ) -> None:
        """Add the moment after a line, with the variables in its scope.

        `depth`: how many traced calls it is inside of; `at_end`: no line follows.
        """
        journal = self._journal
        with torch._C.DisableTorchFunction(), uncollected():
            local = _locals(line.frame.f_code) if depth and line.frame is not None else ()
            shown = self._shown(variables, local, depth)
            ran = self.has_run_a_pass
            check = self.may_have_written or ran or at_end
            snapshot = self._snapshots.take(
                shown.variables, check=check, anew=ran, local=local, depth=depth
            )
            self._graphs.silently_changed |= {one.address for one in snapshot.written}
            scope: dict[str, torch.Tensor] = {}
            for found in shown.variables.values():
                scope |= found
            graph = self._graphs.after_line(scope, snapshot.changed, ran=ran, at_end=at_end)
        self._passes = journal.backward_count
        silent = self._blame.judge(line.line, self._written(snapshot), self.stale)
        self.may_have_written = self.has_stepped_at_once = self.is_behind = False
        self.stale.clear()
        journal.add_moment(
            Moment(
                line=line.line,
                depth=depth,
                function=_function(line.frame),
                output=self._output.take(),
                tensors=snapshot.views,
                more=shown.more,
                changed=snapshot.changed,
                graph=graph,
                backward=self._passes - 1 if ran else None,
                error=line.error,
                silent=silent,
                file=line.file,
                number=self.number,
                variables=tuple(self._loop_variables(line.frame)),
            )
        )

    def _written(self, snapshot: Snapshot) -> Sequence[Write]:
        """The silent writes of the line, as far as they are its own."""
        if not snapshot.written or self.is_behind or _is_called_by_what_writes():
            return ()
        if self.has_stepped_at_once:
            return [replace(write, tracked=False) for write in snapshot.written]
        return snapshot.written

    def _shown(self, variables: Mapping[str, object], local: Collection[str], depth: int) -> Shown:
        """The tensors to show, and how many more there are.

        Inside a call those of variables that are not its own are counted once a pass.
        """
        anew = not depth or self._counted != self.number
        known = {} if anew else {k: v for k, v in self._rests.items() if k not in local}
        shown = shown_in(variables, self._modules, known)
        if anew:
            self._counted, self._rests = self.number, shown.rests
        return shown

    def _loop_variables(self, frame: FrameType | None) -> Iterator[tuple[str, str]]:
        if frame is not None:
            for name, value in self.loops.around(frame).items():
                yield name, str(value)


@lru_cache(maxsize=1024)
def _locals(code: CodeType) -> frozenset[str]:
    """The names of a function's own variables."""
    return frozenset((*code.co_varnames, *code.co_cellvars, *code.co_freevars))


def _function(frame: FrameType | None) -> str:
    name = frame.f_code.co_name if frame is not None else "<module>"
    return "" if name == "<module>" else name


def _is_called_by_what_writes() -> bool:
    """Whether a line runs in the middle of something of torch's that writes as it should."""
    codes = [frame.f_code for frame in outwards(sys._getframe(1))]
    return any(c.co_filename.endswith(GRADCHECK) or c.co_name == DISPATCHED for c in codes)
