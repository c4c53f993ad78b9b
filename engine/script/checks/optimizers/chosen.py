"""Parameters that a forward pass may choose among: members of a list or dict of modules.

The experts of a mixture, the heads of several tasks, layers that are dropped at random: of these
it is no mistake that some get no gradient in the passes seen. Where all others are run in every
pass, one after the other, nothing is chosen, and one is forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import nn

from engine.script.frames.module_tree import modules_in
from engine.script.frames.untouched import attributes, is_a, made_by_script

MANY = 5
"""In so many passes must the others be run before one is called forgotten."""
WALKS = 8
"""Most members of a container from which it is looked whether they follow each other."""
ALL_WALKS = 64
"""And most of all: each goes through a graph."""

_Member = tuple[int, int]
"""The `id` of a container, and which of its members."""


class Chosen:
    """Knows which parameters are in members of containers, of all modules among variables."""

    def __init__(self) -> None:
        self._members: dict[int, set[_Member]] = {}
        self._walked: dict[int, set[int]] = {}
        """By the `id` of a container, from which of its members it was looked."""
        self._walks = 0
        self._chained: set[int] = set()
        """The `id` of containers of which one member is run on what another has made."""

    def look(self, variables: Mapping[str, object]) -> None:
        """Find the containers in the modules of a scope, and in those that its objects have."""
        for thing in variables.values():
            roots = [thing] if is_a(thing, nn.Module) else [*attributes(thing).values()]
            for root in roots:
                if is_a(root, nn.Module):
                    self._look_into(root)

    def reached(self, one: int, before: Callable[[], Iterable[int]]) -> None:
        """A pass has reached a parameter, whose layer was run on what others `before` it made.

        Parameters are given by their `id`.
        """
        for container, at in self._members.get(one, ()):
            walked = self._walked.setdefault(container, set())
            if container in self._chained or at in walked or len(walked) >= WALKS:
                continue
            if self._walks == ALL_WALKS:
                return
            walked.add(at)
            self._walks += 1
            others = {member for other in before() for member in self._members.get(other, ())}
            if any(other[0] == container and other[1] != at for other in others):
                self._chained.add(container)

    def skipped(self, reached: Mapping[int, int]) -> Callable[[int], bool]:
        """Say of a parameter whether passes have reached other members in place of its own.

        Parameters are given by their `id`, those `reached` with the number of passes.
        """
        passes: dict[_Member, int] = {}
        for one, count in reached.items():
            for member in self._members.get(one, ()):
                passes[member] = max(count, passes.get(member, 0))
        counts: dict[int, set[int]] = defaultdict(set)
        for (container, _), count in passes.items():
            counts[container].add(count)
        in_all = {key for key, found in counts.items() if len(found) == 1 and min(found) >= MANY}
        chosen = counts.keys() - (in_all & self._chained)

        def is_skipped(one: int) -> bool:
            mine = self._members.get(one, ())
            return any(m not in passes and m[0] in chosen for m in mine)

        return is_skipped

    def _look_into(self, root: nn.Module) -> None:
        for branch in modules_in(root, made_by_script):
            whole = id(branch.module)
            if is_a(branch.module, nn.ModuleList) or is_a(branch.module, nn.ModuleDict):
                for at, part in enumerate(_held(branch.held, "_modules")):
                    if is_a(part, nn.Module):
                        for inner in modules_in(part, made_by_script):
                            self._add(inner.held, (whole, at))
            elif is_a(branch.module, nn.ParameterList) or is_a(branch.module, nn.ParameterDict):
                for at, one in enumerate(_held(branch.held, "_parameters")):
                    self._members.setdefault(id(one), set()).add((whole, at))

    def _add(self, held: Mapping[str, object], member: _Member) -> None:
        for one in _held(held, "_parameters"):
            if is_a(one, torch.Tensor):
                self._members.setdefault(id(one), set()).add(member)


def _held(held: Mapping[str, object], kind: str) -> Iterator[object]:
    named = held.get(kind)
    if is_a(named, dict):
        yield from named.values()
