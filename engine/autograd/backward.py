"""The real backward pass, run once and watched at every node.

Hooks are on for that one pass only and hold gradients only until it is over: nothing is kept
alive afterwards (hooks left on an `AccumulateGrad` would pile up from pass to pass).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import Walk, describe, walk
from engine.autograd.graph import LEAF_OP, Backward, NodeGradient
from engine.autograd.tensor_reader import values_of
from engine.autograd.values import Value

Gradients = tuple[torch.Tensor | None, ...]
_Passed = tuple[int, Gradients, Gradients]
"""A node's position, the gradients that left it, and those that came in."""


class BackwardFailed(RuntimeError):  # noqa: N818 - an outcome with a record, as much as an error
    """The pass raised; `backward` holds what happened until then, `__cause__` the error."""

    def __init__(self, backward: Backward) -> None:
        super().__init__(backward.error)
        self.backward = backward


def record_backward(
    tensor: torch.Tensor,
    gradient: torch.Tensor | None = None,
    *,
    scope: Mapping[str, torch.Tensor] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> Backward:
    """`tensor.backward(…)` with its real effects, and a record of every node it ran.

    Raises NoGraphError for a tensor without a graph, BackwardFailed where autograd raises.
    """
    return watch_backward(
        walk(tensor),
        lambda: torch.autograd.backward(
            tensor, gradient, retain_graph, create_graph, inputs=inputs
        ),
        scope or {},
    )


def watch_backward(
    walked: Walk,
    run: Callable[[], object],
    scope: Mapping[str, torch.Tensor],
    *,
    for_good: bool = False,
) -> Backward:
    """Call `run`, which must run a backward pass from the walk's roots; raises BackwardFailed.

    `for_good` as in `engine.autograd.capture.describe`.
    """
    graph = describe(walked, scope, for_good=for_good)
    seen = _Seen(walked.nodes)
    with _hooked(walked.nodes, seen.passed):
        try:
            run()
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise BackwardFailed(Backward(graph, seen.gradients(), message)) from error
    return Backward(graph, seen.gradients())


class _Seen:
    """What the hooks saw, in order; tensors become records only when the pass is over."""

    def __init__(self, nodes: Sequence[AutogradNode]) -> None:
        self.passed: list[_Passed] = []
        self._leaves = {
            position: node.variable
            for position, node in enumerate(nodes)
            if type(node).__name__ == LEAF_OP
        }
        # Numbers, not tensors: autograd adds to a `.grad` in place.
        self._before = self._leaf_gradients()

    def gradients(self) -> tuple[NodeGradient, ...]:
        """One record a node that ran; a gradient that went along an edge is read once."""
        after = self._leaf_gradients()
        values = values_of(
            gradient
            for _, outgoing, incoming in self.passed
            for gradient in (*outgoing, *incoming)
            if gradient is not None
        )
        return tuple(
            NodeGradient(
                position,
                tuple(values.get(id(gradient)) for gradient in incoming),
                tuple(values.get(id(gradient)) for gradient in outgoing),
                self._before.get(position),
                after.get(position),
            )
            for position, outgoing, incoming in self.passed
        )

    def _leaf_gradients(self) -> dict[int, Value]:
        grads = {
            position: leaf.grad for position, leaf in self._leaves.items() if leaf.grad is not None
        }
        values = values_of(grads.values())
        return {position: values[id(grad)] for position, grad in grads.items()}


@contextmanager
def _hooked(nodes: Sequence[AutogradNode], passed: list[_Passed]) -> Iterator[None]:
    """Let every node that runs add itself to `passed`."""
    handles = []
    try:
        for position, node in enumerate(nodes):
            handles.append(
                node.register_hook(
                    lambda out, inc, position=position: passed.append((position, out, inc))
                )
            )
        yield
    finally:
        for handle in handles:
            handle.remove()
