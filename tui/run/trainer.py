"""The shared run: takes orders, trains in a thread worker, and publishes what comes of it.

There is one order at a time. While one is carried out any other pauses it, so a key held down
leaves no queue behind.
"""

from __future__ import annotations

import math
from threading import Event
from typing import TYPE_CHECKING

from textual import on, work
from textual.worker import get_current_worker

from engine.training.branches import replace_current
from tui.kit.frame_rate import LOCAL
from tui.kit.text import reason
from tui.run.iteration import Spot
from tui.run.messages import (
    BreakpointsChanged,
    CommandGiven,
    IterationWanted,
    PaceChanged,
    RunAdvanced,
    TrainingFinished,
)
from tui.run.preparing import Preparing

if TYPE_CHECKING:
    from tui.run.tasks import Act

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, None)
"""Iterations a second; None is flat out."""


class Training(Preparing):
    """Trains the run, one order at a time."""

    frame_seconds = LOCAL.shortest
    """Between two frames while a run goes on; more where the line to the terminal is slow."""

    @property
    def inside_is_seen(self) -> bool:
        """Whether anything on the screen shows `inside`."""
        return True

    @on(PaceChanged)
    def _change_pace(self, message: PaceChanged) -> None:
        message.stop()
        self.pace = other_pace(self.pace, message.by)
        if self.busy == "playing":
            self._train("playing", self.pace)

    @on(CommandGiven)
    def _obey(self, message: CommandGiven) -> None:
        message.stop()
        order = message.order
        if self.training is None or self.busy in ("preparing", "reading"):
            return
        if self.busy:
            self.pause()
        elif order == "run":
            self._train("running", None)
        elif order == "play":
            self._train("playing", self.pace)
        else:
            from tui.run import tasks

            self._begin("stepping", tasks.step(order))

    @on(IterationWanted)
    def _go_to(self, message: IterationWanted) -> None:
        message.stop()
        if self.experiment is not None and not self.busy:
            from tui.run import tasks

            furthest = self.experiment.branch.furthest
            self._begin("going", tasks.go_to(furthest, message.iteration))

    @on(BreakpointsChanged)
    def _take_breakpoints(self, message: BreakpointsChanged) -> None:
        message.stop()
        self.breakpoints = message.breakpoints

    def _train(self, busy: str, pace: float | None) -> None:
        from tui.run import tasks

        train = tasks.train(self.breakpoints, self.frame_seconds, pace, lambda: self.inside_is_seen)
        self._begin(busy, train)

    def _begin(self, busy: str, act: Act) -> None:
        if self.training is not None:
            self._new_order(busy)
            here = Spot(self.training, self.inside)
            self._work(act, here, self._cancel, self._ticket)

    @work(thread=True, group="training")
    def _work(self, act: Act, here: Spot, cancel: Event, ticket: int) -> None:
        worker = get_current_worker()
        try:
            for there in act(here, cancel):
                if worker.is_cancelled:
                    return
                self.post_message(RunAdvanced(there.run, there.inside, ticket))
        except (RuntimeError, ValueError, MemoryError) as error:
            self.post_message(TrainingFinished(ticket, f"training failed: {reason(error)}"))
        else:
            self.post_message(TrainingFinished(ticket))

    @on(RunAdvanced)
    def _take_run(self, message: RunAdvanced) -> None:
        message.stop()
        if message.ticket == self._ticket and self.experiment is not None:
            self.experiment = replace_current(self.experiment, message.run)
            self.training = message.run
            if message.inside is not None:
                self.inside = message.inside


def other_pace(pace: float | None, by: int) -> float | None:
    """The next faster pace (`by` above 0) or slower one; itself where there is none."""

    def speed(pace: float | None) -> float:
        return math.inf if pace is None else pace

    if by > 0:
        return next((other for other in PACES if speed(other) > speed(pace)), pace)
    return next((other for other in reversed(PACES) if speed(other) < speed(pace)), pace)
