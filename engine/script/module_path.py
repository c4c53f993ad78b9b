"""Which `nn.Module` is running: its dotted path from the script's own variable."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from torch.nn import Module
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from engine.script.module_tree import Own, modules_in
from engine.script.untouched import class_name, is_a, made_by_script

LEARNT_LIMIT = 10_000
"""Most modules of one variable that are named."""


class ModulePath:
    """Follows the modules that are called on this thread; `variables` gives their names."""

    def __init__(
        self, variables: Callable[[], Mapping[str, object]], own: Own = made_by_script
    ) -> None:
        self._variables = variables
        self._own = own
        # By identity: a script's module may have its own `__eq__` and `__hash__`.
        self._names: dict[int, tuple[weakref.ref[Module], str]] = {}
        self._running: list[tuple[Module, str]] = []

    @property
    def current(self) -> str | None:
        """The innermost running module, as in `model.layers.0.linear1`."""
        return self._running[-1][1] if self._running else None

    @contextmanager
    def followed(self) -> Iterator[None]:
        """While entered, `current` is kept up to date."""
        thread = threading.get_ident()

        def begin(module: Module, *_: object) -> None:
            if threading.get_ident() == thread:
                self._running.append((module, self._name(module)))

        def end(module: Module, *_: object) -> None:
            # A module that raised before it began to compute has not ended by itself.
            while threading.get_ident() == thread and self._running:
                if self._running.pop()[0] is module:
                    break

        handles = (
            register_module_forward_pre_hook(begin),
            register_module_forward_hook(end, always_call=True),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
            self._running.clear()

    def _name(self, module: Module) -> str:
        try:
            known = self._known(module)
            if known is None:
                self._learn()
                known = self._known(module)
        # No mistake of this search may become an error of the script.
        except Exception:
            known = None
        if known is None:
            parent = f"{self.current}." if self._running else ""
            known = parent + class_name(module)
            self._names[id(module)] = weakref.ref(module), known
        return known

    def _known(self, module: Module) -> str | None:
        held, name = self._names.get(id(module), (None, ""))
        return name if held is not None and held() is module else None

    def _learn(self) -> None:
        for name, thing in self._variables().items():
            if is_a(thing, Module):
                for way, part, _, _ in islice(modules_in(thing, self._own), LEARNT_LIMIT):
                    if self._known(part) is None:
                        self._names[id(part)] = weakref.ref(part), name + way
