"""What is looked at in backward passes, one by one and, when the script has ended, together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import torch

from engine.autograd.capture import Walk
from engine.autograd.graph import Backward
from engine.autograd.quiet import live_grad, quiet, requires_grad
from engine.recording.pass_chunk import PassChunk
from engine.script.checks.broadcasts import broadcasts
from engine.script.checks.failures.failed import Failed
from engine.script.checks.failures.failed_passes import explained
from engine.script.checks.grown_graphs import GrownGraphs
from engine.script.checks.kept_graphs import KeptGraphs, mark
from engine.script.checks.losses import losses
from engine.script.checks.lost_gradients.flat import flat
from engine.script.checks.lost_gradients.hooks import hooks
from engine.script.checks.lost_gradients.leaves import leaves
from engine.script.checks.lost_gradients.own_functions import own_functions
from engine.script.checks.numbers.ascents import ascents
from engine.script.checks.numbers.growth import LossGrowth
from engine.script.checks.numbers.not_finite import not_finite
from engine.script.checks.optimizers.optimizer_checks import OptimizerChecks
from engine.script.checks.places import Place
from engine.script.checks.run_so_far import RunSoFar, harmless
from engine.script.checks.statements import NOT_CALLED, statements


class PassChecks:
    """Asks one check after the other about a pass, and tells the optimizers' that it has ended."""

    def __init__(self, run: RunSoFar, optimizers: OptimizerChecks) -> None:
        self.run = run
        self._optimizers = optimizers
        self._kept_graphs = KeptGraphs()
        self._grown_graphs = GrownGraphs()
        self._growth = LossGrowth()
        self._place: Place | None = None
        """Of the pass that was seen last."""
        self._not_finite = False
        """Whether the first cause of what is not finite is known."""

    @harmless
    def passed(
        self,
        walked: Walk,
        backward: Backward,
        number: int,
        frame: FrameType | None,
        inputs: Sequence[Any],
    ) -> None:
        """A pass that is recorded deeply has ended, well or not.

        One with `inputs` returns their gradients, and fills no `.grad`.
        """
        run, places = self.run, self.run.places
        place = places.here(frame)
        if place is None:
            return
        self._place, run.number = place, number
        with quiet():
            run.add(broadcasts(walked))
            live = {n.id: walked.nodes[n.id].variable for n in backward.graph.leaves}
            run.add(leaves(backward.graph, live, run.cuts, place, places))
            run.add(flat(backward, places))
            run.add(losses(backward.graph, place, places))
            if not self._not_finite:
                found = list(not_finite(backward, number, place, places, frame))
                self._not_finite = bool(found)
                run.add(found)
            run.add(hooks(backward, places))
            for one, behind in own_functions(backward, live, places):
                run.add([one])
                self._optimizers.explained(behind)
            if backward.error is None:
                self._optimizers.passed(backward, live, place, frame, inputs)
            run.scaled = any("scale(" in (n.expression or "") for n in backward.graph.nodes[:2])
            if number:
                scope = places.scope(places.files.nearest(frame))
                run.add(self._kept_graphs.look(scope, places))
            if not inputs and not _is_differentiated(live):
                run.add(self._grown_graphs.look(walked, backward.graph, number, place))
            mark(walked, backward.graph, number, place)

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
        run = self.run
        own = run.places.files.nearest(frame)
        place = run.places.here(own)
        if own is None or place is None:
            return
        ran = frozenset(one.node for one in backward.gradients) if backward else frozenset()
        failed = Failed(str(error), roots, inputs, walked, ran, own, place)
        # Not under `quiet`: grad mode is asked for as the script has it.
        found = explained(failed, run.places, run.writes, run.cuts, run.off)
        if found is not None:
            run.error(found)

    @harmless
    def scalars(self, chunk: PassChunk) -> None:
        """The losses of further passes are known."""
        self._growth.add(chunk.loss, chunk.without_loss)

    @harmless
    def ended(self) -> None:
        """The script has ended: say what can be said only now."""
        run = self.run
        moment = max(run.journal.moment_count - 1, 0)
        files = run.places.files
        found = [one for file in range(files.count) for one in statements(files.nodes(file), file)]
        uncalled = any(one.kind == NOT_CALLED for one in found)
        with quiet():
            self._optimizers.ended(moment, self._place, uncalled=uncalled)
        if not self._optimizers.maximize:
            run.add_dated(self._growth.ended(self._place, moment, self._uphill))
        run.add(found, moment)

    def _uphill(self) -> Place | None:
        """The first line that adds a gradient to what it is of."""
        places = self.run.places
        for file in range(places.files.count):
            for ascent in ascents(places.files.nodes(file)):
                return places.of(ascent.line, file)._replace(text=ascent.text)
        return None


def _is_differentiated(leaves: Mapping[int, torch.Tensor]) -> bool:
    """Whether gradients have a history of their own, by `create_graph`: graphs are to be kept."""
    grads = map(live_grad, leaves.values())
    return any(grad is not None and requires_grad(grad) for grad in grads)
