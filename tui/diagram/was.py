"""What a node was before the script was changed: the last rows of its details."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len

from engine.autograd.graph import Node, NodeGradient
from engine.recording.differences import NodeChange
from tui.kit.spans import Row, Span
from tui.kit.text import fit
from tui.script.change_words import MARK, was_of_node


class Was(NamedTuple):
    """What differs of a node, and what there was."""

    change: NodeChange
    node: Node | None = None
    """As it was; None where it is new."""
    gradient: NodeGradient | None = None
    """Of the pass through the graph it was in, where that has been there."""


def was_rows(was: Was | None, width: int) -> Iterator[Row]:
    """Yield what was different, in the original, of the node that is shown."""
    if was is None:
        return
    if was.node is None:
        yield (Span(fit(f"{MARK} not in the original's graph", width), "changed"),)
        return
    change = was.change
    words = was_of_node(
        was.node.value, was.gradient, width, value=change.value, arrived=change.gradient
    )
    texts = list(words)
    together = f"{MARK} {' · '.join(texts)}"
    whole = cell_len(together) <= width
    for text in [together] if whole else [f"{MARK} {text}" for text in texts]:
        yield (Span(text, "changed"),)
