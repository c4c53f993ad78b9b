"""A tensor's hook that lets nothing through: what left one node did not come in at the next."""

from __future__ import annotations

from collections.abc import Iterator

from engine.autograd.graph import Backward
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.script.checks.places import Places
from engine.script.checks.words import Words


def hooks(backward: Backward, places: Places) -> Iterator[Finding]:
    """Yield where a gradient became zero between two nodes, the second with one user only.

    One that was zero in places may have come to a mask of all others, as that of frozen rows in
    a table of which only these were looked up.
    """
    by_node = {gradient.node: gradient for gradient in backward.gradients}
    graph = backward.graph
    for gradient in backward.gradients:
        users = graph.out_of[gradient.node]
        node = graph.nodes[gradient.node]
        if len(users) != 1 or users[0].target not in by_node or not gradient.incoming:
            continue
        left = by_node[users[0].target].outgoing
        came = gradient.incoming[0]
        sent = left[users[0].index] if users[0].index < len(left) else None
        if came is None or sent is None or not came.is_zero or not _is_dense(sent):
            continue
        place = places.named(node.line, node.file) or places.named(
            graph.nodes[users[0].target].line, graph.nodes[users[0].target].file
        )
        if place is None:
            continue
        hooked = _registered(place.file, places)
        yield Words(
            f"A hook has made the gradient of {node.name or node.title} zero.",
            "What the operations after it sent back was not zero, and nothing behind the hook "
            "learns from it.",
            "Let the hook return what it was given, or None, where it is only to look.",
            place if hooked is None else places.of(hooked, place.file),
        ).finding("hook")


def _is_dense(value: Value) -> bool:
    """Whether no element is zero, as far as they are known."""
    return bool(value.numbers) and all(value.numbers)


def _registered(file: int, places: Places) -> int | None:
    """The only line of a file that registers a hook; None where there are several or none."""
    lines = enumerate(places.files.lines(file), 1)
    found = [line for line, text in lines if "register_hook(" in text]
    return found[0] if len(found) == 1 else None
