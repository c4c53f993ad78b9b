"""The real backward pass, run once and watched at every node: hooks are on for that pass only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch

from engine.autograd.capture import Walk, describe, walk
from engine.autograd.graph import Backward, Graph
from engine.autograd.pass_hooks import hooked
from engine.autograd.watched_pass import WatchedPass
from engine.uncollected import SeldomCollected, uncollected


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
    changed: Collection[int] = (),
) -> Backward:
    """Call `run`, which must run a backward pass from the walk's roots; raises BackwardFailed.

    `for_good` and `changed` as in `engine.autograd.capture.describe`.
    """
    with uncollected():
        graph = describe(walked, scope, for_good=for_good, changed=changed)
    return watch_described(walked, graph, run)


def watch_described(walked: Walk, graph: Graph, run: Callable[[], object]) -> Backward:
    """`watch_backward` of a walk whose graph is known."""
    with SeldomCollected():
        seen = WatchedPass(walked.nodes)
        with hooked(walked, seen):
            seen.start()
            try:
                run()
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                raise BackwardFailed(Backward(graph, seen.gradients(), message)) from error
        return Backward(graph, seen.gradients())
