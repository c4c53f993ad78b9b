"""What a line may name: the variables of its function, of that one's module, of the script.

The tables of lines and the names of a graph's leaves are made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import torch

from engine.autograd.quiet import quiet
from engine.script.frames.frame_variables import variables_of
from engine.script.frames.known_modules import KnownModules
from engine.script.frames.module_tree import Own
from engine.script.frames.scope import tensors_in
from engine.script.lines.line_moments import Line


class LineScope:
    """Finds the variables of a frame; without one, those of the last line that has `begun`."""

    def __init__(self, namespace: dict[str, Any], own: Own, begun: Sequence[Line]) -> None:
        """`namespace` is the script's; `own` as in `modules_in`."""
        self.modules = KnownModules(own)
        """The tensors in its modules."""
        self._namespace = namespace
        self._begun = begun

    def variables(self, frame: FrameType | None = None) -> Mapping[str, object]:
        """The variables in scope: the running function's, its module's, then the script's."""
        local, frame = self._local(frame)
        return self._inwards(local, self._namespace if frame is None else frame.f_globals)

    def shown(self, frame: FrameType | None = None) -> Mapping[str, object]:
        """Those of them that a line's table shows: of another module what its function names.

        A module may have thousands of names, and this is asked for at every line.
        """
        local, frame = self._local(frame)
        module = self._namespace
        if frame is not None and frame.f_globals is not module:
            names, module = _names_in(frame.f_code), frame.f_globals
            module = {name: module[name] for name in names if name in module}
        return self._inwards(local, module)

    def tensors(self, frame: FrameType | None = None) -> Mapping[str, torch.Tensor]:
        """The tensors among them, by all names that nodes of a graph may have."""
        with quiet():
            return tensors_in(self.variables(frame), self.modules)

    def _local(self, frame: FrameType | None) -> tuple[Mapping[str, Any], FrameType | None]:
        """The innermost variables, and the frame that has them, unless they are the script's."""
        if frame is None and self._begun:
            frame = self._begun[-1].frame
        if frame is None:
            return self._namespace, None
        local = variables_of(frame)
        return local, None if local is self._namespace else frame

    def _inwards(self, local: Mapping[str, Any], module: dict[str, Any]) -> Mapping[str, object]:
        """All of them, the inner ones first and in place of the outer ones."""
        if local is self._namespace:
            return dict(local)
        if module is self._namespace:
            return {**local, **module, **local}
        return {**local, **module, **self._namespace, **module, **local}

    def let_go(self) -> None:
        """Hold nothing of a script that has ended: Python then ends its objects, as its files."""
        self._namespace = {}


@lru_cache(maxsize=1024)
def _names_in(code: CodeType) -> tuple[str, ...]:
    """What a function names, and those inside of it, that may be of its module."""
    inside = (name for one in code.co_consts if type(one) is CodeType for name in _names_in(one))
    return *code.co_names, *inside
