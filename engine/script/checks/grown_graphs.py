"""Passes that walk through the graphs of all those before them, which `retain_graph=True` kept."""

from __future__ import annotations

from collections.abc import Iterator

from engine.autograd.capture import Walk
from engine.autograd.graph import Graph
from engine.recording.findings import Finding
from engine.script.checks.kept_graphs import KEPT_KEY, RAN_KEY, Ran
from engine.script.checks.places import Place
from engine.script.checks.words import Words

LEAST = 3
"""Through so many passes at its own line must one go; fewer may be several losses of one graph."""


class GrownGraphs:
    """Compares what passes at one line go through, before they leave their own marks."""

    def __init__(self) -> None:
        self._before: dict[Place, frozenset[int]] = {}
        """The passes that the latest one at a line went through."""

    def look(self, walked: Walk, graph: Graph, number: int, place: Place) -> Iterator[Finding]:
        """Yield that a pass goes through what the one before it did and more."""
        carried: str | None = None
        numbers: set[int] = set()
        for node, record in zip(walked.nodes, graph.nodes, strict=True):
            ran: Ran | None = node.metadata.get(KEPT_KEY) or node.metadata.get(RAN_KEY)
            if ran is None or record.is_leaf or ran.place != place:
                continue
            # The nearest to the root, and of the latest pass, is what was carried on.
            carried = carried if numbers else record.name or ran.name
            numbers.add(ran.number)
        before = self._before.get(place, frozenset())
        self._before[place] = frozenset(numbers)
        if len(numbers) >= LEAST and before and before < numbers:
            root = graph.nodes[graph.roots[0]].name
            yield _words(carried, root, number, place).finding("kept graph")


def _words(carried: str | None, root: str | None, number: int, place: Place) -> Words:
    name = carried or "a tensor"
    what = f"Pass {number} goes through the graphs of the passes before it again: {name} has them."
    if carried is not None and carried == root:
        return Words(
            what,
            f"{name} is the sum of all so far, so each pass is longer than the last, adds the "
            "gradients of the old terms again, and frees no memory.",
            f"Call backward on the new term alone, and add its number, `{name} += ….item()`; or "
            "call it once, on the whole sum.",
            place,
        )
    alone = carried is None or "[" in carried
    cut = "cut it off with `.detach()`" if alone else f"write `{carried} = {carried}.detach()`"
    return Words(
        what,
        "retain_graph=True keeps them, so each pass is longer than the last, and no memory is "
        "freed.",
        "Add up the losses and call backward once, which gives the same gradients; or, for "
        f"gradients that go back no further, {cut} between two passes, without retain_graph.",
        place,
    )
