"""The real backward pass, run once and watched at every node.

Hooks are on for that one pass only, and they read gradients where these pass and keep none:
autograd frees and adds to them in place as if nobody looked, and a leaf's `.grad` is the gradient
itself and not a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import Walk, describe, walk
from engine.autograd.device_clock import DeviceClock, is_on_gpu
from engine.autograd.gradient_reader import GradientReader, Gradients, Seen, value_of
from engine.autograd.graph import LEAF_OP, Backward, Graph, NodeGradient
from engine.autograd.not_compiled import never_compile
from engine.autograd.quiet import PLAIN, quiet, requires_grad
from engine.uncollected import SeldomCollected, uncollected

_task_id = torch._C._current_graph_task_id
Hook = Callable[[Gradients, Gradients], None]
"""Takes the gradients that left a node and those that came."""


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
        seen = _Pass(walked.nodes)
        with _hooked(walked, seen):
            seen.start()
            try:
                run()
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                raise BackwardFailed(Backward(graph, seen.gradients(), message)) from error
        return Backward(graph, seen.gradients())


class _Pass:
    """What the hooks see of a pass, in order; small gradients are read together when it is over."""

    def __init__(self, nodes: Sequence[AutogradNode]) -> None:
        self._task: int | None = None
        """Autograd's number of the pass: inside a node, or in a thread, another one may run."""
        self._ran: list[Any] = []
        """In a row, of each node: its position, its seconds, how many gradients came, and these
        with those that left it; of a leaf with its `.grad` before and after."""
        self.leaves = {
            position: node.variable
            for position, node in enumerate(nodes)
            if type(node).__name__ == LEAF_OP
        }
        leaves = self.leaves.values()
        self._reader = GradientReader(leaves)
        for leaf in leaves:  # now, since autograd adds to a `.grad` in place
            self._reader.look((), leaf)
        self._reader.read_copies()
        with quiet():
            self._device = DeviceClock(is_on_gpu(leaves))
        self._last = perf_counter()
        """When the last node had run and been looked at."""

    # The hooks are closures: for thousands of nodes a method with its position takes too long.

    def root_hook(self) -> Callable[[Gradients], None]:
        """Called when a root is about to run."""

        def begin(_: Gradients) -> None:
            if self._task is None:
                self._begin()

        return begin

    def node_hooks(self) -> Callable[[int], Hook]:
        """Makes what is called when the node at a position has run."""
        look, ran, device = self._reader.look, self._ran.extend, self._device

        def hook(position: int) -> Hook:
            def add(outgoing: Gradients, incoming: Gradients) -> None:
                if _task_id() != self._task:
                    return
                seconds = perf_counter() - self._last
                if device.runs:
                    device.worked()
                ran((position, seconds, len(incoming), look(incoming + outgoing)))
                if device.runs:
                    device.looked()
                self._last = perf_counter()

            return add

        return hook

    def leaf_hooks(self) -> Callable[[int], tuple[Callable[[Gradients], None], Hook]]:
        """Makes what is called when a gradient comes to the leaf at a position, and when it is in.

        In between, hooks of the leaf's own may change it.
        """
        look, ran, device = self._reader.look, self._ran.extend, self._device

        def hooks(position: int) -> tuple[Callable[[Gradients], None], Hook]:
            leaf = self.leaves[position]
            arrived: Seen = []

            def arrive(incoming: Gradients) -> None:
                nonlocal arrived
                if self._task is None:
                    self._begin()
                elif _task_id() != self._task:
                    return
                arrived = look(incoming, leaf)

            def add(outgoing: Gradients, incoming: Gradients) -> None:
                if _task_id() != self._task:
                    return
                seconds = perf_counter() - self._last
                if device.runs:
                    device.worked()
                ran((position, seconds, 1, arrived + look((), leaf)))
                if device.runs:
                    device.looked()
                self._last = perf_counter()

            return arrive, add

        return hooks

    def _begin(self) -> None:
        self._task = _task_id()
        self._reader.begin()

    never_compile(root_hook.__code__)
    never_compile(node_hooks.__code__)
    never_compile(leaf_hooks.__code__)
    never_compile(_begin.__code__)

    def start(self) -> None:
        """The pass is about to begin."""
        self._device.begin()
        self._last = perf_counter()

    def gradients(self) -> tuple[NodeGradient, ...]:
        """One record a node that ran; a gradient that went along an edge is read once."""
        with uncollected():
            self._reader.read_copies()
            return tuple(self._records())

    def _records(self) -> Iterator[NodeGradient]:
        ran = [*zip(*[iter(self._ran)] * 4, strict=True)]
        times = self._device.seconds(len(ran))
        for (position, seconds, count, seen), on_device in zip(ran, times, strict=True):
            values = tuple(map(value_of, seen))
            came, left = values[:count], values[count:]
            if position in self.leaves:
                before, after = left
                yield NodeGradient(position, came, (), before, after, seconds, on_device)
            else:
                yield NodeGradient(position, came, left, None, None, seconds, on_device)


@contextmanager
def _hooked(walked: Walk, seen: _Pass) -> Iterator[None]:
    """Let it see the position and the gradients of every node that runs."""
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
    if type(leaf) not in PLAIN or not requires_grad(leaf) or _has_ranks():
        return False
    with quiet():
        return not (leaf._backward_hooks or leaf._post_accumulate_grad_hooks)


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
