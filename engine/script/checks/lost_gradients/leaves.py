"""Leaves that are not what they were meant to be: a loss that is one, a leaf that is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import torch

from engine.autograd.graph import Graph, Node
from engine.recording.findings import Finding
from engine.script.checks.cuts import MAKERS, Cut, Cuts
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words

_MOVED = re.compile(r"(ToCopy|Clone|View|Reshape|Unsqueeze|Squeeze|T|Transpose)Backward\d*")
"""What makes another tensor of a leaf, which has the name then."""


def leaves(
    graph: Graph,
    live: Mapping[int, torch.Tensor],
    cuts: Cuts,
    place: Place,
    places: Places,
) -> Iterator[Finding]:
    """Yield what the graph of a pass that begins tells of its leaves."""
    root = graph.nodes[graph.roots[0]]
    if root.is_leaf and len(graph.nodes) == 1:
        words = _loss(root.name or "the loss", cuts.of(live[root.id]), place)
        yield words.finding("leaf loss")
        return
    for tensor in live.values():
        cut = cuts.of(tensor)
        if cut is not None and cut.name in MAKERS:
            yield _made_anew(cut).finding("leaf loss")
    for node in graph.nodes:
        lost = _lost(graph, node, places)
        if lost is not None:
            yield lost.finding("lost leaf")


def _loss(name: str, cut: Cut | None, place: Place) -> Words:
    """What is said of a loss that is a leaf; `cut` is where its history ended, if that was seen."""
    what = f"backward was called on {name}, which is a leaf itself: nothing lies behind it."
    if cut is not None:
        return Words(
            what,
            f"Its history ends at `{cut.expression}`, {cut.place.said}, and asking for "
            "requires_grad after that brings none back: the parameters that it was computed from "
            "get no gradient.",
            cut.instead_for(name),
            place,
        )
    return Words(
        what,
        f"{name} was made anew from numbers (`torch.tensor(…, requires_grad=True)`), so the "
        "parameters that it was computed from get no gradient.",
        "Call backward on the tensor that was computed, without wrapping it again.",
        place,
    )


def _made_anew(cut: Cut) -> Words:
    """What is said of a leaf that was made of the numbers of tensors with a history."""
    return Words(
        f"`{cut.expression}`, {cut.place.said}, makes a new leaf of tensors that have a history.",
        "It takes their numbers alone, so what they were computed from gets no gradient.",
        "Write `torch.stack(…)` of them, which keeps the history.",
        cut.place,
    )


def _lost(graph: Graph, node: Node, places: Places) -> Words | None:
    """What is said of a node whose name was meant for the leaf behind it; None for others."""
    if not _MOVED.fullmatch(node.op) or node.name is None:
        return None
    sources = [graph.nodes[edge.source] for edge in graph.into[node.id]]
    made = places.named(node.line, node.file)
    if made is None or len(sources) != 1 or not sources[0].is_leaf or sources[0].name:
        return None
    if "requires_grad" not in made.text:
        return None
    return Words(
        f"{node.name} is no leaf: {made.said} makes a leaf and at once another tensor of it, "
        f"`{_shortened(node.expression or made.text)}`.",
        f"backward fills the .grad of the leaf, which has no name, so {node.name}.grad stays None.",
        "Ask for requires_grad last: make the tensor where and as it is to be, then "
        "`.requires_grad_()`.",
        made,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def leaves_behind(graph: Graph, node: int) -> list[int]:
    """Return the ids of the leaves that a node was computed from."""
    seen, stack, found = {node}, [node], []
    while stack:
        for edge in graph.into[stack.pop()]:
            if edge.source not in seen:
                seen.add(edge.source)
                stack.append(edge.source)
                if graph.nodes[edge.source].is_leaf:
                    found.append(edge.source)
    return sorted(found)
