"""Hooks at every node of a walk, for one pass only: nothing of them stays that torch would call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from engine.autograd.capture import Walk
from engine.autograd.gradient_reader import Gradients
from engine.autograd.not_compiled import never_compile
from engine.autograd.quiet import PLAIN, quiet, requires_grad
from engine.autograd.watched_pass import Hook, WatchedPass
from engine.uncollected import uncollected


@contextmanager
def hooked(walked: Walk, seen: WatchedPass) -> Iterator[None]:
    """While entered, a pass sees the position and the gradients of every node that runs."""
    handles: list[Any] = []
    try:
        with uncollected():
            node_hook, leaf_hooks = seen.node_hooks(), seen.leaf_hooks()
            for root in walked.roots:
                handles.append(walked.nodes[root].register_prehook(seen.root_hook()))
            for position, node in enumerate(walked.nodes):
                if position not in seen.leaves:
                    handles.append(node.register_hook(node_hook(position)))
                    continue
                arrive, add = leaf_hooks(position)
                if _is_without_hooks(seen.leaves[position]):
                    handles += _on_leaf(seen.leaves[position], arrive, add)
                else:
                    handles += node.register_prehook(arrive), node.register_hook(add)
        yield
    finally:
        for handle in handles:
            handle.remove()
        with quiet():
            for leaf in seen.leaves.values():
                _leave_none(leaf)


def _is_without_hooks(leaf: Any) -> bool:
    """Whether a leaf may have hooks that are taken away again, and has none of its own."""
    if type(leaf) not in PLAIN or _has_ranks():
        return False
    with quiet():
        has_hooks = leaf._backward_hooks or leaf._post_accumulate_grad_hooks
        return requires_grad(leaf) and not has_hooks


def _has_ranks() -> bool:
    """Whether nodes of leaves may have hooks that torch uses to average gradients."""
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def _on_leaf(leaf: Any, arrive: Callable[[Gradients], None], add: Hook) -> list[Any]:
    """Have a leaf call them in place of its node.

    Of a node's hooks something stays that torch calls in every pass, and in most loops the node of
    a leaf lives to their end: the graph before is there when the next one is made.
    """

    def come(gradient: torch.Tensor) -> None:
        arrive((gradient,))

    def added(_: torch.Tensor) -> None:
        add((), ())

    never_compile(come.__code__)
    never_compile(added.__code__)
    with quiet():
        return [leaf.register_hook(come), leaf.register_post_accumulate_grad_hook(added)]


def _leave_none(leaf: Any) -> None:
    """Have a leaf without hooks be as one that never had any."""
    if type(leaf) in PLAIN and leaf._backward_hooks is not None and not leaf._backward_hooks:
        leaf._backward_hooks = None
    if type(leaf) in PLAIN and not leaf._post_accumulate_grad_hooks:
        leaf._post_accumulate_grad_hooks = None
