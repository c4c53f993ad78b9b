"""The questions that are asked before something is supposed, with what they are about."""

from __future__ import annotations

from engine.autograd.graph import Node
from engine.autograd.values import Value, shape_text
from tui.graph.what_if.leaf_element import Aim, known
from tui.graph.what_if.supposition import Passing, Supposition, incoming, supposed
from tui.graph.what_if.typed import HINT, aim
from tui.kit.prompt import PromptScreen
from tui.kit.text import safe
from tui.script.value_text import value_lines

WIDTH = 56
"""Cells of what a question shows."""


def gradient_prompt(run: Passing, node: Node, now: Supposition | None) -> PromptScreen:
    """Ask which gradient is to come into a node, and show the one that does."""
    gradients = incoming(run, node)
    about = [f"into {safe(node.title)}, id {node.id:,}, in pass {run.number:,} comes"]
    for gradient in gradients:
        about += ["  " + line for line in value_lines(gradient, WIDTH - 2)]
    if now is not None:
        about.append(f"in place of  {safe(now.words)}")
    return PromptScreen(
        "what if", HINT, lambda text: supposed(text, run, node), about="\n".join(about)
    )


def checked_aim(text: str, value: Value, before: Aim) -> Aim:
    """Return the aim that is typed; raises ValueError with one line."""
    element, step = aim(text, value.shape, before.element, before.step)
    if not known(value, element):
        raise ValueError(f"only the first numbers were read: {shape_text(value.corner)}")
    return Aim(before.leaf, element, step)


def aim_prompt(value: Value, now: Aim) -> PromptScreen:
    """Ask which element of a leaf is nudged, and by how much."""
    about = [f"which element of {safe(now.leaf)} is nudged, and by what ε"]
    about += ["  " + line for line in value_lines(value, WIDTH - 2)]
    return PromptScreen(
        "nudge",
        "[0, 1] 0.01",
        lambda text: checked_aim(text, value, now),
        text=f"[{', '.join(map(str, now.element))}] {now.step:g}",
        about="\n".join(about),
    )
