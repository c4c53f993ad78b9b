"""What optimizers step, and what they do not: parameters left out, and those without a gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch

from engine.autograd.graph import Backward, Graph, Node
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import address_of, live_grad, offset_of, requires_grad, version_of
from engine.recording.findings import Finding
from engine.recording.gradient_ledger import alike
from engine.script.checks.cuts import Cut
from engine.script.checks.lost_gradients.leaves import leaves_behind
from engine.script.checks.optimizers import step_words
from engine.script.checks.optimizers.chosen import Chosen
from engine.script.checks.optimizers.followed import Held, Trained
from engine.script.checks.places import Place
from engine.script.checks.words import Words

LEAST = 2
"""So many steps or passes must agree before anything is said."""
MANY = 3
"""So many passes, where no step has been seen that tells what is trained."""
HELD_LIMIT = 20_000
"""Most parameters that are followed."""


class OptimizerSteps:
    """Compares what passes give a gradient with what optimizers step, while lines are recorded."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._trained: dict[int, Trained] = {}
        self._passes = 0
        self.explained: set[int] = set()
        """The `id` of parameters of which it has been said why they get no gradient."""
        self.asked_for: set[int] = set()
        """The `id` of tensors whose gradients passes have returned: data may be among them."""
        self.chosen = Chosen()

    def stepped(self, parameters: list[torch.Tensor], place: Place) -> Iterator[Finding]:
        """An optimizer has stepped its parameters; call it under `quiet`."""
        memory: set[tuple[int, int]] = set()
        shared = False
        for parameter in parameters:
            key = id(parameter)
            held = self._held.get(key)
            if held is None or held.tensor() is not parameter:
                if len(self._held) >= HELD_LIMIT:
                    return
                held = self._held[key] = Held(OwnRef(parameter), place)
                address = address_of(parameter)
                if address != key:
                    # Leaves may well be parts of one vector, each after the other.
                    start = address, offset_of(parameter)
                    shared = shared or start in memory
                    memory.add(start)
            held.steps += 1
            if live_grad(parameter) is not None or not requires_grad(parameter):
                held.with_gradient += 1
        if shared:
            yield step_words.shared(place).finding("one memory")

    def passed(
        self,
        backward: Backward,
        leaves: dict[int, torch.Tensor],
        place: Place,
        is_owned: Callable[[str], bool],
    ) -> None:
        """A pass has ended; `leaves` are its live leaves by their position.

        Inputs may require grad too: parameters are what is one, and what by its name `is_owned`
        by a module.
        """
        self._passes += 1
        for gradient in backward.gradients:
            leaf = leaves.get(gradient.node)
            node = backward.graph.nodes[gradient.node]
            if leaf is None or not (
                type(leaf) is torch.nn.Parameter or (node.name and is_owned(node.name))
            ):
                continue
            came = gradient.incoming[0] if gradient.incoming else None
            if came is None or came.is_zero:
                continue
            known = self._known(leaf, node, place)
            before = partial(_before, backward.graph, node, leaves)
            if known is not None and not known.passes and "[" in known.name:
                known.behind = frozenset(before())
            self.chosen.reached(id(leaf), before)
            if known is not None:
                known.passes += 1
                same = known.value is None or node.value is None or alike(known.value, node.value)
                known.moved = known.moved or not same or version_of(leaf) != known.version

    def _known(self, leaf: torch.Tensor, node: Node, place: Place) -> Trained | None:
        """What is known of a leaf, from now on at the latest; None where that is nothing."""
        known = self._trained.get(id(leaf))
        if known is not None and known.tensor() is leaf:
            return known
        if node.name is None or len(self._trained) >= HELD_LIMIT:
            return None
        is_parameter = issubclass(type(leaf), torch.nn.Parameter)
        version = version_of(leaf)
        known = Trained(OwnRef(leaf), node.name, version, node.value, place, is_parameter)
        self._trained[id(leaf)] = known
        return known

    def left(self, key: int) -> str | None:
        """The name of a parameter, by its `id`, that gets gradients and has never changed."""
        one = self._trained.get(key)
        if one is None or one.passes < MANY or not one.is_as_it_was:
            return None
        return one.name

    def ended(self, names: dict[int, str], cut: Cut | None) -> Iterator[Finding]:
        """Yield what is wrong in the whole run; `names` are those of parameters, by their `id`.

        `cut` is the only call that has cut a history off that was used on.
        """
        for kind, words in self._said(names, cut):
            yield words.finding(kind)

    def _said(self, names: dict[int, str], cut: Cut | None) -> Iterator[tuple[str, Words]]:
        """What is said of the whole run, and of which kind each is."""
        if max((held.steps for held in self._held.values()), default=0) < LEAST:
            return
        place = next(iter(self._held.values())).place
        orphans = [key for key in self._held if self._is_orphan(key)]
        instead = [names[key] for key in orphans if key in names]
        left = self._left_out(bool(orphans), names)
        if left:
            missing = [one.name for one in left]
            plain = not any(one.is_parameter for one in left)
            words = step_words.left_out(place, missing, instead, plain=plain)
            yield "not stepped", words
        if not (left and instead):
            found = [*self._without_gradient(names, cut)]
            yield from found
            if not (left or found) and self._passes and len(orphans) == len(self._held):
                yield "no gradient", step_words.alone(place)

    def _left_out(self, orphans: bool, names: dict[int, str]) -> list[Trained]:
        """Parameters in plain containers, and of those that came too late.

        That somebody trains only a part of what gets gradients is no mistake. Outside of the
        containers that an object has only such count as came where there are `orphans`, or in a
        list before all that is trained, so that no gradient is wanted behind it; and in containers
        only where the optimizer has nothing else of the same one: who chose from it has not
        overlooked it. A plain tensor in a module counts, unless it is data, whose gradients a
        pass was asked for.
        """
        known = [*(names[key] for key in self._held if key in names)]
        known += [self._trained[key].name for key in self._held if key in self._trained]
        chosen = {_container(name) for name in known} - {""}
        return [
            one
            for key, one in self._trained.items()
            if key not in self._held
            and one.passes >= LEAST
            and one.is_as_it_was
            and (
                orphans
                or "." in _container(one.name)
                or self._is_first(one)
                or not (one.is_parameter or key in self.asked_for)
            )
            and _container(one.name) not in chosen
        ]

    def _is_first(self, one: Trained) -> bool:
        """Whether a parameter is in a list, and before all that is stepped."""
        return bool(_container(one.name)) and one.behind.isdisjoint(self._held)

    def _is_orphan(self, key: int) -> bool:
        """Whether a parameter is stepped that no backward pass has reached."""
        held = self._held[key]
        known = key in self._trained or key in self.explained
        return held.steps >= LEAST and not held.with_gradient and not known

    def _without_gradient(
        self, names: dict[int, str], cut: Cut | None
    ) -> Iterator[tuple[str, Words]]:
        """Parameters that are stepped without a gradient: zeroed before, or never reached."""
        found: dict[tuple[Place, bool], list[str]] = {}
        reached = {key: 0 for key, one in self._held.items() if one.with_gradient}
        reached |= {key: one.passes for key, one in self._trained.items()}
        is_skipped = self.chosen.skipped(reached)
        for key, one in self._held.items():
            tensor = one.tensor()
            if tensor is None or one.with_gradient or one.steps < LEAST or key in self.explained:
                continue
            if live_grad(tensor) is None and requires_grad(tensor):
                trained = key in self._trained
                if not trained and is_skipped(key):
                    continue
                if trained and self._trained[key].moved:
                    continue  # the step itself has zeroed it, when all was done
                if trained or key in names:
                    found.setdefault((one.place, trained), []).append(
                        self._trained[key].name if trained else names[key]
                    )
        for (place, trained), missing in found.items():
            if trained:
                yield "zeroed too early", step_words.zeroed(place, missing)
            else:
                yield "no gradient", step_words.unreached(place, missing, cut)


def _before(graph: Graph, leaf: Node, live: dict[int, torch.Tensor]) -> Iterator[int]:
    """The `id` of the leaves that what uses a leaf, but for its shape, is computed from besides."""
    node, others = leaf.id, [leaf.id]
    while others == [leaf.id] and graph.out_of[node]:
        node = graph.out_of[node][0].target
        others = leaves_behind(graph, node)
    yield from (id(live[one]) for one in others if one in live and one != leaf.id)


def _container(name: str) -> str:
    """The container that a parameter is in by its name, as `nets` of `nets["a"].bias`, or ""."""
    container, bracket, _ = name.partition("[")
    return container if bracket else ""
