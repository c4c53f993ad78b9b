"""The real backward pass, run once and watched at every node.

Hooks are on for that one pass only (on an `AccumulateGrad` they would pile up from pass to pass),
and they read gradients where these pass and keep none: autograd frees and adds to them in place as
if nobody looked, and a leaf's `.grad` is the gradient itself and not a copy of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from sys import gettrace
from time import perf_counter
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import Walk, describe, walk
from engine.autograd.device_clock import DeviceClock, is_on_gpu
from engine.autograd.gradient_reader import GradientReader
from engine.autograd.graph import LEAF_OP, Backward, NodeGradient
from engine.autograd.not_compiled import NotCompiled, compiler_is_loaded, never_compile
from engine.autograd.quiet import (
    PLAIN,
    is_quiet,
    quiet,
)
from engine.autograd.values import Value
from engine.uncollected import uncollected
from engine.untraced import SWITCHES_CHEAPLY

Gradients = tuple[torch.Tensor | None, ...]
_PLAIN = PLAIN | {type(None)}
_task_id = torch._C._current_graph_task_id
_Read = tuple[int | None, ...]
_Passed = tuple[int, _Read, _Read, float]
"""A node's position, which of the values read left it and came in, and its seconds."""
_Arrival = tuple[int | None, int | None]
"""Which of the values read a gradient that arrives at a leaf is, and its `.grad` before."""


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
    seen = _Seen(walked.nodes)
    with _hooked(walked, seen):
        seen.device.begin()
        seen.last = perf_counter()
        try:
            run()
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise BackwardFailed(Backward(graph, seen.gradients(), message)) from error
    return Backward(graph, seen.gradients())


class _Seen:
    """What the hooks saw, in order; small tensors are read together when the pass is over."""

    def __init__(self, nodes: Sequence[AutogradNode]) -> None:
        self._task: int | None = None
        """Autograd's number of the pass: inside a node, or in a thread, another one may run."""
        self._compiled = compiler_is_loaded()
        self._passed: list[_Passed] = []
        self._read = GradientReader()
        self.leaves = {
            position: node.variable
            for position, node in enumerate(nodes)
            if type(node).__name__ == LEAF_OP
        }
        # Numbers, not tensors: autograd adds to a `.grad` in place.
        self._read.at_once([one.grad for one in self.leaves.values() if one.grad is not None])
        self._arrivals: dict[int, _Arrival] = {}
        """By position, of leaves where a gradient has arrived and is being added."""
        self._around: list[tuple[int | None, int | None]] = []
        """Of the leaves that have been reached, in order: `.grad` before and after."""
        self.last = perf_counter()
        """When the last node had run and been looked at."""
        self.device = DeviceClock(is_on_gpu(self.leaves.values()))

    def begin(self, _: Gradients) -> None:
        """A root is about to run; called by autograd."""
        if self._task is None:
            self._task = torch._C._current_graph_task_id()

    def arrive(self, position: int, incoming: Gradients) -> None:
        """A gradient has come to a leaf, whose hooks may change it once it is added."""
        task = torch._C._current_graph_task_id()
        if self._task is None:
            self._task = task
        elif task != self._task:
            return
        if not _PLAIN.issuperset(map(type, incoming)) or not is_quiet():
            with NotCompiled(), quiet():
                self._arrive(position, incoming[0])
        elif self._compiled:
            with NotCompiled():
                self._arrive(position, incoming[0])
        else:
            self._arrive(position, incoming[0])

    def _arrive(self, position: int, incoming: torch.Tensor | None) -> None:
        grad = self.leaves[position].grad
        self._read.next_node()
        self._arrivals[position] = self._read.place_of(incoming), self._read.place_of(grad)

    def add(self, position: int, outgoing: Gradients, incoming: Gradients) -> None:
        """A node has run; called by autograd in the middle of the pass."""
        if _task_id() != self._task:
            return
        seconds = perf_counter() - self.last
        # Not `with`: this runs for thousands of nodes in a pass of milliseconds.
        tracing = gettrace() if SWITCHES_CHEAPLY else None
        if tracing is not None:
            sys.settrace(None)
        try:
            device = self.device
            if device.runs:
                device.worked()
            # Of plain tensors torch's own methods may be asked, which is many times quicker.
            plain = _PLAIN.issuperset(map(type, (*outgoing, *incoming)))
            if not plain or not is_quiet():
                with NotCompiled(), quiet():
                    self._add(position, outgoing, incoming, seconds)
            elif self._compiled:
                with NotCompiled():
                    self._add(position, outgoing, incoming, seconds)
            else:
                self._add(position, outgoing, incoming, seconds)
            if device.runs:
                device.looked()
        finally:
            if tracing is not None:
                sys.settrace(tracing)
        self.last = perf_counter()

    def _add(self, position: int, outgoing: Gradients, incoming: Gradients, seconds: float) -> None:
        read = self._read.place_of
        self._read.next_node()
        if position in self._arrivals:
            arrived, before = self._arrivals.pop(position)
            out = tuple([one if one is None else read(one) for one in outgoing])
            self._passed.append((position, out, (arrived,), seconds))
            self._around.append((before, read(self.leaves[position].grad)))
        else:
            # What comes in is known since it left another node; what goes out may be a view of it.
            came = tuple([one if one is None else read(one) for one in incoming])
            out = tuple([one if one is None else read(one) for one in outgoing])
            self._passed.append((position, out, came, seconds))

    def gradients(self) -> tuple[NodeGradient, ...]:
        """One record a node that ran; a gradient that went along an edge is read once."""
        with uncollected():
            return self._records()

    def _records(self) -> tuple[NodeGradient, ...]:
        value = self._read.values()
        around = iter(self._around)
        return tuple(
            NodeGradient(
                position,
                tuple(map(value, incoming)),
                tuple(map(value, outgoing)),
                *_both(value, next(around) if position in self.leaves else (None, None)),
                seconds,
                on_device,
            )
            for (position, outgoing, incoming, seconds), on_device in zip(
                self._passed, self.device.seconds(len(self._passed)), strict=True
            )
        )

    never_compile(begin.__code__)
    never_compile(arrive.__code__)
    never_compile(add.__code__)


def _both(
    value: Callable[[int | None], Value | None], two: tuple[int | None, int | None]
) -> tuple[Value | None, Value | None]:
    return value(two[0]), value(two[1])


@contextmanager
def _hooked(walked: Walk, seen: _Seen) -> Iterator[None]:
    """Let it see the position and the gradients of every node that runs."""
    handles = []
    try:
        with uncollected():
            add, arrive, leaves = seen.add, seen.arrive, seen.leaves
            for root in walked.roots:
                handles.append(walked.nodes[root].register_prehook(seen.begin))
            for position, node in enumerate(walked.nodes):
                handles.append(node.register_hook(partial(add, position)))
                if position in leaves:
                    handles.append(node.register_prehook(partial(arrive, position)))
        yield
    finally:
        for handle in handles:
            handle.remove()
