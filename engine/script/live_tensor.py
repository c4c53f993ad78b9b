"""A live tensor under inspection: its graph at once, more of it when asked.

What `tui.inspect(loss)` holds while it is open, at a breakpoint or in a REPL.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch

from engine.autograd.backward import watch_described
from engine.autograd.capture import describe, look_again, node_details, walk
from engine.autograd.graph import LEAF_OP, Backward, Node
from engine.script.frames.scope import shown_in, tensors_in
from engine.script.lines.snapshots import Snapshots


class Live:
    """A tensor and its graph; keeps both alive until `close` or the end of a `with`."""

    def __init__(self, tensor: torch.Tensor, variables: Mapping[str, object] | None = None) -> None:
        """Names come from `variables`. Raises NoGraphError without a graph."""
        self._tensor = tensor
        self._scope = tensors_in(variables or {})
        self._walk = walk(tensor)
        self.graph = describe(self._walk, self._scope)
        shown = shown_in(variables or {})
        self.more = shown.more
        """The number of tensors in scope that are not shown."""
        self.tensors = Snapshots().take(shown.variables).views
        """The tensors in scope, read once."""

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def details(self, node: int) -> Node:
        """The node with all numbers that it has saved, also where the graph is large."""
        return node_details(self._walk, self.graph.nodes[node])

    def rehearse(self, gradient: torch.Tensor | None = None) -> Backward:
        """What `tensor.backward(gradient)` would do; every `.grad` and the graph stay as they are.

        Hooks that were put on tensors by others do run. Raises BackwardFailed where it would.
        """
        leaves = [node.variable for node in self._walk.nodes if type(node).__name__ == LEAF_OP]
        grads = [leaf.grad for leaf in leaves]
        try:
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.grad = None if grad is None else grad.clone()
            walked, graph = look_again(self._tensor, self._walk, self.graph, self._scope)
            run = partial(torch.autograd.backward, self._tensor, gradient, retain_graph=True)
            return watch_described(walked, graph, run)
        finally:
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.grad = grad

    def close(self) -> None:
        """Let go of the tensor and its graph; the records stay."""
        del self._tensor, self._scope, self._walk
