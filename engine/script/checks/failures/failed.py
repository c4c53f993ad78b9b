"""A pass that has failed, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import FrameType
from typing import Any, NamedTuple

import torch

from engine.autograd.capture import Walk
from engine.script.checks.places import Place


class Failed(NamedTuple):
    """A pass that raised, with all that may say why."""

    message: str
    roots: Sequence[torch.Tensor]
    inputs: Sequence[Any]
    """What `autograd.grad` was asked for."""
    walked: Walk | None
    """Its graph; None where it has none."""
    ran: frozenset[int]
    """The positions of the nodes that it went through."""
    frame: FrameType
    place: Place
