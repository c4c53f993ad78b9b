"""The trainer's thread: one piece of work at a time, whose messages carry its ticket."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from types import ModuleType
from typing import TYPE_CHECKING

from textual.message import Message

from tui.kit.text import reason
from tui.run.frame_pace import FramePace
from tui.run.iteration import Spot
from tui.run.messages import ProblemPrepared, ReadingAdvanced, RunAdvanced, TrainingFinished

if TYPE_CHECKING:
    from tui.run.trainer_tasks import Devices, Make, MakeProgress, Training

ERRORS = (RuntimeError, ValueError, MemoryError)
"""What work on a thread may raise, and what becomes one line for the user."""


class Work:
    """Owned by the trainer, on the UI thread: what it began before is over once more begins.

    `post` takes messages from any thread, and says whether anybody hears them; `start` runs a
    function on a thread of its own.
    """

    def __init__(
        self, post: Callable[[Message], bool], start: Callable[[Callable[[], None]], object]
    ) -> None:
        self.ticket = 0
        """The number of the work that counts."""
        self._post, self._start = post, start
        self._cancel = Event()

    @property
    def first(self) -> bool:
        """Whether there has been nothing else yet."""
        return self.ticket == 1

    @property
    def goes_on(self) -> bool:
        """Whether nobody has stopped it."""
        return not self._cancel.is_set()

    def stop(self) -> None:
        """Have the thread stop after the current iteration."""
        self._cancel.set()

    def begin(self) -> None:
        """Drop whatever runs in the background."""
        self._cancel.set()
        self._cancel = Event()
        self.ticket += 1

    def train(self, task: Training, here: Spot, pace: FramePace | None = None) -> None:
        """Begin to train from a spot, and post the spots on the way: all, or at a pace.

        The last one is always posted.
        """
        cancel, ticket = self._cancel, self.ticket

        def work() -> None:
            waiting: Spot | None = None
            try:
                for spot in task(here, cancel):
                    looked = spot.inside or (waiting and waiting.inside)
                    waiting = Spot(spot.run, looked)
                    if pace is None or pace.due():
                        if not self._post(RunAdvanced(waiting.run, waiting.inside, ticket)):
                            return  # the app is closing
                        waiting = None
                if waiting is not None:
                    self._post(RunAdvanced(waiting.run, waiting.inside, ticket))
            except ERRORS as error:
                self._post(TrainingFinished(ticket, f"training failed: {reason(error)}"))
            else:
                self._post(TrainingFinished(ticket))

        self._start(work)

    def prepare(
        self,
        make: Make,
        progress: MakeProgress,
        devices: Devices | None,
        spared: tuple[type[Exception], ...] = (),
    ) -> None:
        """Begin to make an experiment, and whatever is known of its current branch.

        After an error that is `spared` it can only be looked at. `progress` makes what tells how
        much of a file is read; `devices` returns the number of CUDA devices, None: those here.
        """
        cancelled, ticket = self._cancel.is_set, self.ticket

        def tell(words: str) -> None:
            self._post(ReadingAdvanced(words, ticket))

        def work() -> None:
            try:
                made, words = make(tell, cancelled)
                known: ProblemPrepared = tasks().prepared(
                    made,
                    words,
                    ticket,
                    tell,
                    cancelled,
                    progress,
                    devices,
                    spared,
                )
            except ERRORS as error:
                other = getattr(error, "table", None)
                self._post(TrainingFinished(ticket, reason(error), other))
            else:
                self._post(known)
                self._post(TrainingFinished(ticket))

        self._start(work)


def tasks() -> ModuleType:
    """The door to torch: what is trained and prepared is in a module that loads it."""
    from tui.run import trainer_tasks

    return trainer_tasks
