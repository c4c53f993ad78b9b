"""Which graph is shown after a line: of the backward pass it ran, or of what it made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import torch

from engine.autograd.capture import NoGraphError, capture, is_larger
from engine.autograd.quiet import live_grad, version_of
from engine.recording.journal import Journal

GRAPH_LIMIT = 500
"""A graph of more nodes is captured when backward runs and at the script's end only."""
PASS_LIMIT = 1_000
"""Nodes of graphs that are captured between two backward passes; then only small graphs are."""
SMALL = 32
"""Nodes of a graph that is captured after every line."""


class LineGraphs:
    """Adds the graphs of lines to a journal; `named` gives the tensors that nodes are named by."""

    def __init__(self, journal: Journal, named: Callable[[], Mapping[str, torch.Tensor]]) -> None:
        self.silently_changed: set[int] = set()
        """Addresses of memory that was written unseen by autograd, be it of another tensor now."""
        self._journal = journal
        self._named = named
        self._skipped = ""
        """The tensor whose graph was too large to be captured."""
        self._captured_nodes = 0
        """Since the last backward pass."""

    def after_line(
        self,
        scope: Mapping[str, torch.Tensor],
        changed: tuple[str, ...],
        *,
        ran: bool,
        at_end: bool,
    ) -> int | None:
        """The number of the graph, None before the first; `ran`: a backward pass did."""
        if ran and self._journal.last_backward is not None:
            self._journal.add_graph(self._journal.last_backward.graph)
            self._skipped = ""
            self._captured_nodes = 0
            return self._journal.graph_count - 1
        graph = self._of_changed(scope, changed)
        if at_end and self._skipped in scope:
            return self._captured(scope[self._skipped])
        return graph

    def _of_changed(
        self, scope: Mapping[str, torch.Tensor], changed: tuple[str, ...]
    ) -> int | None:
        """The graph of the last tensor that the line changed and that has one, else as before."""
        before = self._journal.last_moment.graph if self._journal.last_moment else None
        shown = self._journal.last_names if before is not None else None
        for name in reversed(changed):
            tensor = scope[name]
            if not tensor.requires_grad or (tensor.is_leaf and not _is_news(name, tensor, shown)):
                continue
            try:
                limit = max(min(GRAPH_LIMIT, PASS_LIMIT - self._captured_nodes), SMALL)
                if is_larger(tensor, limit):
                    self._skipped = name
                    return before
                return self._captured(tensor)
            except NoGraphError:
                continue
        return before

    def _captured(self, tensor: torch.Tensor) -> int:
        changed = self.silently_changed
        graph = capture(tensor, self._named(), for_good=True, again=True, changed=changed)
        self._journal.add_graph(graph)
        self._captured_nodes += len(graph.nodes)
        self._skipped = ""
        return self._journal.graph_count - 1


def _is_news(name: str, leaf: torch.Tensor, shown: Collection[str] | None) -> bool:
    """Whether a leaf that a line changed is worth showing alone, instead of the graph before it.

    It is not where that graph has it, be it under another name (the `p` of a loop over
    parameters): one with a gradient, or written in place, was there before the line.
    """
    if shown is None:
        return True
    known = live_grad(leaf) is not None or version_of(leaf) > 0
    return not known and name not in shown
