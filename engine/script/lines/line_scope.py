"""What a line may name: the variables of its function, of that one's module, of the script.

The tables of lines and the names of a graph's leaves are made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
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
        if frame is None and self._begun:
            frame = self._begun[-1].frame
        local = self._namespace if frame is None else variables_of(frame)
        if frame is None or local is self._namespace:
            return dict(self._namespace)
        found = dict(local)
        for module in (frame.f_globals, self._namespace):
            found |= {name: thing for name, thing in module.items() if name not in found}
        return found

    def tensors(self, frame: FrameType | None = None) -> Mapping[str, torch.Tensor]:
        """The tensors among them, by all names that nodes of a graph may have."""
        with quiet():
            return tensors_in(self.variables(frame), self.modules)

    def let_go(self) -> None:
        """Hold nothing of a script that has ended: Python then ends its objects, as its files."""
        self._namespace = {}
