"""Functions of the project, `autograd.Function`, of which backward returned nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.autograd.graph import Backward
from engine.recording.findings import Finding
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words

_SAID = re.compile(r"return[ (]+None\b")
"""Who writes it out wants no gradient to go on, or hands it over in another way."""


def own_functions(
    backward: Backward, number: int, moment: int, places: Places
) -> Iterator[Finding]:
    """Yield Functions to which a gradient came in a pass, and which none at all left."""
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        name = node.op.removesuffix("Backward")
        sources = backward.graph.into[node.id]
        if name == node.op or not sources or any(one is not None for one in gradient.outgoing):
            continue
        place = backward_of(name, places)
        if place is None or _SAID.match(place.text):
            continue
        if all(one is None for one in gradient.incoming):
            continue
        yield Words(
            f"{name}.backward returned no gradient.",
            "A function without `return` returns None, and None is for arguments that need no "
            "gradient: nothing behind it learns.",
            "Return one gradient for each argument of forward.",
            place,
        ).finding("no gradient", number, moment)


def backward_of(name: str, places: Places) -> Place | None:
    """Return the line of the `return` of a Function's backward, else that of its class."""
    for file in range(places.files.count):
        inside = found = None
        for line, text in enumerate(places.files.lines(file), 1):
            if re.match(rf"\s*class {name}\b", text):
                found = places.of(line, file)
            elif found is not None and re.match(r"\s*class ", text):
                break
            elif found is not None and re.match(r"\s*def backward\b", text):
                inside = True
            elif inside and re.match(r"\s*return\b", text):
                return places.of(line, file)
        if found is not None:
            return found
    return None
