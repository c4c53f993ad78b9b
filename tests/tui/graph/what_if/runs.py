"""Scripts as they were, and with something changed."""

from __future__ import annotations

from engine.autograd.graph import Node
from engine.recording.records import Recording
from engine.script.interventions import Change, Nudge
from engine.script.recorder import record_source
from tui.graph.what_if.finite_difference import Moved, moved_by
from tui.graph.what_if.leaf_element import Aim, first_line, nudged
from tui.graph.what_if.supposition import Passing, passing
from tui.script.player import Player
from tui.script.position import in_pass

EXAMPLE = """\
import torch
x = torch.arange(4.0).reshape(2, 2).requires_grad_()
z = 3 * (x + 2) ** 2
out = z.mean()
out.backward()
"""


def run(source: str, change: Change | None = None) -> Recording:
    return record_source(source, "script", change=change)


def passed(recording: Recording, number: int = 0) -> Passing:
    return passing(Player(recording, in_pass(recording, number)))


def leaf(found: Passing, name: str) -> Node:
    return next(one for one in found.backward.graph.leaves if one.name == name)


def moved(source: str, aim: Aim, number: int = 0) -> Moved:
    """What a nudge by one ε comes to."""
    original = passed(run(source), number)
    node = leaf(original, aim.leaf)
    change = nudged(aim, aim.step, original, node).change
    assert isinstance(change, Nudge)
    return moved_by(change, original, run(source, change), first_line(original, node))
