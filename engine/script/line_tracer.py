"""What Python's tracing calls while a script runs: executed lines become moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from engine.autograd.capture import NoGraphError, capture, is_larger
from engine.recording.journal import Journal
from engine.recording.records import Ending, Moment, ScriptError
from engine.script.captured_output import Output
from engine.script.scope import shown_in, tensors_in
from engine.script.silent_writes import Blame, Stale
from engine.script.snapshots import Snapshots

GRAPH_LIMIT = 500
"""A graph of more nodes is captured when backward runs and at the script's end only."""


class Stopped(BaseException):
    """Raised inside the script to end it; not an Exception, so that scripts let it through."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending: Ending = ending


@dataclass
class _Pending:
    """A line that has begun and not ended."""

    frame: FrameType
    line: int
    error: ScriptError | None = None


class Tracer:
    """Traces the frames of one file; an instance is what `sys.settrace` gets."""

    def __init__(
        self,
        filename: str,
        namespace: dict[str, Any],
        journal: Journal,
        output: Output,
        limit: int,
        cancelled: Callable[[], bool],
    ) -> None:
        self.stale: list[Stale] = []
        """Saved tensors, used by the current line's backward passes, that had silently changed."""
        self.last_line = 1
        self._filename = filename
        self._namespace = namespace
        self._journal = journal
        self._output = output
        self._limit = limit
        self._cancelled = cancelled
        self._pending: list[_Pending] = []
        self._passes = 0
        self._skipped = ""
        """The tensor whose graph was too large to be captured."""
        self._blame = Blame(journal)
        self._snapshots = Snapshots()
        self._snapshots.take(shown_in(self.variables()).tensors)

    def __call__(self, frame: FrameType, event: str, arg: object) -> _Trace | None:
        """A call: follow it where it is the script's own, and no comprehension or lambda."""
        code = frame.f_code
        if code.co_filename != self._filename:
            return None
        if code.co_name.startswith("<") and code.co_name != "<module>":
            return None
        return self._local

    def variables(self) -> Mapping[str, object]:
        """The variables in scope: the running function's, then the module's."""
        if self._pending and self._pending[-1].frame.f_locals is not self._namespace:
            local = self._pending[-1].frame.f_locals
            return {**local, **{k: v for k, v in self._namespace.items() if k not in local}}
        return dict(self._namespace)

    def scope(self) -> Mapping[str, torch.Tensor]:
        """The tensors among them, by all names that nodes of a graph may have."""
        return tensors_in(self.variables())

    def _local(self, frame: FrameType, event: str, arg: Any) -> _Trace | None:
        top = self._pending[-1] if self._pending else None
        mine = top if top is not None and top.frame is frame else None
        if event == "exception" and mine is not None:
            kind, error, _ = arg
            if not issubclass(kind, Stopped | StopIteration | GeneratorExit):
                mine.error = ScriptError(kind.__name__, str(error), frame.f_lineno)
        elif event in ("line", "return"):
            if mine is not None:
                self._finish(mine, at_end=event == "return" and len(self._pending) == 1)
                self._pending.pop()
            if event == "line":
                self._check()
                self._pending.append(_Pending(frame, frame.f_lineno))
                self.last_line = frame.f_lineno
                self._journal.begin(frame.f_lineno)
        return self._local

    def _check(self) -> None:
        if self._cancelled():
            raise Stopped("cancelled")
        if len(self._journal.moments) >= self._limit:
            raise Stopped("bound")

    def _finish(self, pending: _Pending, *, at_end: bool) -> None:
        with torch._C.DisableTorchFunction():
            scope, more = shown_in(self.variables())
            snapshot = self._snapshots.take(scope)
            graph = self._graph(scope, snapshot.changed)
            if at_end and self._skipped in scope:
                graph = self._captured(scope[self._skipped])
        passes = len(self._journal.backwards)
        ran = passes - 1 if passes > self._passes else None
        self._passes = passes
        silent = self._blame.judge(pending.line, snapshot.written, self.stale)
        self.stale.clear()
        name = pending.frame.f_code.co_name
        self._journal.add_moment(
            Moment(
                line=pending.line,
                depth=len(self._pending) - 1,
                function="" if name == "<module>" else name,
                output=self._output.take(),
                tensors=snapshot.views,
                more=more,
                changed=snapshot.changed,
                graph=graph,
                backward=ran,
                error=pending.error,
                silent=silent,
            )
        )

    def _graph(self, scope: Mapping[str, torch.Tensor], changed: tuple[str, ...]) -> int | None:
        """The backward pass just run, else the graph of what the line made, else as before."""
        journal = self._journal
        before = journal.moments[-1].graph if journal.moments else None
        if len(journal.backwards) > self._passes:
            journal.add_graph(journal.backwards[-1].graph)
            self._skipped = ""
            return len(journal.graphs) - 1
        shown = {n.name for n in journal.graphs[before].nodes} if before is not None else set()
        for name in reversed(changed):
            tensor = scope[name]
            if not tensor.requires_grad or (tensor.is_leaf and name in shown):
                continue
            try:
                if is_larger(tensor, GRAPH_LIMIT):
                    self._skipped = name
                    return before
                return self._captured(tensor)
            except NoGraphError:
                continue
        return before

    def _captured(self, tensor: torch.Tensor) -> int:
        self._journal.add_graph(capture(tensor, self.scope(), for_good=True))
        self._skipped = ""
        return len(self._journal.graphs) - 1


_Trace = Callable[[FrameType, str, Any], Any]
