"""What is said of parameters that are stepped in vain, and of those that are not stepped."""

from __future__ import annotations

from collections.abc import Set

from engine.script.checks.cuts import Cut
from engine.script.checks.places import Place
from engine.script.checks.words import Words, listed


def shared(place: Place) -> Words:
    """Return what is said of two leaves that share one memory."""
    return Words(
        "An optimizer steps two leaves that share one memory.",
        "Each step of one changes the other too, so both go twice as far, and neither where its "
        "gradient points.",
        "Make the second one a copy, `.detach().clone().requires_grad_()`, or use one.",
        place,
    )


def alone(place: Place) -> Words:
    """Return what is said where no optimizer has anything that a pass reaches."""
    return Words(
        "Nothing that an optimizer steps ever gets a gradient.",
        "Its parameters are tensors of their own: no loss that backward was called on was "
        "computed from them. `.detach()` and `.clone()` make others than the names stand for.",
        "Give the optimizer the tensors themselves that the forward pass uses.",
        place,
    )


def left_out(place: Place, names: list[str], instead: list[str], *, plain: bool) -> Words:
    """Return what is said of parameters that none steps; `instead` are those that one has.

    `plain`: they are no nn.Parameter.
    """
    them = "them" if len(names) > 1 else "it"
    what = f"No optimizer steps {listed(names)}, though backward gives {them} a gradient."
    lists = {name.partition("[")[0] for name in names if "[" in name}
    if lists:
        return Words(what, *_in_containers(lists), place)
    if plain:
        return Words(
            what,
            "A module finds what is an nn.Parameter; a plain tensor is none, whatever it requires.",
            f"Write `self.{names[0].rpartition('.')[2]} = nn.Parameter(…)`.",
            place,
        )
    if instead:
        root = names[0].rpartition(".")[0]
        given = f"`{root}.parameters()`" if root else listed(names)
        return Words(
            what,
            f"The optimizer has {listed(instead)} instead, which no loss depends on.",
            f"Give the optimizer {given}.",
            place,
        )
    return Words(
        what,
        "It still has the parameters that were there before, which get none any more.",
        "Make the optimizer after the last layer has been added or replaced.",
        place,
    )


def _in_containers(lists: Set[str]) -> tuple[str, str]:
    """Why no optimizer has what is in plain containers of these names, and what to write."""
    one = min(lists)
    if any("." in name for name in lists):
        return (
            "A plain list or dict hides what is in it from `parameters()`, so the optimizer never "
            "got it.",
            "Keep modules in an nn.ModuleList or ModuleDict, parameters in an nn.ParameterList.",
        )
    return (
        f"It got the parameters of other modules, and none of those in {one}, which is no "
        "module itself.",
        f"Make {one} an nn.ModuleList (or ModuleDict) and give the optimizer "
        f"`{one}.parameters()` too; or, if {one} is to stay as it is, call "
        "`requires_grad_(False)` on what is in it.",
    )


def zeroed(place: Place, names: list[str]) -> Words:
    """Return what is said of parameters whose gradient is gone when they are stepped."""
    return Words(
        f"When the optimizer steps, the gradients of {listed(names)} are gone.",
        "backward has filled them, and something has zeroed them before the step, so nothing is "
        "learnt.",
        "Call `zero_grad()` before backward or after the step, not in between.",
        place,
    )


def unreached(place: Place, names: list[str], cut: Cut | None) -> Words:
    """Return what is said of parameters that no pass reaches; `cut`: a call that may be why."""
    many = len(names) > 1
    them = "them" if many else "it"
    what = f"{listed(names)} never {'get' if many else 'gets'} a gradient, though an optimizer is "
    if cut is not None and cut.off is not None:
        off = cut.off
        return Words(
            f"{what}to step {them}: `{cut.expression}`, {cut.place.said}, ran with grad mode off, "
            f"by {off.what}, {off.place.said}.",
            "Under it nothing that is computed has a history, and the loss is computed from that.",
            off.instead,
            off.place,
        )
    if cut is not None:
        return Words(
            f"{what}to step {them}: history ends at `{cut.expression}`, {cut.place.said}.",
            f"What {cut.name} returns has no history, and the loss is computed from that.",
            f"Compute it without {cut.name}, or take {them} out of the optimizer.",
            cut.place,
        )
    return Words(
        f"{what}to step {them}.",
        f"No loss that backward was called on depends on {them}: the forward pass leaves {them} "
        "out, or cuts the history off behind.",
        f"Use {them} in the forward pass, or leave {them} out of the optimizer.",
        place,
    )
