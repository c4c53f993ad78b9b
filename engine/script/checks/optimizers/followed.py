"""What is remembered of a parameter from step to step, and from pass to pass."""

from __future__ import annotations

from dataclasses import dataclass

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import version_of
from engine.autograd.values import Value
from engine.script.checks.places import Place


@dataclass
class Held:
    """A parameter that an optimizer has."""

    tensor: OwnRef
    place: Place
    steps: int = 0
    with_gradient: int = 0


@dataclass
class Trained:
    """A parameter that a pass has given a gradient."""

    tensor: OwnRef
    name: str
    version: int
    value: Value | None
    place: Place
    is_parameter: bool
    behind: frozenset[int] = frozenset()
    """The `id` of the leaves that its input was computed from, where it is in a plain container."""
    passes: int = 0
    moved: bool = False

    @property
    def is_as_it_was(self) -> bool:
        """Whether nothing has changed it since its first pass, as far as it is still there."""
        tensor = self.tensor()
        return not self.moved and (tensor is None or version_of(tensor) == self.version)
