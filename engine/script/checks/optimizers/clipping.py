"""Gradients that are clipped while a GradScaler has still blown them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FrameType

import torch

from engine.recording.findings import Finding
from engine.script.checks.places import Place
from engine.script.checks.statements import CLIPS
from engine.script.checks.words import Words


def clips(frame: FrameType | None, most: int = 8) -> bool:
    """Return whether a frame runs inside of one of torch's functions that clip gradients."""
    while frame is not None and most:
        if frame.f_code.co_name in CLIPS:
            return True
        frame, most = frame.f_back, most - 1
    return False


def clipping(variables: Mapping[str, object], place: Place) -> Iterator[Finding]:
    """Yield what is wrong with clipping now, where the last pass began at a scaled loss."""
    for name, thing in variables.items():
        if type(thing) is not torch.amp.GradScaler or not thing.is_enabled():
            continue
        states = thing._per_optimizer_states.values()
        if any(state.get("stage") is not None and state["stage"].value for state in states):
            continue
        yield Words(
            f"Gradients are clipped here while they are still multiplied by {name}'s scale.",
            "The limit is compared with gradients that are tens of thousands of times too large, "
            "so nearly all of every step is clipped away.",
            f"Call `{name}.unscale_(optimizer)` before clipping.",
            place,
        ).finding("clipping")
