"""Measuring two things fairly: warmed up, found to agree, and then in turn, A B A B.

In turn because a machine that is busy for a while is then busy for both. A peer that is not
installed, fails, or takes too long costs its own column, never ours.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.benchmarks.figures import Figure, Samples

REPETITIONS = 5
PATIENCE = 20.0
"""A peer that has taken so many seconds in all is not repeated any more."""

Sample = tuple[float, Any]
"""A number, seconds for the most part, and the result that it took."""
Sampler = Callable[[], Sample]
Same = Callable[[Any, Any], bool]
"""Whether our result and the peer's agree."""


class UnavailableError(Exception):
    """A peer that cannot be measured: one line that says why."""


class TooSlowError(Exception):
    """A peer that was stopped after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped after {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """Ours beside the peer's."""

    ours: Samples
    peer: Samples | None = None
    note: str = ""

    def on(self, figure: Figure) -> Figure:
        """The figure with these numbers."""
        return replace(figure, ours=self.ours, peer=self.peer, note=self.note or figure.note)


def timed(work: Callable[[], object]) -> Sampler:
    """Seconds of the wall clock that one call takes; what lies about is collected before."""

    def sample() -> Sample:
        gc.collect()
        began = time.perf_counter()
        result = work()
        return time.perf_counter() - began, result

    return sample


def per_second(count: float, work: Callable[[], object]) -> Sampler:
    """So many things a call, a second."""
    sample = timed(work)

    def rate() -> Sample:
        seconds, result = sample()
        return count / seconds, result

    return rate


def measure(
    ours: Sampler,
    peer: Sampler | None = None,
    same: Same = lambda ours, peer: True,
    repetitions: int = REPETITIONS,
) -> Measured:
    """Both once to warm up and to compare their results, then in turn.

    Raises ValueError where the results differ. A peer that is slow is repeated less often.
    """
    _, expected = ours()
    peers = _Peer(peer)
    if peers.going and not same(expected, peers.result):
        raise ValueError("our result and the peer's differ")
    mine = []
    for _ in range(repetitions):
        mine.append(ours()[0])
        peers.again()
    return Measured(Samples(tuple(mine)), peers.samples(), peers.note)


class _Peer:
    """The peer's column while it fills."""

    def __init__(self, sampler: Sampler | None) -> None:
        self._sampler = sampler
        self._values: list[float] = []
        self._spent = 0.0
        self._stopped: float | None = None
        self.note = ""
        self.result: object = None
        self._warm_up: float | None = None
        self.going = sampler is not None
        self._warm_up, self.result = self._take()

    def again(self) -> None:
        """Once more, unless it has used up its time or failed."""
        if self.going and self._spent <= PATIENCE:
            value, _ = self._take()
            if value is not None:
                self._values.append(value)

    def samples(self) -> Samples | None:
        """What there is; the warm-up itself where there was time for nothing more."""
        if self._stopped is not None:
            return Samples((self._stopped,), stopped=True)
        if not self.going or self._warm_up is None:
            return None
        return Samples(tuple(self._values) or (self._warm_up,))

    def _take(self) -> tuple[float | None, object]:
        if self._sampler is None or not self.going:
            return None, None
        began = time.perf_counter()
        try:
            return self._sampler()
        except TooSlowError as error:
            self._stopped, self.going = error.seconds, False
        except (UnavailableError, ImportError) as error:
            self.note, self.going = str(error), False
        finally:
            self._spent += time.perf_counter() - began
        return None, None
