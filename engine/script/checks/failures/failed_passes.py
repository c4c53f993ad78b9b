"""Why a backward pass failed, from the nodes that it was to run: one finding, or none.

Torch's messages are recognised by what has been the same in them for many versions.
"""

from __future__ import annotations

import re
from typing import Any

import torch

from engine.autograd.capture import NoGraphError, walk
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import node_of
from engine.plurals import counted
from engine.script.checks.cuts import Cuts
from engine.script.checks.failures.failed import Failed
from engine.script.checks.failures.no_graph import no_graph
from engine.script.checks.failures.second_passes import retained, second_time
from engine.script.checks.failures.write_statements import instead_of, is_hidden, target_of
from engine.script.checks.grad_mode import SwitchedOff
from engine.script.checks.kept_graphs import KEPT_KEY, Ran
from engine.script.checks.lost_gradients.own_functions import backward_of
from engine.script.checks.numbers.domains import KEEP_AWAY
from engine.script.checks.places import Places
from engine.script.checks.words import Words
from engine.script.checks.writes import Changed, InPlaceWrite, WriteLog, changed


def explained(
    failed: Failed, places: Places, log: WriteLog, cuts: Cuts, off: SwitchedOff | None
) -> Words | None:
    """Return why the pass failed; None where its message says all that is known.

    `off` is the statement that has switched grad mode off, if one has.
    """
    message = failed.message
    if "modified by an inplace operation" in message:
        return _written(failed, places, log)
    if "backward through the graph a second time" in message:
        return second_time(failed, places)
    if "not have been used in the graph" in message:
        return _unused(failed, places)
    if "does not require grad and does not have a grad_fn" in message:
        return no_graph(failed, places, cuts, off)
    if found := re.search(r"Function '(\w+)' returned nan values", message):
        return _nan(failed, found[1], places)
    if "incorrect number of gradients" in message:
        return _count(failed, places)
    return None


def _written(failed: Failed, places: Places, log: WriteLog) -> Words | None:
    if failed.walked is None:
        return None
    left = (n for at, n in enumerate(failed.walked.nodes) if at not in failed.ran)
    found = changed(left, log)
    if found is None:
        return None
    culprit = _culprit(found, failed, log)
    if culprit is None:
        return None
    address, write = culprit
    saver = re.sub(r"Backward\d*$", "", found.op)
    at = places.named(found.note.line, found.note.file)
    saved = f"{saver}, {at.said}," if at else saver
    if found.note.expression:
        saved = f"`{found.note.expression}`, {at.said if at else ''},"
    hidden = is_hidden(write.place.text)
    name = places.name_at(address, failed.frame) or (
        "its input" if hidden else target_of(write.place.text)
    )
    ran: Ran | None = found.node.metadata.get(KEPT_KEY)
    if ran is not None and ran.place == failed.place:
        return retained(failed, ran, saved, name or "a tensor", write.place, places)
    return Words(
        f"`{write.place.text}`, {write.place.said}, changed {name or 'a tensor'} in place, which "
        f"{saved} had saved for backward.",
        "Its gradient needs the old numbers, which are gone.",
        instead_of(write.place.text, saver, name),
        write.place,
    )


def _culprit(found: Changed, failed: Failed, log: WriteLog) -> tuple[int, InPlaceWrite] | None:
    """The memory that was written and the write, by the versions in the message if need be."""
    if found.write is not None:
        return found.address, found.write
    versions = re.search(r"is at version (\d+); expected version (\d+)", failed.message)
    return log.only(*map(int, versions.groups())) if versions else None


def _unused(failed: Failed, places: Places) -> Words | None:
    walked = failed.walked
    if walked is None:
        return None
    nodes = set(walked.nodes)
    names = []
    for one in failed.inputs:
        if isinstance(one, torch.Tensor) and _node(one) not in nodes:
            names.append(places.name_of(one, failed.frame) or "a tensor without a name")
    if not names:
        return None
    root = places.name_of(failed.roots[0], failed.frame) or _expression(failed)
    many = len(names) > 1
    return Words(
        f"{root} does not depend on {' and '.join(names)}.",
        f"No operation between them uses {'these' if many else 'it'}, so there is no path for a "
        "gradient.",
        f"Use {names[0]} in the forward pass, or ask with `allow_unused=True` and take None as 0.",
        failed.place,
    )


def _nan(failed: Failed, op: str, places: Places) -> Words | None:
    """Which call made the nan that anomaly mode has found; None where that is not known."""
    nodes = failed.walked.nodes if failed.walked else ()
    of_kind = [at for at, node in enumerate(nodes) if type(node).__name__ == op]
    # What it gave is looked at once it has run, so it is the last of its kind that has.
    ran = [at for at in of_kind if at in failed.ran] or of_kind[:1]
    note: Note | None = nodes[ran[-1]].metadata.get(NOTE_KEY) if ran else None
    place = places.named(note.line, note.file) if note else None
    if note is None or place is None:
        return None
    return Words(
        f"The derivative of `{note.expression or place.text}`, {place.said}, is nan.",
        "It is not finite at some number that went in, as that of sqrt and log at 0.",
        KEEP_AWAY,
        place,
    )


def _count(failed: Failed, places: Places) -> Words | None:
    pattern = r"function (\w+?)Backward returned .*expected (\d+), got (\d+)"
    found = re.search(pattern, failed.message)
    if found is None:
        return None
    name, expected, got = found.groups()
    place = backward_of(name, places) or failed.place
    nones = ", None" * max(int(expected) - int(got), 0)
    returned = place.text if place.text.startswith("return ") else "return …"
    return Words(
        f"{name}.backward returned {counted(int(got), 'gradient')} for "
        f"{counted(int(expected), 'argument')} of forward.",
        "It must return one for each argument after ctx, and None for those that need none.",
        f"Write `{returned}{nones}`." if nones else f"Return {expected} of them.",
        place,
    )


def _expression(failed: Failed) -> str:
    from_text = re.search(r"grad\(\s*([^,]+),", failed.place.text)
    return f"`{from_text.group(1)}`" if from_text else "the root"


def _node(tensor: torch.Tensor) -> Any:
    node = node_of(tensor)
    if node is not None:
        return node
    try:
        return walk(tensor).nodes[0]
    except NoGraphError:
        return None
