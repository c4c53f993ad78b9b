"""What hooks see of a backward pass: every node that runs, when, and the gradients there.

They read gradients where these pass and keep none: autograd frees and adds to them in place as if
nobody looked, and a leaf's `.grad` is the gradient itself and not a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.device_clock import DeviceClock, is_on_gpu
from engine.autograd.gradient_reader import GradientReader, Gradients, Seen, value_of
from engine.autograd.graph import LEAF_OP, NodeGradient
from engine.autograd.not_compiled import never_compile
from engine.autograd.quiet import quiet
from engine.uncollected import uncollected

NONE: Seen = []
"""What arrives at a node that is no leaf."""
_task_id = torch._C._current_graph_task_id
Hook = Callable[[Gradients, Gradients], None]
"""Takes the gradients that left a node and those that came."""


class WatchedPass:
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

    def node_hooks(self) -> Callable[..., Hook]:
        """Makes what is called when the node at a position has run.

        That of a leaf is made with the leaf and a list of what arrived there.
        """
        look, ran, device = self._reader.look, self._ran.extend, self._device

        def hook(position: int, leaf: torch.Tensor | None = None, arrived: Seen = NONE) -> Hook:
            def add(outgoing: Gradients, incoming: Gradients) -> None:
                if _task_id() != self._task:
                    return
                seconds = perf_counter() - self._last
                if device.runs:
                    device.worked()
                if leaf is None:
                    ran((position, seconds, len(incoming), look(incoming + outgoing)))
                else:
                    ran((position, seconds, 1, arrived + look((), leaf)))
                if device.runs:
                    device.looked()
                self._last = perf_counter()

            return add

        return hook

    def leaf_hooks(self) -> Callable[[int], tuple[Callable[[Gradients], None], Hook]]:
        """Makes what is called when a gradient comes to the leaf at a position, and when it is in.

        In between, hooks of the leaf's own may change it.
        """
        look, hook = self._reader.look, self.node_hooks()

        def hooks(position: int) -> tuple[Callable[[Gradients], None], Hook]:
            leaf = self.leaves[position]
            arrived: Seen = []

            def arrive(incoming: Gradients) -> None:
                if self._task is None:
                    self._begin()
                elif _task_id() != self._task:
                    return
                arrived[:] = look(incoming, leaf)

            return arrive, hook(position, leaf, arrived)

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
