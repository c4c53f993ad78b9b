"""Which `nn.Module` is running: its dotted path from the script's own variable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from torch.nn import Module
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook


class ModulePath:
    """Follows the modules that are called on this thread; `variables` gives their names."""

    def __init__(self, variables: Callable[[], Mapping[str, object]]) -> None:
        self._variables = variables
        self._names: WeakKeyDictionary[Module, str] = WeakKeyDictionary()
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
        if module not in self._names:
            self._learn()
        if module not in self._names:
            parent = f"{self.current}." if self._running else ""
            self._names[module] = parent + type(module).__name__
        return self._names[module]

    def _learn(self) -> None:
        for name, thing in self._variables().items():
            if isinstance(thing, Module):
                for path, part in thing.named_modules(prefix=name):
                    self._names.setdefault(part, path)
