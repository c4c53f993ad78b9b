"""Everything that looks for mistakes while a script runs: asked by the recorder, event by event."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from types import FrameType
from typing import Any, Concatenate, ParamSpec

import torch

from engine.autograd.capture import Walk
from engine.autograd.graph import Backward
from engine.autograd.quiet import node_of, quiet, requires_grad
from engine.recording.findings import Finding
from engine.recording.journal import Journal
from engine.recording.pass_table import PassChunk
from engine.script.checks.broadcasts import SPREAD_KEY, broadcasts, spread_of
from engine.script.checks.clipping import clipping, clips
from engine.script.checks.cuts import GRAD, MAKERS, PARTS, Cut, Cuts, name_of, tensors_in
from engine.script.checks.failed import Failed
from engine.script.checks.failed_passes import explained
from engine.script.checks.flat import flat
from engine.script.checks.grad_mode import SwitchedOff, by_statement, switched_off
from engine.script.checks.growth import LossGrowth
from engine.script.checks.hooks import hooks
from engine.script.checks.kept_graphs import KeptGraphs, mark
from engine.script.checks.leaves import leaves
from engine.script.checks.losses import losses
from engine.script.checks.not_finite import not_finite
from engine.script.checks.operands import refusal
from engine.script.checks.own_functions import own_functions
from engine.script.checks.places import Place, Places, Scope
from engine.script.checks.statements import statements
from engine.script.checks.steps import OptimizerSteps, watch_steps
from engine.script.checks.writes import UNCOUNTED, WriteLog
from engine.script.checks.zeroing import Zeroing
from engine.script.own_files import OwnFiles

Variables = Callable[[FrameType | None], Mapping[str, object]]
"""What a frame has in scope."""
P = ParamSpec("P")
Expression = Callable[[FrameType | None], str | None]
"""The source text that runs in a frame."""


def harmless(
    look: Callable[Concatenate[Checks, P], None],
) -> Callable[Concatenate[Checks, P], None]:
    """Return a method of `Checks` whose own errors are noted, and never become the script's."""

    @wraps(look)
    def guarded(checks: Checks, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            look(checks, *args, **kwargs)
        except Exception as error:
            checks.journal.note(f"a check could not be made: {type(error).__name__}")

    return guarded


class Checks:
    """Adds what is found to the journal; nothing here may ever become an error of the script."""

    def __init__(
        self,
        journal: Journal,
        files: OwnFiles,
        scope: Scope,
        variables: Variables,
        expression: Expression,
    ) -> None:
        self.journal = journal
        self._places = Places(files, scope)
        self._variables = variables
        self._expression = expression
        self._writes = WriteLog()
        self._cuts = Cuts()
        self._zeroing = Zeroing()
        self._kept_graphs = KeptGraphs()
        self._steps = OptimizerSteps()
        self._growth = LossGrowth()
        self._pass_place: Place | None = None
        """Of the pass that was seen last."""
        self._number = 0
        self._not_finite = False
        """Whether the first cause of what is not finite is known."""
        self._off: SwitchedOff | None = None
        """The statement that has switched grad mode off."""
        self._scaled = False
        """Whether the last pass began at a loss that a GradScaler has scaled."""
        self._parameters: dict[int, str] = {}
        """The names of parameters that optimizers have, by their `id`."""

    @contextmanager
    def optimizers_watched(self, is_open: Callable[[], bool]) -> Iterator[None]:
        """While entered, steps of torch's optimizers are seen where lines are recorded."""

        def hook(stepping: torch.optim.Optimizer, *_: Any) -> None:
            if is_open():
                self._stepped(stepping)

        handle = watch_steps(hook)
        try:
            yield
        finally:
            if handle is not None:
                handle.remove()

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
        if isinstance(result, torch.Tensor) and args:
            self._looked_at(func, args, result, frame)
        elif isinstance(result, tuple) and args:
            self._parted(func, args, result, frame)

    @harmless
    def differentiated(self, results: Any, frame: FrameType) -> None:
        """`autograd.grad` has given back gradients; those without a history have lost it there."""
        place = self._places.here(frame)
        if place is not None:
            cut = Cut(GRAD, self._expression(frame) or place.text, place)
            for one in tensors_in([results]):
                if not requires_grad(one):
                    self._cuts.cut(one, cut)

    @harmless
    def _stepped(self, stepping: torch.optim.Optimizer) -> None:
        frame = self._places.files.nearest(sys._getframe(1))
        place = self._places.here(frame)
        if place is None:
            return
        with quiet():
            parameters = [one for group in stepping.param_groups for one in group["params"]]
            moment = self.journal.moment_count
            self._add(self._steps.stepped(parameters, place, self._number, moment))
            self._add(self._zeroing.stepped(parameters))
        if not self._parameters:
            scope = self._places.scope(frame)
            self._parameters |= {id(tensor): name for name, tensor in reversed([*scope.items()])}

    @harmless
    def _switched(self, args: tuple[Any, ...], frame: FrameType) -> None:
        place = self._places.here(frame)
        if args and args[0]:
            self._off = None
        elif place is not None and "set_grad_enabled" in place.text and "with" not in place.text:
            self._off = by_statement(place)

    @harmless
    def _wrote(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], frame: FrameType) -> None:
        place = self._places.here(frame)
        written = kwargs.get("out", args[0] if args else None)
        if kwargs.get("inplace") is True and args:
            written = args[0]
        if place is not None and self._scaled and clips(frame):
            variables = self._variables(self._places.files.nearest(frame))
            moment = self.journal.moment_count
            self._add(clipping(variables, self._scaled, place, self._number, moment))
        if place is not None and written is not None:
            with quiet():
                self._writes.add(written, place, self._expression(frame))

    @harmless
    def _looked_at(
        self, func: Callable[..., Any], args: tuple[Any, ...], result: torch.Tensor, frame: Any
    ) -> None:
        if getattr(func, "__name__", "") == "requires_grad_":
            place = self._places.here(frame)
            if place is not None:
                self._cuts.tracked(result, self._places.name_of(result, frame), place)
            return
        if not requires_grad(result):
            self._cuts.add(func, args, result, lambda: self._expressed(frame))
            return
        if name_of(func) in MAKERS and any(map(requires_grad, tensors_in(args[:1]))):
            self._anew(func, result, frame)
        self._cuts.used(args)
        node = node_of(result)
        if node is None or len(args) < 2:
            return
        if isinstance(args[0], torch.Tensor) and isinstance(args[1], torch.Tensor):
            with quiet():
                spread = spread_of(func, args, self._places, frame)
            if spread is not None:
                node.metadata[SPREAD_KEY] = spread

    @harmless
    def _parted(
        self, func: Callable[..., Any], args: tuple[Any, ...], result: tuple[Any, ...], frame: Any
    ) -> None:
        """A call has given back several tensors, as values and where they are."""
        parts = [one for one in result[:PARTS] if isinstance(one, torch.Tensor)]
        if not all(map(requires_grad, parts)):
            for one in parts:
                if not requires_grad(one):
                    self._cuts.add(func, args, one, lambda: self._expressed(frame))

    def _anew(self, func: Callable[..., Any], result: torch.Tensor, frame: FrameType) -> None:
        """A leaf that requires grad was made of tensors with a history."""
        place = self._places.here(frame)
        if place is not None:
            self._cuts.cut(result, Cut(name_of(func), self._expression(frame) or place.text, place))

    def _expressed(self, frame: FrameType) -> tuple[str, Place, SwitchedOff | None] | None:
        place = self._places.here(frame)
        if place is None:
            return None
        off = switched_off(frame, self._places, self._off)
        return self._expression(frame) or place.text, place, off

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
        with quiet():
            found = refusal(func, str(error), args, self._expression(frame), self._places, frame)
        if found is not None:
            self._error(found.what, found.why, found.instead, place)

    @harmless
    def passed(
        self, walked: Walk, backward: Backward, number: int, frame: FrameType | None
    ) -> None:
        """A pass that is recorded deeply has ended, well or not."""
        place = self._places.here(frame)
        if place is None:
            return
        self._pass_place, self._number = place, number
        moment = self.journal.moment_count
        with quiet():
            self._add(broadcasts(walked, number, moment))
            live = {n.id: walked.nodes[n.id].variable for n in backward.graph.leaves}
            self._add(leaves(backward.graph, live, self._cuts, number, moment, place, self._places))
            self._add(flat(backward, number, moment, self._places))
            self._add(losses(backward.graph, number, moment, place, self._places))
            if not self._not_finite:
                found = list(not_finite(backward, number, moment, place, self._places, frame))
                self._not_finite = bool(found)
                self._add(found)
            self._add(hooks(backward, number, moment, self._places))
            self._add(own_functions(backward, number, moment, self._places))
            if backward.error is None:
                self._add(self._zeroing.after(backward, live, number, moment, place))
                self._steps.passed(backward, live, place, self._owned(frame))
            self._scaled = any("scale(" in (n.expression or "") for n in backward.graph.nodes[:2])
            if number:
                scope = self._places.scope(self._places.files.nearest(frame))
                self._add(self._kept_graphs.look(scope, number, moment, self._places))
            mark(walked, backward.graph, number, place)

    def _owned(self, frame: FrameType | None) -> Callable[[str], bool]:
        """Says of a name whether a module holds what is called so, in a frame's scope."""
        variables = self._variables(self._places.files.nearest(frame))

        def is_owned(name: str) -> bool:
            root, dot, _ = name.partition(".")
            return bool(dot) and issubclass(type(variables.get(root)), torch.nn.Module)

        return is_owned

    @harmless
    def failed(
        self,
        error: BaseException,
        roots: Sequence[torch.Tensor],
        inputs: Sequence[Any],
        walked: Walk | None,
        backward: Backward | None,
        frame: FrameType | None,
    ) -> None:
        """A pass has raised: say why, where that is known."""
        own = self._places.files.nearest(frame)
        place = self._places.here(own)
        if own is None or place is None:
            return
        ran = frozenset(one.node for one in backward.gradients) if backward else frozenset()
        failed = Failed(str(error), roots, inputs, walked, ran, own, place)
        # Not under `quiet`: grad mode is asked for as the script has it.
        found = explained(failed, self._places, self._writes, self._cuts, self._off)
        if found is not None:
            self._error(found.what, found.why, found.instead, found.place)

    @harmless
    def scalars(self, chunk: PassChunk) -> None:
        """The losses of further passes are known."""
        self._growth.add(chunk.loss, chunk.without_loss)

    @harmless
    def ended(self) -> None:
        """The script has ended: say what can be said only now."""
        moment = max(self.journal.moment_count - 1, 0)
        with quiet():
            self._add(
                self._steps.ended(self._parameters, self._cuts.only_used, self._number, moment)
            )
        self._add(self._growth.ended(self._pass_place, moment))
        files = self._places.files
        for file in range(files.count):
            found = statements(files.tree(file), file)
            self._add(replace(one, number=self._number, moment=moment) for one in found)

    def _error(self, what: str, why: str, instead: str, place: Place) -> None:
        self.journal.add_finding(
            Finding(
                "error",
                what,
                why,
                instead,
                line=place.line,
                file=place.file,
                number=self._number,
                moment=self.journal.moment_count,
            )
        )

    def _add(self, found: Iterable[Finding]) -> None:
        for one in found:
            self.journal.add_finding(one)
