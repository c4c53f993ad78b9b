"""What may be changed in a run, so that a second recording shows what follows from it.

These records are numbers and names: they are handed to the process of a script as they are, and
nothing of them is executed. `applied_change` carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["scale", "zero", "replace"]


@dataclass(frozen=True, slots=True)
class Intervention:
    """A gradient that is changed as it comes into a node of one backward pass."""

    number: int
    """The number of the pass, from 0."""
    node: int
    """The id of the node in the graph of that pass."""
    kind: Kind
    numbers: tuple[float, ...] = ()
    """The factor of `scale`; for `replace` all elements, in row-major order."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """A number that is added to one element of a leaf, before the leaf is used in one pass."""

    number: int
    """The number of the pass, from 0."""
    name: str
    """The leaf's name in the graph of that pass."""
    file: str | None
    """The file of the line before which it is added, as `Node.file`: None is the script itself."""
    line: int
    """That line: the first one of the pass in which the graph uses the leaf."""
    element: tuple[int, ...]
    """The indices of the element, one a dimension."""
    amount: float


Change = Intervention | Nudge


def change_of(plain: Mapping[str, Any] | None) -> Change | None:
    """Return the change of which `dataclasses.asdict` made this; raises TypeError or KeyError."""
    if plain is None:
        return None
    if "kind" in plain:
        return Intervention(**{**plain, "numbers": tuple(plain["numbers"])})
    return Nudge(**{**plain, "element": tuple(plain["element"])})
