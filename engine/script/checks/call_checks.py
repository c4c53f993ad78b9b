"""What is looked at in every single call of torch, whether it returns or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from types import FrameType
from typing import Any

import torch

from engine.autograd.quiet import node_of, quiet, requires_grad
from engine.script.checks.broadcasts import SPREAD_KEY, spread_of
from engine.script.checks.cuts import GRAD, GRAD_OF_NONE, MAKERS, PARTS, Cut, tensors_in
from engine.script.checks.grad_mode import SwitchedOff, by_statement, switched_off
from engine.script.checks.optimizers.clipping import clipping, clips
from engine.script.checks.places import Place
from engine.script.checks.refused_calls.operands import refusal
from engine.script.checks.run_so_far import RunSoFar, harmless
from engine.script.checks.words import Words
from engine.script.checks.writes import UNCOUNTED


class CallChecks:
    """Follows tensors from call to call: where they are written, and where their history ends."""

    def __init__(self, run: RunSoFar) -> None:
        self.run = run
        self._places = run.places
        self._cuts = run.cuts

    def called(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None,
        result: Any,
        frame: FrameType,
        *,
        wrote: bool,
    ) -> None:
        """A call of torch has returned; `wrote`: it may have changed what it was given."""
        name = getattr(func, "__name__", "")
        if wrote and name not in UNCOUNTED:
            self._wrote(args, kwargs or {}, frame)
        if name == "_set_grad_enabled":
            self._switched(args, frame)
        try:  # and no `harmless` methods, which cost a call more: this is done for every call
            if isinstance(result, torch.Tensor) and args:
                self._looked_at(func, name, args, result, frame)
            elif isinstance(result, tuple) and args:
                self._parted(func, args, result, frame)
        except Exception as error:
            self.run.missed(error)

    @harmless
    def differentiated(
        self, args: tuple[Any, ...], kwargs: dict[str, Any] | None, results: Any, frame: FrameType
    ) -> None:
        """`autograd.grad` has given back gradients; those without a history have lost it there."""
        place = self._places.here(frame)
        if place is not None:
            given = signature(torch.autograd.grad).bind_partial(*args, **(kwargs or {})).arguments
            name = GRAD_OF_NONE if given.get("create_graph") else GRAD
            cut = Cut(name, self.run.expression(frame) or place.text, place)
            for one in tensors_in([results]):
                if not requires_grad(one):
                    self._cuts.cut(one, cut)

    @harmless
    def refused(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        error: Exception,
        frame: FrameType,
    ) -> None:
        """A call of torch has raised: say which of its tensors did not fit."""
        place = self._places.here(frame)
        if place is None:
            return
        expression = self.run.expression
        with quiet():
            found = refusal(func, str(error), args, expression(frame), self._places, frame)
        if found is not None:
            self.run.error(Words(*found, place))

    @harmless
    def _switched(self, args: tuple[Any, ...], frame: FrameType) -> None:
        place = self._places.here(frame)
        if args and args[0]:
            self.run.off = None
        elif place is not None and "set_grad_enabled" in place.text and "with" not in place.text:
            self.run.off = by_statement(place)

    @harmless
    def _wrote(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], frame: FrameType) -> None:
        run, place = self.run, self._places.here(frame)
        written = kwargs.get("out", args[0] if args else None)
        if kwargs.get("inplace") is True and args:
            written = args[0]
        if place is not None and run.scaled and clips(frame):
            variables = run.variables(self._places.files.nearest(frame))
            run.add(clipping(variables, place))
        if place is not None and written is not None:
            with quiet():
                run.writes.add(written, place)

    def _looked_at(
        self,
        func: Callable[..., Any],
        name: str,
        args: tuple[Any, ...],
        result: torch.Tensor,
        frame: FrameType,
    ) -> None:
        """A call has given back a tensor; `name` is the function's."""
        if name == "requires_grad_":
            place = self._places.here(frame)
            if place is not None:
                self._cuts.tracked(result, self._places.name_of(result, frame), place)
            return
        if not requires_grad(result):
            self._cuts.add(func, args, result, lambda: self._expressed(frame))
            return
        if name in MAKERS and _takes_numbers(args, result):
            self._anew(name, result, frame)
        self._cuts.used(args)
        node = node_of(result)
        if node is None or len(args) < 2:
            return
        if isinstance(args[0], torch.Tensor) and isinstance(args[1], torch.Tensor):
            with quiet():
                spread = spread_of(func, args, self._places, frame)
            if spread is not None:
                node.metadata[SPREAD_KEY] = spread

    def _parted(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        result: tuple[Any, ...],
        frame: FrameType,
    ) -> None:
        """A call has given back several tensors, as values and where they are."""
        parts = [one for one in result[:PARTS] if isinstance(one, torch.Tensor)]
        if not all(map(requires_grad, parts)):
            for one in parts:
                if not requires_grad(one):
                    self._cuts.add(func, args, one, lambda: self._expressed(frame))

    def _anew(self, name: str, result: torch.Tensor, frame: FrameType) -> None:
        """A leaf that requires grad was made of tensors with a history."""
        place = self._places.here(frame)
        if place is not None:
            expression = self.run.expression(frame) or place.text
            self._cuts.cut(result, Cut(name, expression, place))

    def _expressed(self, frame: FrameType) -> tuple[str, Place, SwitchedOff | None] | None:
        place = self._places.here(frame)
        if place is None:
            return None
        off = switched_off(frame, self._places, self.run.off)
        return self.run.expression(frame) or place.text, place, off


def _takes_numbers(args: tuple[Any, ...], result: torch.Tensor) -> bool:
    """Whether a tensor was made of others; `as_tensor` gives back a tensor as it is."""
    given = tensors_in(args[:1])
    return any(map(requires_grad, given)) and all(one is not result for one in given)
