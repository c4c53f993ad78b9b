"""Where each rank stands: running, waiting for the others, ended, or dead, and of what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import collective_place
from engine.recording.rank_records import Collective
from engine.recording.records import Recording

State = Literal["running", "ended", "stopped", "lost", "dead"]
"""Running; ended as it should; stopped from outside, as torchrun does to all when one has died;
lost the others, which is why it failed; or dead of itself."""

STOPPED = ("SIGTERM", "SIGINT", "SIGHUP", "SignalException", "KeyboardInterrupt")
"""What ends the other ranks, and what a user does to all of them."""
BETWEEN_TWO = re.compile("send|recv")
"""In the names of operations in which a rank waits for one other, not for all."""
_LOST = re.compile(
    r"connection (closed|reset|refused|was)|broken pipe|socket|timed? ?out|timeout|nccl|gloo"
    r"|process ?group|store->|heartbeat|watchdog",
    re.IGNORECASE,
)
_OF_OTHERS = ("DistBackendError", "DistNetworkError", "DistStoreError", "DistError")


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One rank, as far as it has come."""

    rank: int
    recording: Recording
    state: State
    waits_in: Collective | None
    """The collective that it has reached and that has not returned."""

    @property
    def number(self) -> int:
        """The number of the pass that it was in or had last; -1 before the first."""
        reached = self.recording.collective
        in_call = reached.number_of_pass if reached is not None else -1
        return max(self._done, in_call)

    @property
    def pass_text(self) -> str:
        """Where it is or was, by its passes: `in pass 3`, or `after pass 3` once that was over."""
        if self.number < 0:
            return "before the first pass"
        return f"{'in' if self.number > self._done else 'after'} pass {self.number:,}"

    @property
    def _done(self) -> int:
        """The number of the last pass that is over; -1 where none is."""
        last = self.recording.rank_passes[-1].number if len(self.recording.rank_passes) else -1
        return max(last, self.recording.passes.count - 1)

    @property
    def waiting_text(self) -> str:
        """Where it waits or was last, `in all_reduce at train.py:31, pass 3`."""
        one = self.recording.collective
        if one is None:
            return f"at pass {self.number:,}" if self.number >= 0 else "before its first pass"
        place = collective_place(self.recording, one)
        of = f"pass {one.number_of_pass:,}" if one.number_of_pass >= 0 else "before the first pass"
        return f"in {one.operation} at {place}, {of}"


def standings(run: DistributedRun) -> tuple[Standing, ...]:
    """Return where every rank stands that has a recording."""
    found = []
    for rank in run.present:
        recording = run.ranks[rank]
        assert recording is not None
        reached = recording.collective
        waits_in = None if reached is None or reached.ended else reached
        found.append(Standing(rank, recording, _state(recording, waits_in), waits_in))
    return tuple(found)


def _state(recording: Recording, waits_in: Collective | None) -> State:
    error = recording.error
    if recording.ending == "running":
        return "running"
    if recording.ending == "cancelled" or (error is not None and error.type in STOPPED):
        return "stopped"
    if recording.ending in ("bound", "time"):
        return "stopped"
    if error is None:
        return "dead" if recording.ending == "killed" else "ended"
    if error.type in _OF_OTHERS or (waits_in is not None and _LOST.search(error.message)):
        return "lost"
    return "lost" if error.type == "RuntimeError" and _LOST.search(error.message) else "dead"
