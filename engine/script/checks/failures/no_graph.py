"""Why a tensor that backward was called on has no history."""

from __future__ import annotations

from engine.autograd.quiet import live_grad
from engine.script.checks.cuts import CHECKPOINT, GRAD, GRAD_OF_NONE, MAKERS, Cut, Cuts
from engine.script.checks.failures.failed import Failed
from engine.script.checks.grad_mode import SwitchedOff, switched_off, switched_off_by_torch
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words


def no_graph(
    failed: Failed, places: Places, cuts: Cuts, statement: SwitchedOff | None
) -> Words | None:
    """Return why the root of a pass has no history; None where that was not seen."""
    root = failed.roots[0]
    name = places.name_of(root, failed.frame) or "the loss"
    cut = cuts.of(root)
    off = switched_off(failed.frame, places, statement) or (cut.off if cut else None)
    off = off or switched_off_by_torch(failed.frame, places)
    if off is not None:
        return Words(
            f"{name} has no graph: grad mode was off, by {off.what}, {off.place.said}.",
            "Under it nothing that is computed has a history.",
            off.instead,
            off.place,
        )
    if cut is not None:
        return _cut_off(name, cut)
    of = places.named_in(failed.frame, lambda one: live_grad(one) is root)
    if of is not None:
        return _no_second(name, f"{of}.grad", "backward", failed.place)
    late = cuts.late(root)
    if late is not None:
        which = late.name or "a tensor"
        return Words(
            f"{name} has no graph: {which} was made to require grad only at {late.place.said}, "
            "after the forward pass.",
            f"When {name} was computed nothing required grad, so nothing was recorded.",
            f"Set requires_grad before {name} is computed.",
            late.place,
        )
    return None


def _cut_off(name: str, cut: Cut) -> Words:
    """What is said of a tensor whose history a call has cut off."""
    call = f"`{cut.expression}`, {cut.place.said},"
    if cut.name == GRAD:
        return _no_second(name, call, GRAD, cut.place)
    if cut.name == GRAD_OF_NONE:
        return Words(
            f"{name} has no graph: {call} has no history, though one was asked for.",
            "The derivative of what is linear depends on nothing; and what a Function computes "
            "under once_differentiable is a plain number.",
            "Leave a constant out, or write the backward of the Function in torch's operations "
            "without once_differentiable.",
            cut.place,
        )
    if cut.name == CHECKPOINT:
        return Words(
            f"{name} has no graph: {call} was given no input that requires grad.",
            "With use_reentrant=True a checkpoint runs under no_grad, and only its inputs tell it "
            "that gradients are wanted.",
            "Write `checkpoint(…, use_reentrant=False)`.",
            cut.place,
        )
    if cut.name in MAKERS:
        return Words(
            f"{name} has no graph: {call} takes only the numbers of tensors that have a history.",
            "What is made of numbers has no history of its own.",
            "Write `torch.stack(…)` of them, which keeps it.",
            cut.place,
        )
    return Words(
        f"{name} has no graph: its history ends at `{cut.expression}`, {cut.place.said}.",
        f"What {cut.name} returns has no derivative, or none that autograd follows.",
        cut.instead_for(name),
        cut.place,
    )


def _no_second(name: str, made: str, by: str, place: Place) -> Words:
    """That a gradient has no history, for none was asked for."""
    return Words(
        f"{name} has no graph: {made} was computed without create_graph.",
        "Gradients are plain numbers, with no history of their own, unless one is asked for.",
        f"Write `{by}(…, create_graph=True)`, and then differentiate it again.",
        place,
    )
