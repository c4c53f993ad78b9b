"""Optimizers that never step, though backward gives what they have a gradient in every pass."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import torch

from engine.script.checks.places import Place
from engine.script.checks.words import Words, listed
from engine.script.frames.untouched import attributes, is_a, made_by_script


class Unstepped:
    """Knows the optimizers among the variables of the first passes, and which of them have stepped.

    Of an optimizer it holds no more than torch itself lets everybody see.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, weakref.ref[torch.optim.Optimizer]]] = {}
        self._stepped: set[int] = set()

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer has stepped, wherever that was."""
        self._stepped.add(id(optimizer))

    def look(self, variables: Mapping[str, object]) -> None:
        """Find the optimizers among variables, and in objects of the script's own classes."""
        for name, thing in variables.items():
            held = attributes(thing) if made_by_script(type(thing)) else {}
            inside = ((f"{name}.{key}", one) for key, one in held.items())
            for path, one in chain([(name, thing)], inside):
                if is_a(one, torch.optim.Optimizer):
                    self._known.setdefault(id(one), (path, weakref.ref(one)))

    def ended(
        self, trained: Callable[[int], str | None], place: Place | None
    ) -> Iterator[tuple[str, Words]]:
        """Yield those that never stepped; `trained` names what gets a gradient and stays as it was.

        Parameters are given by their `id`; `place` is the line of the passes.
        """
        for key, (name, ref) in self._known.items():
            optimizer = ref()
            if optimizer is None or key in self._stepped or place is None:
                continue
            parameters = (one for group in optimizer.param_groups for one in group["params"])
            names = [found for one in parameters if (found := trained(id(one))) is not None]
            if names:
                yield "not stepped", _words(name, names, place)


def _words(name: str, names: list[str], place: Place) -> Words:
    return Words(
        f"{name} never steps: {listed(names)} {'keep' if len(names) > 1 else 'keeps'} the "
        "numbers of the beginning.",
        "backward only computes gradients; what changes parameters is the optimizer's step.",
        f"Call `{name}.step()` after every backward.",
        place,
    )
