"""A call that torch has refused: what it was given, and what is said of that."""

from __future__ import annotations

from typing import NamedTuple

import torch

UNNAMED = "argument "
"""How a tensor is called that has no name, with its number behind."""


class Operand(NamedTuple):
    """One tensor that was handed over."""

    tensor: torch.Tensor
    name: str
    is_parameter: bool


class Refusal(NamedTuple):
    """What is said of a call that was refused."""

    what: str
    why: str
    instead: str
