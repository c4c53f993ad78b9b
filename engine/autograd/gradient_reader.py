"""Gradients read while a backward pass runs: where they pass, and none of them is kept.

Small ones are copied there, and the copies read together: that is many times quicker. A gradient
that goes along an edge is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from engine.autograd.not_compiled import NotCompiled, compiler_is_loaded, never_compile
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import (
    PLAIN,
    count,
    dispatch_modes,
    function_modes,
    is_inference,
    is_nested,
    is_quiet,
    is_wrapped,
    plain_of,
    quiet,
    tracing,
    transforms,
    version_of,
)
from engine.autograd.summary import Summaries
from engine.autograd.tensor_reader import STACK_LIMIT, plain_values, quiet_value_of, unread
from engine.autograd.values import Value
from engine.uncollected import uncollected
from engine.untraced import briefly_untraced

COPIES_LIMIT = 1 << 22
"""Elements of small gradients that are copied, to be read together, before these are read."""
SMALL_LIMIT = 1 << 12
"""Elements of a small gradient; of larger ones an eighth is copied, which is still in the cache."""

Gradients = tuple[torch.Tensor | None, ...]
_PLAIN = PLAIN | {type(None)}
_Tensor = torch.Tensor
_STRIDED = torch.strided


class SeenGradient(OwnRef):
    """A gradient that has passed: the tensor itself for as long as it lives, and what it was."""

    __slots__ = ("value", "version")

    version: int
    """The tensor's, when it was looked at."""
    value: torch.Tensor | Value
    """What was read of it, or a copy that is still to be read."""


Seen = list[SeenGradient | None]
"""Of several gradients, with None for None."""


class _Copies:
    """Copies of gradients, of so many elements, that are read together."""

    __slots__ = ("_limit", "room", "unread")

    def __init__(self, limit: int) -> None:
        self._limit = self.room = limit
        self.unread: list[SeenGradient] = []

    def read(self) -> None:
        """Read them, and let go of them."""
        waiting, self.unread, self.room = self.unread, [], self._limit
        with uncollected(), quiet():
            for one, value in plain_values(_plain(waiting)):
                one.value = value


def _plain(waiting: Iterable[SeenGradient]) -> Iterator[tuple[SeenGradient, torch.Tensor]]:
    """Those with a copy that has numbers; of others, what can be had is read."""
    for one in waiting:
        copy = one.value
        if isinstance(copy, Value):
            continue
        if is_nested(copy) or copy.layout is not _STRIDED:
            one.value = unread(copy)
        else:
            yield one, copy


class GradientReader:
    """Reads gradients as they pass to leaves; the values are to be had when the pass is over."""

    def __init__(self, leaves: Iterable[torch.Tensor]) -> None:
        self._copied: dict[int, SeenGradient] = {}
        """By the `id` of the tensor: those without any peculiarity, of which a copy was made."""
        self._others: dict[int, SeenGradient] = {}
        """The large, and those that have one."""
        self._small, self._larger = _Copies(COPIES_LIMIT), _Copies(COPIES_LIMIT >> 3)
        self._alive = Summaries()
        """Of large gradients of the node that has just run."""
        self._compiled = compiler_is_loaded()
        self._are_plain = PLAIN.issuperset(map(type, leaves))
        self.begin()

    def begin(self) -> None:
        """The pass begins here: it is as a whole in what transforms or traces functions, or not."""
        self._is_unusual = not self._are_plain or transforms() or tracing() is not None

    def look(self, gradients: Gradients, leaf: torch.Tensor | None = None) -> Seen:
        """Look at the gradients of a node as they are now, and then at a leaf's `.grad`."""
        # What most nodes need is done here, thousands of times in a pass of milliseconds. It runs
        # no other Python, which might be traced, compiled or observed.
        if not (self._is_unusual or function_modes() or dispatch_modes()):
            copied = self._copied
            found: Seen = []
            try:
                for one in gradients if leaf is None else (*gradients, leaf.grad):
                    seen = copied.get(id(one))
                    if one is not None and (
                        seen is None or seen() is not one or seen.version != one._version
                    ):
                        if type(one) is not _Tensor or not one.is_cpu or is_wrapped(one):
                            break
                        size = one.numel()
                        copies = self._small if size <= SMALL_LIMIT else self._larger
                        if size > STACK_LIMIT or size > copies.room:
                            break
                        version = one._version
                        copy = (one.detach() if one.requires_grad else one).clone()
                        seen = copied[id(one)] = SeenGradient(one)
                        seen.version, seen.value = version, copy
                        copies.unread.append(seen)
                        copies.room -= size
                    found.append(seen)
                else:
                    return found
            except RuntimeError:  # of an inference tensor, or of many examples run together
                pass
        return self._look_closely(gradients, leaf)

    def _look_closely(self, gradients: Gradients, leaf: torch.Tensor | None) -> Seen:
        """The same for gradients of any kind."""
        if self._compiled:
            with NotCompiled():
                return self._look_quietly(gradients, leaf)
        return self._look_quietly(gradients, leaf)

    def _look_quietly(self, gradients: Gradients, leaf: torch.Tensor | None) -> Seen:
        with briefly_untraced():
            if self._are_plain and is_quiet():
                # Torch's own methods may be asked, which is many times quicker.
                wanted = _with_grad(gradients, leaf)
                if _PLAIN.issuperset(map(type, wanted)):
                    return self._all(wanted)
            with NotCompiled(), quiet():
                return self._all(_with_grad(gradients, leaf))

    never_compile(begin.__code__)
    never_compile(look.__code__)
    never_compile(_look_closely.__code__)

    def _all(self, gradients: Gradients) -> Seen:
        self._alive.clear()  # those of the node before may be gone
        return [None if one is None else self._one(one) for one in gradients]

    def _one(self, gradient: torch.Tensor) -> SeenGradient:
        at, version = id(gradient), version_of(gradient)
        for known in (self._copied.get(at), self._others.get(at)):
            if known is not None and known() is gradient and known.version == version:
                self._keep_summary(known, gradient)
                return known
        seen = SeenGradient(gradient)
        seen.version = version
        if is_nested(gradient) or (size := count(gradient)) > STACK_LIMIT:
            self._others[at] = seen
            seen.value = quiet_value_of(gradient, known=self._alive)
            return seen
        usual = type(gradient) is _Tensor and not is_wrapped(gradient)
        (self._copied if usual and not is_inference(gradient) else self._others)[at] = seen
        seen.value = _kept(gradient, usual=usual)
        copies = self._small if size <= SMALL_LIMIT else self._larger
        copies.unread.append(seen)
        copies.room -= size
        if copies.room < 0:
            copies.read()
        return seen

    def _keep_summary(self, seen: SeenGradient, gradient: torch.Tensor) -> None:
        """A view of a large gradient, which was read before, is not to be read anew."""
        value = seen.value
        if isinstance(value, Value) and not is_nested(gradient) and count(gradient) > STACK_LIMIT:
            plain = plain_of(gradient)
            if plain is not None:
                self._alive.add(plain, value.summary)

    def read_copies(self) -> None:
        """Read what has been copied."""
        self._small.read()
        self._larger.read()


def _with_grad(gradients: Gradients, leaf: torch.Tensor | None) -> Gradients:
    return gradients if leaf is None else (*gradients, leaf.grad)


def value_of(seen: SeenGradient | None) -> Value | None:
    """What was read of a gradient, None for None; to be had once copies have been read."""
    if seen is None:
        return None
    assert isinstance(seen.value, Value)
    return seen.value


def _kept(gradient: torch.Tensor, *, usual: bool) -> torch.Tensor | Value:
    """A copy of a small tensor, which is read later; its value where it has none to be copied."""
    if usual and gradient.is_cpu and gradient.layout is _STRIDED:
        try:
            return (gradient.detach() if torch.is_grad_enabled() else gradient).clone()
        except RuntimeError:  # one of many examples, as `is_grads_batched` runs them together
            return unread(gradient)
    plain = plain_of(gradient)
    return quiet_value_of(gradient) if plain is None else plain.clone()
