"""What optimizers step, and what they do not: parameters left out, and those without a gradient."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.optim import optimizer

from engine.autograd.graph import Backward
from engine.autograd.quiet import address_of, live_grad, requires_grad, version_of
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.recording.gradient_ledger import alike
from engine.script.checks.places import Place, listed

LEAST = 2
"""So many steps or passes must agree before anything is said."""
HELD_LIMIT = 20_000
"""Most parameters that are followed."""


@dataclass
class _Held:
    """A parameter that an optimizer has."""

    tensor: weakref.ref[torch.Tensor]
    place: Place
    steps: int = 0
    with_gradient: int = 0


@dataclass
class _Trained:
    """A parameter that a pass has given a gradient."""

    tensor: weakref.ref[torch.Tensor]
    name: str
    version: int
    value: Value | None
    place: Place
    passes: int = 0
    moved: bool = False


class OptimizerSteps:
    """Compares what passes give a gradient with what optimizers step, while lines are recorded."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._trained: dict[int, _Trained] = {}
        self._names: dict[int, str] = {}

    def stepped(
        self, parameters: list[torch.Tensor], place: Place, number: int, moment: int
    ) -> Iterator[Finding]:
        """An optimizer has stepped its parameters; call it under `quiet`."""
        memory: set[int] = set()
        shared = False
        for parameter in parameters:
            key = id(parameter)
            held = self._held.get(key)
            if held is None or held.tensor() is not parameter:
                if len(self._held) >= HELD_LIMIT:
                    return
                held = self._held[key] = _Held(weakref.ref(parameter), place)
                address = address_of(parameter)
                shared = shared or (address in memory and address != key)
                memory.add(address)
            held.steps += 1
            if live_grad(parameter) is not None or not requires_grad(parameter):
                held.with_gradient += 1
        if shared:
            yield Finding(
                "one memory",
                "An optimizer steps two leaves that share one memory.",
                "Each step of one changes the other too, so both go twice as far, and neither "
                "where its gradient points.",
                "Make the second one a copy, `.detach().clone().requires_grad_()`, or use one.",
                line=place.line,
                file=place.file,
                number=number,
                moment=moment,
            )

    def passed(self, backward: Backward, leaves: dict[int, torch.Tensor], place: Place) -> None:
        """A pass has ended; `leaves` are its live leaves by their position."""
        for gradient in backward.gradients:
            leaf = leaves.get(gradient.node)
            if leaf is None or type(leaf) is not torch.nn.Parameter:
                continue
            node = backward.graph.nodes[gradient.node]
            came = gradient.incoming[0] if gradient.incoming else None
            if came is None or came.is_zero:
                continue
            known = self._trained.get(id(leaf))
            if known is None or known.tensor() is not leaf:
                if node.name is None or len(self._trained) >= HELD_LIMIT:
                    continue
                known = self._trained[id(leaf)] = _Trained(
                    weakref.ref(leaf), node.name, version_of(leaf), node.value, place
                )
            known.passes += 1
            same = known.value is None or node.value is None or alike(known.value, node.value)
            known.moved = known.moved or not same or version_of(leaf) != known.version

    def ended(self, names: dict[int, str], number: int, moment: int) -> Iterator[Finding]:
        """What can be said of the whole run; `names` are those of parameters, by their `id`."""
        steps = max((held.steps for held in self._held.values()), default=0)
        if steps < LEAST:
            return
        where = {"number": number, "moment": moment}
        yield from self._left_out(where)
        yield from self._without_gradient(names, where)

    def _left_out(self, where: dict[str, int]) -> Iterator[Finding]:
        held = {key for key, one in self._held.items() if one.tensor() is not None}
        left = []
        for key, one in self._trained.items():
            tensor = one.tensor()
            if tensor is None or key in held or one.passes < LEAST or one.moved:
                continue
            if version_of(tensor) == one.version:
                left.append(one)
        if not left:
            return
        names = [one.name for one in left]
        listed_ones = any("[" in name for name in names)
        place = next(iter(self._held.values())).place
        yield Finding(
            "not stepped",
            f"No optimizer steps {listed(names)}, though backward gives "
            f"{'them gradients' if len(names) > 1 else 'it a gradient'}.",
            "A plain list hides modules from `parameters()`, so the optimizer never got them."
            if listed_ones
            else "They are not among the parameters that an optimizer was given.",
            "Keep them in an nn.ModuleList."
            if listed_ones
            else "Give the optimizer all of them, or set requires_grad_(False) on what is frozen.",
            line=place.line,
            file=place.file,
            **where,
        )

    def _without_gradient(self, names: dict[int, str], where: dict[str, int]) -> Iterator[Finding]:
        found: dict[Place, list[str]] = {}
        for key, one in self._held.items():
            tensor = one.tensor()
            if tensor is None or one.with_gradient or one.steps < LEAST:
                continue
            if live_grad(tensor) is None and requires_grad(tensor):
                found.setdefault(one.place, []).append(names.get(key, "a parameter without name"))
        for place, missing in found.items():
            many = len(missing) > 1
            yield Finding(
                "no gradient",
                f"{listed(missing)} never {'get' if many else 'gets'} a gradient, though an "
                "optimizer is to step it.".replace("step it", "step them" if many else "step it"),
                "No loss that backward was called on depends on "
                f"{'them' if many else 'it'}: the forward pass leaves {'them' if many else 'it'} "
                "out, or cuts the history off behind.",
                "Use it in the forward pass, or leave it out of the optimizer.",
                line=place.line,
                file=place.file,
                **where,
            )


def watch_steps(hook: Any) -> Any:
    """Have torch call `hook(optimizer, args, kwargs)` after every step; returns what ends that.

    None where this torch has no such hooks.
    """
    register = getattr(optimizer, "register_optimizer_step_post_hook", None)
    return None if register is None else register(hook)
