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
from time import perf_counter
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import Walk, describe, walk
from engine.autograd.device_clock import DeviceClock, is_on_gpu
from engine.autograd.graph import LEAF_OP, Backward, NodeGradient
from engine.autograd.not_compiled import NotCompiled, compiler_is_loaded, never_compile
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import (
    PLAIN,
    count,
    is_nested,
    is_quiet,
    is_wrapped,
    plain_of,
    quiet,
    version_of,
)
from engine.autograd.summary import Summaries
from engine.autograd.tensor_reader import (
    STACK_LIMIT,
    plain_values,
    quiet_value_of,
    unread,
    values_of,
)
from engine.autograd.values import Value
from engine.uncollected import uncollected
from engine.untraced import SWITCHES_CHEAPLY

COPIES_LIMIT = 1 << 21
"""Elements of gradients that are copied, to be read together, before those copies are read."""

Gradients = tuple[torch.Tensor | None, ...]
_PLAIN = PLAIN | {type(None)}
_STRIDED = torch.strided
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
        self._values: list[Value] = []
        """Of every gradient that has been read."""
        self._unread: list[torch.Tensor | Value] = []
        """Of those after them a copy or, where it is large, its value."""
        self._copied = 0
        """Elements of the copies."""
        self._large: dict[int, Value] = {}
        """By their place, the values that were read where they passed."""
        self._alive = Summaries()
        """Of large gradients of the node that has just run."""
        self._known: dict[int, tuple[OwnRef, int, int]] = {}
        """By the `id` of a gradient: itself, its version, and where its value is."""
        self.leaves = {
            position: node.variable
            for position, node in enumerate(nodes)
            if type(node).__name__ == LEAF_OP
        }
        # Numbers, not tensors: autograd adds to a `.grad` in place.
        self._read_leaf_gradients()
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
        before = None if grad is None else self._read(grad)
        self._arrivals[position] = self._read(incoming), before

    def add(self, position: int, outgoing: Gradients, incoming: Gradients) -> None:
        """A node has run; called by autograd in the middle of the pass."""
        if _task_id() != self._task:
            return
        seconds = perf_counter() - self.last
        # Not `with`: this runs for thousands of nodes in a pass of milliseconds.
        tracing = sys.gettrace() if SWITCHES_CHEAPLY else None
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
        read = self._read
        self._alive.clear()
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
        self._read_copies()
        around = iter(self._around)
        return tuple(
            NodeGradient(
                position,
                tuple(map(self._value, incoming)),
                tuple(map(self._value, outgoing)),
                *self._both(next(around) if position in self.leaves else (None, None)),
                seconds,
                on_device,
            )
            for (position, outgoing, incoming, seconds), on_device in zip(
                self._passed, self.device.seconds(len(self._passed)), strict=True
            )
        )

    def _both(self, two: tuple[int | None, int | None]) -> tuple[Value | None, Value | None]:
        return self._value(two[0]), self._value(two[1])

    def _value(self, at: int | None) -> Value | None:
        return None if at is None else self._values[at]

    def _read(self, gradient: torch.Tensor | None) -> int | None:
        """Where the gradient's value is, or will be."""
        if gradient is None:
            return None
        # Of a plain tensor, the usual case, torch is asked itself: that is many times quicker.
        usual = type(gradient) is torch.Tensor and not gradient.is_inference()
        version = gradient._version if usual else version_of(gradient)
        known = self._known.get(id(gradient))
        if known is not None and known[0]() is gradient and known[1] == version:
            if (at := known[2]) in self._large and (plain := plain_of(gradient)) is not None:
                self._alive.add(plain, self._large[at].summary)
            return at
        at = len(self._values) + len(self._unread)
        self._known[id(gradient)] = OwnRef(gradient), version, at
        if is_nested(gradient) or (size := count(gradient)) > STACK_LIMIT:
            value = self._large[at] = quiet_value_of(gradient, known=self._alive)
            self._unread.append(value)
            return at
        self._unread.append(_kept(gradient, usual=usual and not is_wrapped(gradient)))
        self._copied += size
        if self._copied > COPIES_LIMIT:
            self._read_copies()
        return at

    def _read_copies(self) -> None:
        """Read what has been copied, all at once, and let go of it."""
        with uncollected(), quiet():
            copies = iter(plain_values([one for one in self._unread if not isinstance(one, Value)]))
        self._values += [one if isinstance(one, Value) else next(copies) for one in self._unread]
        self._unread, self._copied = [], 0

    never_compile(begin.__code__)
    never_compile(arrive.__code__)
    never_compile(add.__code__)

    def _read_leaf_gradients(self) -> None:
        """Read what the leaves have in `.grad`, all at once."""
        grads = [leaf.grad for leaf in self.leaves.values() if leaf.grad is not None]
        values = values_of(grads)
        for grad in grads:
            at = len(self._values)
            self._known[id(grad)] = OwnRef(grad), version_of(grad), at
            self._values.append(values[id(grad)])


def _kept(gradient: torch.Tensor, *, usual: bool) -> torch.Tensor | Value:
    """A copy of a small tensor, which is read later; its value where it has none to be copied."""
    if usual and gradient.is_cpu and gradient.layout is _STRIDED:
        try:
            return (gradient.detach() if torch.is_grad_enabled() else gradient).clone()
        except RuntimeError:  # one of many examples, as `is_grads_batched` runs them together
            return unread(gradient)
    plain = plain_of(gradient)
    return quiet_value_of(gradient) if plain is None else plain.clone()


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
