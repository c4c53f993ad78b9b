"""Why a pass failed that came to the graph of an earlier one: freed, or kept and no longer true."""

from __future__ import annotations

from engine.autograd.quiet import node_of
from engine.script.checks.failures.failed import Failed
from engine.script.checks.kept_graphs import KEPT_KEY, RAN_KEY, Ran
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words


def second_time(failed: Failed, places: Places) -> Words | None:
    """Return which pass has freed what this one came to; None where that was not seen."""
    if failed.walked is None:
        return None
    nodes = failed.walked.nodes
    root: Ran | None = nodes[failed.walked.roots[0]].metadata.get(RAN_KEY)
    if root is not None:
        return _whole_graph(root, failed.place)
    carried = _carried(failed, RAN_KEY, places)
    if carried is None:
        return None
    held, ran = carried
    if held and ran.place != failed.place:
        return Words(
            f"{held} is used by two passes: that at {ran.place.said} (pass {ran.number}) has been "
            "through its graph before.",
            "That pass has freed what the graph had saved.",
            f"Give the first one `{held}.detach()`, where it is not to train what {held} comes "
            "from; else add the losses up and call backward once.",
            failed.place,
        )
    name, what = held or "t", held or "a tensor that the new graph uses"
    return Words(
        f"{what} still carries the graph of the pass at {ran.place.said} (pass {ran.number}).",
        "backward has freed that graph, and now comes to it once more.",
        f"Cut it off between two passes: `{name} = {name}.detach()`.",
        failed.place,
    )


def retained(
    failed: Failed, ran: Ran, saved: str, name: str, written: Place, places: Places
) -> Words:
    """Return what is said of a graph that an earlier pass has kept, and that is no longer true."""
    carried, _ = _carried(failed, KEPT_KEY, places) or (None, ran)
    what = carried or "t"
    return Words(
        f"{carried or 'A tensor'} still carries the graph of pass {ran.number}, in which {saved} "
        f"had saved {name}; `{written.text}`, {written.said}, has changed that since.",
        "retain_graph=True keeps a graph, with the old numbers, for the passes that follow.",
        f"Cut it off between two passes, `{what} = {what}.detach()`, and leave retain_graph out.",
        failed.place,
    )


def _whole_graph(ran: Ran, place: Place) -> Words:
    """That an earlier pass began at the same root."""
    name = ran.name or "this tensor"
    return Words(
        f"backward has been through the graph of {name} before, at {ran.place.said}.",
        "That pass has freed what the graph had saved.",
        f"Compute {name} again before each backward, or write `backward(retain_graph=True)` "
        "the first time.",
        place,
    )


def _carried(failed: Failed, key: str, places: Places) -> tuple[str | None, Ran] | None:
    """What of a pass's graph an earlier one, which has left its mark by `key`, went through.

    The name of the tensor that goes from the one to the other, or None, and the earlier pass.
    """
    if failed.walked is None:
        return None
    nodes = failed.walked.nodes
    borders = (
        nodes[edge.source]
        for edge in failed.walked.edges
        if key in nodes[edge.source].metadata and key not in nodes[edge.target].metadata
    )
    node = next(borders, None)
    if node is None:
        return None
    ran: Ran = node.metadata[key]
    return ran.name or places.named_in(failed.frame, lambda one: node_of(one) is node), ran
