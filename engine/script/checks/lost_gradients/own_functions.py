"""Functions of the project, `autograd.Function`, of which backward returned no gradient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import torch

from engine.autograd.graph import Backward
from engine.autograd.quiet import live_grad
from engine.recording.findings import Finding
from engine.script.checks.lost_gradients.leaves import leaves_behind
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words, listed

_SAID = re.compile(r"(^|:\s*)return[ (]+None\b")
"""Who writes it out may want no gradient to go on this way, or hand it over in another."""


def own_functions(
    backward: Backward,
    live: Mapping[int, torch.Tensor],
    places: Places,
) -> Iterator[tuple[Finding, list[torch.Tensor]]]:
    """Yield Functions to which a gradient came in a pass, and which none at all left.

    With each the leaves, of the `live` ones, that it was computed from.
    """
    gradients = backward.gradients
    reached = {one.node for one in gradients if any(came is not None for came in one.incoming)}
    for gradient in gradients:
        node = backward.graph.nodes[gradient.node]
        name = node.op.removesuffix("Backward")
        sources = backward.graph.into[node.id]
        if name == node.op or not sources or any(one is not None for one in gradient.outgoing):
            continue
        place = backward_of(name, places)
        if place is None or all(one is None for one in gradient.incoming):
            continue
        # None on purpose is not the last word where another way leads there, or `.grad` is filled.
        behind = leaves_behind(backward.graph, node.id)
        tensors = [live[one] for one in behind if one in live]
        said = _SAID.search(place.text) is not None
        if said and (
            reached.intersection(behind) or any(live_grad(t) is not None for t in tensors)
        ):
            continue
        names = [backward.graph.nodes[leaf].name or "a leaf" for leaf in behind]
        returned = "None stands" if said else "A function without `return` returns None, which is"
        yield (
            Words(
                f"{name}.backward returned no gradient.",
                f"{returned} for arguments that need no gradient: nothing behind it learns "
                f"({listed(names)}).",
                "Return one gradient for each argument of forward.",
                place,
            ).finding("no gradient"),
            tensors,
        )


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
                if re.search(r":\s*return\b", text):
                    return places.of(line, file)
            elif inside and re.match(r"\s*return\b", text):
                return places.of(line, file)
        if found is not None:
            return found
    return None
