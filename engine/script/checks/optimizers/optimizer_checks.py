"""What is looked at when an optimizer steps: whether a pass gave a gradient to what it steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from torch.optim import optimizer

from engine.autograd.graph import Backward
from engine.autograd.quiet import quiet
from engine.script.checks.optimizers.steps import OptimizerSteps
from engine.script.checks.optimizers.unstepped import Unstepped
from engine.script.checks.optimizers.zeroing import Zeroing
from engine.script.checks.places import Place
from engine.script.checks.run_so_far import RunSoFar, harmless

LOOKED_AT = 3
"""In the variables of so many passes optimizers are looked for."""


class OptimizerChecks:
    """Compares the steps of torch's optimizers with the passes around them."""

    def __init__(self, run: RunSoFar) -> None:
        self.run = run
        self._zeroing = Zeroing()
        self._steps = OptimizerSteps()
        self._unstepped = Unstepped()
        self._parameters: dict[int, str] = {}
        """The names of parameters that optimizers have, by their `id`."""
        self.maximize = False
        """Whether an optimizer is told to make its loss large."""

    @contextmanager
    def watched(self, is_open: Callable[[], bool]) -> Iterator[None]:
        """While entered, steps of torch's optimizers are seen where lines are recorded."""

        def hook(stepping: torch.optim.Optimizer, *_: Any) -> None:
            self._unstepped.stepped(stepping)
            if is_open():
                self._stepped(stepping)

        handle = _hook_steps(hook)
        try:
            yield
        finally:
            if handle is not None:
                handle.remove()

    def passed(
        self,
        backward: Backward,
        live: dict[int, torch.Tensor],
        place: Place,
        frame: FrameType | None,
        inputs: Sequence[Any],
    ) -> None:
        """The pass of this number has ended well; `live` are its leaves by their position.

        Of its `inputs` it has returned the gradients.
        """
        run = self.run
        if run.number < LOOKED_AT:
            self._unstepped.look(run.variables(frame))
        self._steps.asked_for.update(map(id, inputs))
        number, moment = run.number, run.journal.moment_count
        run.add_dated(self._zeroing.after(backward, live, number, moment, place))
        self._steps.passed(backward, live, place, self._owned(frame))

    def explained(self, tensors: Iterable[torch.Tensor]) -> None:
        """It has been said why these get no gradient."""
        self._steps.explained.update(map(id, tensors))

    def ended(self, moment: int, place: Place | None, *, uncalled: bool) -> None:
        """The script has ended; call it under `quiet`.

        `place` is the line of the passes; where a method is `uncalled` by it, that is why.
        """
        run = self.run
        run.add(self._steps.ended(self._parameters, run.cuts.only_used), moment)
        if not (uncalled or run.scaled):
            for kind, words in self._unstepped.ended(self._steps.left, place):
                run.add([words.finding(kind)], moment)

    @harmless
    def _stepped(self, stepping: torch.optim.Optimizer) -> None:
        run = self.run
        frame = run.places.files.nearest(sys._getframe(1))
        place = run.places.here(frame)
        if place is None:
            return
        with quiet():
            parameters = [one for group in stepping.param_groups for one in group["params"]]
            self.maximize |= any(group.get("maximize") is True for group in stepping.param_groups)
            run.add(self._steps.stepped(parameters, place))
            run.add_dated(self._zeroing.stepped(parameters))
        if not self._parameters:
            scope = run.places.scope(frame)
            self._parameters |= {id(tensor): name for name, tensor in reversed([*scope.items()])}
            self._steps.chosen.look(run.variables(frame))

    def _owned(self, frame: FrameType | None) -> Callable[[str], bool]:
        """Says of a name whether a module holds what is called so, in a frame's scope."""
        variables = self.run.variables(self.run.places.files.nearest(frame))

        def is_owned(name: str) -> bool:
            root, dot, _ = name.partition(".")
            return bool(dot) and issubclass(type(variables.get(root)), torch.nn.Module)

        return is_owned


def _hook_steps(hook: Any) -> Any:
    """Have torch call `hook(optimizer, args, kwargs)` after every step; returns what ends that.

    None where this torch has no such hooks.
    """
    register = getattr(optimizer, "register_optimizer_step_post_hook", None)
    return None if register is None else register(hook)
