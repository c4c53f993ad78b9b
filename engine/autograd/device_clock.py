"""How long a GPU works for each node of a backward pass, by events on its stream.

The CPU only hands the work over and goes on, so its own clock says nothing about a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


def recorded_event() -> Any:
    """Return an event that has been put on the current stream."""
    event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    event.record()
    return event


def is_on_gpu(leaves: Iterable[torch.Tensor]) -> bool:
    """Whether a pass to these leaves is work for a GPU that may be timed now.

    It may not be where the work is being captured into a CUDA graph.
    """
    return any(leaf.is_cuda for leaf in leaves) and not torch.cuda.is_current_stream_capturing()


class DeviceClock:
    """Puts an event before and after each look at a node; what is between two looks is work.

    Does nothing unless it `runs`. `event` records one.
    """

    def __init__(self, runs: bool, event: Callable[[], Any] = recorded_event) -> None:
        self.runs = runs
        self._event = event
        self._last: Any = None
        self._spans: list[tuple[Any, Any]] = []

    def begin(self) -> None:
        """The pass is about to run its first node."""
        self._last = self._stamp()

    def worked(self) -> None:
        """A node has been handed over whole, and is about to be looked at."""
        if self.runs:
            self._spans.append((self._last, self._stamp()))

    def looked(self) -> None:
        """It has been looked at; what comes is the next one's."""
        self._last = self._stamp()

    def _stamp(self) -> Any:
        """An event now; one that fails is the last, and never an error of the script's pass."""
        if not self.runs:
            return None
        try:
            return self._event()
        except RuntimeError:
            self.runs = False
            return None

    def seconds(self, count: int) -> list[float | None]:
        """Return the seconds of so many nodes, in their order; None: not known.

        Waits for the last event, whichever GPU it is on. Events of several streams cannot be told
        apart, and then nothing is known.
        """
        if not self.runs or not self._spans or len(self._spans) != count:
            return [None] * count
        try:
            self._spans[-1][1].synchronize()
            return [before.elapsed_time(after) / 1000 for before, after in self._spans]
        except RuntimeError:
            return [None] * count
