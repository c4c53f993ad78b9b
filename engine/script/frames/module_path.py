"""Which `nn.Module` is running: its dotted path from the script's own variable.

It is read off the stack of frames: hooks on all modules would be seen by the script, and by
`torch.compile` above all.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from itertools import islice
from types import FrameType

from torch.nn import Module

from engine.script.frames.frame_variables import variables_of
from engine.script.frames.module_tree import Own, modules_in
from engine.script.frames.untouched import class_name, is_a, made_by_script

LEARNT_LIMIT = 10_000
"""Most modules of one variable that are named."""
_CALL = Module._wrapped_call_impl.__code__
"""What runs while a module is called, whatever its class."""


class ModulePath:
    """Names the modules that run; `variables` gives those that a frame has in scope."""

    def __init__(
        self,
        variables: Callable[[FrameType | None], Mapping[str, object]],
        own: Own = made_by_script,
    ) -> None:
        self._variables = variables
        self._own = own
        # By identity: a script's module may have its own `__eq__` and `__hash__`.
        self._names: dict[int, tuple[weakref.ref[Module], str]] = {}

    def of(self, frame: FrameType | None) -> str | None:
        """The innermost module that runs around a frame, as in `model.layers.0.linear1`."""
        while frame is not None and frame.f_code is not _CALL:
            frame = frame.f_back
        return None if frame is None else self._name(variables_of(frame)["self"], frame)

    def _name(self, module: Module, call: FrameType) -> str:
        try:
            known = self._known(module)
            if known is None:
                self._learn(_outermost(call).f_back)
                known = self._known(module)
        # No mistake of this search may become an error of the script.
        except Exception:
            known = None
        if known is None:
            parent = self.of(call.f_back)
            known = f"{parent}.{class_name(module)}" if parent else class_name(module)
            self._names[id(module)] = weakref.ref(module), known
        return known

    def _known(self, module: Module) -> str | None:
        held, name = self._names.get(id(module), (None, ""))
        return name if held is not None and held() is module else None

    def _learn(self, frame: FrameType | None) -> None:
        for name, thing in self._variables(frame).items():
            if is_a(thing, Module):
                for way, part, _, _ in islice(modules_in(thing, self._own), LEARNT_LIMIT):
                    if self._known(part) is None:
                        self._names[id(part)] = weakref.ref(part), name + way


def _outermost(call: FrameType) -> FrameType:
    """The call of the module around all that run: there a script's variables name them."""
    frame: FrameType | None = call
    while frame is not None:
        if frame.f_code is _CALL:
            call = frame
        frame = frame.f_back
    return call
