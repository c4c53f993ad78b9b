"""What `DistributedDataParallel` reduces in a pass, and in which buckets.

It does so in C++ while backward runs, and changes nothing that could be asked for its buckets; so
they are computed as it computes them, from the same parameters in the same order.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import torch
import torch.distributed as dist

from engine.autograd.not_compiled import never_compile

NAME: Final = "DistributedDataParallel"
MEBIBYTE = 2**20
_FIRST_BYTES = MEBIBYTE
"""Of the first bucket, where torch does not say it."""


class Wrapped:
    """One module that is wrapped for data-parallel training."""

    def __init__(self, module: Any) -> None:
        self.ref: weakref.ref[Any] = weakref.ref(module)
        self.parameters: list[torch.Tensor] = module._build_params_for_reducer()[0]
        self.group_size: int = dist.get_world_size(module.process_group)
        self._ready: list[int] = []
        self._known: tuple[bool, list[list[int]]] | None = None

    @property
    def is_reducing(self) -> bool:
        """Whether the pass that follows the last forward reduces, and not only accumulates."""
        module = self.ref()
        return bool(getattr(module, "require_forward_param_sync", False))

    def became_ready(self, order: Sequence[torch.Tensor]) -> None:
        """Keep in which order gradients came in the first pass that reduced."""
        if not self._ready:
            places = {id(one): at for at, one in enumerate(self.parameters)}
            self._ready = [places[id(one)] for one in order if id(one) in places]

    def buckets(self) -> list[list[torch.Tensor]]:
        """The parameters of every bucket, as they are reduced in the pass that runs now."""
        module = self.ref()
        rebuilt = bool(getattr(module, "_has_rebuilt_buckets", False)) and bool(self._ready)
        if self._known is None or self._known[0] != rebuilt:
            self._known = rebuilt, self._computed(module, rebuilt=rebuilt)
        return [[self.parameters[at] for at in bucket] for bucket in self._known[1]]

    def _computed(self, module: Any, *, rebuilt: bool) -> list[list[int]]:
        order = self._ready if rebuilt else []
        tensors = [self.parameters[at] for at in order] if rebuilt else self.parameters
        assign: Any = vars(dist)["_compute_bucket_assignment_by_size"]
        found: list[list[int]]
        found, _ = assign(tensors, _limits(module, rebuilt=rebuilt), [False] * len(tensors), order)
        return found if rebuilt else found[::-1]


class DataParallel:
    """Finds the modules that a script wraps.

    `waiting` is entered around what makes one, which waits for all ranks; `note` is told of what
    could not be found out.
    """

    def __init__(
        self,
        waiting: Callable[[str], AbstractContextManager[None]],
        note: Callable[[str], object],
    ) -> None:
        self._waiting = waiting
        self._note = note
        self._found: list[Wrapped] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, modules that are wrapped are found."""
        kind: Any = torch.nn.parallel.DistributedDataParallel
        real = kind.__init__

        def init(module: Any, *args: Any, **options: Any) -> None:
            with self._waiting(NAME):
                real(module, *args, **options)
            try:
                self._found.append(Wrapped(module))
            except Exception as error:  # another torch may keep its parameters elsewhere
                self._note(f"{NAME} could not be looked at: {type(error).__name__}")

        never_compile(init.__code__)
        kind.__init__ = functools.wraps(real)(init)
        try:
            yield
        finally:
            kind.__init__ = real

    def all(self) -> list[Wrapped]:
        """Those that are still there."""
        if any(one.ref() is None for one in self._found):
            self._found = [one for one in self._found if one.ref() is not None]
        return self._found


def _limits(module: Any, *, rebuilt: bool) -> list[int]:
    """How large the buckets may become, the first one first."""
    config = getattr(module, "_bucket_config", module)
    if config is not module:
        both: tuple[list[int], list[int]] = config.compute_bucket_size_limits(
            static_graph=module.static_graph, find_unused_parameters=module.find_unused_parameters
        )
        if both[rebuilt]:
            return both[rebuilt]
    elif not rebuilt and (module.static_graph or not module.find_unused_parameters):
        return [sys.maxsize]
    limit = int(getattr(config, "bucket_bytes_cap", 25 * MEBIBYTE))
    # Torch 2.10 says only whether the limit is its own; it takes less for the first one then.
    otherwise = _FIRST_BYTES if getattr(module, "bucket_bytes_cap_default", True) else limit
    return [getattr(config, "first_bucket_bytes_cap", otherwise), limit]
