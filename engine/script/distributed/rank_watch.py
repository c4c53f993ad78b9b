"""Seeing what the ranks of a script do together, from inside one of them.

Nothing of it changes what they do: no collective is called, no hook of DDP's is replaced, and what
is read is read on its own device and waited for later. All ranks record the same passes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

import torch
import torch.distributed as dist
from torch.optim.optimizer import register_optimizer_step_pre_hook

from engine.autograd.not_compiled import never_compile
from engine.autograd.quiet import device, quiet
from engine.recording.journal import Journal
from engine.recording.rank_records import RankPlace
from engine.script.distributed.collectives import Collectives, backend_of
from engine.script.distributed.data_parallel import NAME, DataParallel, Wrapped
from engine.script.distributed.followed_leaves import FollowedLeaves
from engine.script.distributed.local_gradients import LocalGradients
from engine.script.distributed.loss_samples import samples_of
from engine.script.distributed.loss_scale import LossScale
from engine.script.distributed.own_reductions import OwnReductions
from engine.script.distributed.pending_pass import PendingPass
from engine.script.distributed.rank_passes import rank_pass
from engine.script.frames.own_files import OwnFiles
from engine.script.passes.leaf_rows import LeafRows
from engine.script.passes.pass_scalars import Names
from engine.script.passes.passes import Run, inputs_of
from engine.script.unseen.compiled_calls import is_being_compiled
from engine.script.unseen.our_frames import calls_the_script

DENSE = 100_000
"""So many gradients of leaves are recorded of every pass, and then of ever fewer passes."""
DENSE_LEAST = 1_000
"""So many passes are always recorded one after the other."""


class RankWatch:
    """Follows one rank's part of a distributed run; nothing here ever becomes its error."""

    def __init__(
        self, place: RankPlace, files: OwnFiles, journal: Journal, names: Names, rows: LeafRows
    ) -> None:
        self._place = place
        self._files = files
        self._journal = journal
        self._process, self._thread = os.getpid(), threading.get_ident()
        self._leaves = FollowedLeaves(rows, names)
        self._own = OwnReductions(place.world_size, journal.note)
        self._scale = LossScale(self._now)
        self._collectives = Collectives(journal, files)
        self._collectives.around = self._own.around
        self._collectives.waited = self._own.waited
        self._wrapped = DataParallel(
            lambda name: self._collectives.lasting(name, sys._getframe(2)), journal.note
        )
        self._pending: PendingPass | None = None
        self._seen: list[PendingPass] = []
        """Of which the update has begun, not yet written."""
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._running = False
        self._steps = False
        """Whether an optimizer makes updates."""

    def watch(self) -> None:
        """See collectives, modules that are wrapped, and updates, from now on."""
        self._stack.enter_context(self._collectives.watched())
        self._stack.enter_context(self._wrapped.watched())
        self._stack.enter_context(self._scale.watched())
        self._stack.callback(register_optimizer_step_pre_hook(self._steps_now).remove)

    def forget(self) -> None:
        """See nothing any more, as in a process that the script has forked."""
        self._stack.close()

    def around(self, real: Run, number: Callable[[], int], is_deep: Callable[[], bool]) -> Run:
        """Return what runs a pass as `real` does, and sees what the ranks make of it."""

        @calls_the_script
        def run(roots: Sequence[torch.Tensor], *args: Any, **options: Any) -> Any:
            if self._running or not self._is_here() or is_being_compiled():
                return real(roots, *args, **options)
            self._running = True
            try:
                frame = self._files.nearest(sys._getframe(1))
                seen = self._guarded(self._begin, number(), roots, frame, is_deep())
                try:
                    with self._reducing(frame):
                        result = real(roots, *args, **options)
                finally:
                    if seen is not None:
                        seen.local.detach()
                if seen is not None:
                    self._guarded(self._end, seen, args, options, result)
                return result
            finally:
                self._running = False

        never_compile(run.__code__)
        return run

    def flush(self, *, last: bool = False) -> None:
        """Write what is new, from any thread; at `last` also the pass that no update followed."""
        if last and self._is_here():
            self._guarded(self._update_begins)
        self._collectives.write(last=last)
        with self._lock, quiet(), torch.inference_mode(False):
            count = len(self._seen)
            if count:
                size = self._place.world_size
                made = [self._guarded(rank_pass, one, size) for one in self._seen[:count]]
                del self._seen[:count]
                self._journal.add_rank_passes(tuple(one for one in made if one is not None))

    def dying(self) -> None:
        """Write what was reached last: the process may be about to end without a way back."""
        self._collectives.write(last=True)

    def _is_here(self) -> bool:
        return threading.get_ident() == self._thread and os.getpid() == self._process

    def _guarded(self, look: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with quiet():
                return look(*arguments)
        except Exception as error:
            self._journal.note(f"a rank could not be looked at: {type(error).__name__}")
            return None

    def _begin(
        self,
        number: int,
        roots: Sequence[torch.Tensor],
        frame: FrameType | None,
        deep: bool,
    ) -> PendingPass | None:
        self._update_begins()
        self._collectives.begun = number
        self._collectives.see_functional()
        if not deep and not recorded(number, len(self._leaves)):
            return None
        if number < 4 or number & (number - 1) == 0 or self._leaves.has_lost():
            wrapped = (one for module in self._wrapped.all() for one in module.parameters)
            self._leaves.find(roots, wrapped, frame)
        live = self._leaves.live()
        self._say_where(live[0][1] if live else None)
        local = LocalGradients([tensor for _, tensor in live], deep=deep)
        scale = self._scale.now()
        pending = PendingPass(
            number,
            deep,
            samples_of(roots[0], _known(scale)) if len(roots) == 1 else None,
            scale,
            live,
            local,
            [one for one in self._wrapped.all() if one.is_reducing and self._is_whole(one)],
        )
        self._own.passes(local)
        local.attach()  # last: hooks are taken away only from a pass that is seen
        return pending

    def _end(
        self, seen: PendingPass, args: Sequence[Any], options: Mapping[str, Any], result: Any
    ) -> None:
        if not options.get("accumulate_grad", True):
            self._returned(seen, args, options, result)
        by_hand = not self._steps
        seen.ended(by_hand=by_hand)
        self._own.copies = by_hand
        self._own.began(seen.left)
        self._pending = seen

    def _returned(
        self, seen: PendingPass, args: Sequence[Any], options: Mapping[str, Any], result: Any
    ) -> None:
        """Take the gradients that `autograd.grad` has given back."""
        inputs = inputs_of(args, options)
        positions = {id(tensor): at for at, (_, tensor) in enumerate(seen.leaves)}
        for tensor, gradient in zip(inputs, result, strict=False):
            position = positions.get(id(tensor))
            if position is not None and gradient is not None:
                seen.returned[position] = gradient
                seen.local.look(position, gradient)

    @contextmanager
    def _reducing(self, frame: FrameType | None) -> Iterator[None]:
        """While a pass runs in which DDP reduces, the ranks wait for each other."""
        if any(one.is_reducing for one in self._wrapped.all()):
            with self._collectives.lasting(f"all_reduce of {NAME}", frame):
                yield
        else:
            yield

    def _is_whole(self, wrapped: Wrapped) -> bool:
        """Whether a module is wrapped over all ranks; those of a group say nothing of others."""
        if wrapped.group_size == self._place.world_size:
            return True
        self._journal.note(
            f"{NAME} reduces over {wrapped.group_size} of {self._place.world_size} ranks: "
            "its gradients are not compared"
        )
        return False

    def _steps_now(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if self._is_here():
            self._steps = True
            self._guarded(self._leaves.stepped, optimizer)
            self._now()

    def _now(self) -> None:
        """An update is about to begin; shares are summed only while it runs."""
        if self._pending is not None and not self._pending.shares and not self._running:
            self._guarded(self._update_begins)

    def _update_begins(self) -> None:
        """Read what the last pass has become, once."""
        pending, self._pending = self._pending, None
        if pending is not None:
            size = self._place.world_size
            pending.update_begins(self._own.calls, size, by_hand=not self._steps)
            self._own.over()
            self._seen.append(pending)
            if self._own.in_part:
                self._journal.note("gradients that some ranks reduce among them are not compared")

    def _say_where(self, leaf: torch.Tensor | None) -> None:
        """Complete what is known of this rank's place."""
        place = self._place
        if not place.device and leaf is not None:
            place = replace(place, device=str(device(leaf)))
        if not place.backend and dist.is_initialized():
            place = replace(place, backend=backend_of(place.device))
        if place != self._place:
            self._place = place
            self._journal.set_place(place)


def _known(scale: torch.Tensor | None) -> float:
    """A scale as a number, where that waits for no device."""
    return float(scale) if scale is not None and scale.is_cpu else 1.0


def recorded(number: int, leaves: int) -> bool:
    """Whether the gradients of a pass are recorded: of all at first, then of ever fewer passes.

    It depends on nothing in which ranks may differ, so that all record the same.
    """
    dense = max(DENSE // max(leaves, 1), DENSE_LEAST)
    return number < dense or number % (1 << (number // dense).bit_length()) == 0
