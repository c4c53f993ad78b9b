"""What is wrong between ranks: one record a fault, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "reduced gradients differ",
    "parameters drift",
    "not reduced",
    "unused",
    "unequal shards",
    "same samples",
    "scales differ",
    "waiting",
    "died",
]
"""Which kind of fault: the last two are of the ranks, all others of parameters and passes."""


@dataclass(frozen=True, slots=True)
class RankFault:
    """One thing that is wrong between ranks; of each there is one, with its first pass."""

    kind: FaultKind
    ranks: tuple[int, ...]
    """Those that are at fault, or all that differ, in order."""
    leaves: tuple[str, ...]
    """The parameters that it is about, as in the scalars of passes; empty where about none."""
    number: int
    """The number of the first pass in which it occurred, from 0; -1 before the first."""
    what: str
    """One sentence that says what happened, with ranks and numbers."""
    why: str
    instead: str
    """One sentence that says what to write in its place, or where to look."""
    passes: int = 1
    """In how many of the recorded passes it occurred."""
    line: int = 0
    """The source line to look at, from 1; 0 where there is none."""
    file: str = ""
    """The name of its file, as in the recording's `files`."""

    @property
    def parameter(self) -> str:
        """The first of the parameters that it is about; empty where it is about none."""
        return self.leaves[0] if self.leaves else ""


def ranks_text(ranks: Sequence[int]) -> str:
    """Return ranks as one says them: `rank 2`, `ranks 0, 1 and 3`, `ranks 4 to 63`."""
    if len(ranks) == 1:
        return f"rank {ranks[0]}"
    if len(ranks) > 2 and list(ranks) == list(range(ranks[0], ranks[-1] + 1)):
        return f"ranks {ranks[0]} to {ranks[-1]}"
    shown = [str(rank) for rank in ranks]
    if len(shown) > 6:
        return f"ranks {', '.join(shown[:5])} and {len(shown) - 5} more"
    return f"ranks {', '.join(shown[:-1])} and {shown[-1]}"


def leaves_text(leaves: Sequence[str]) -> str:
    """Return names as one says them: `w`, `w and b`, `w, b and 3 more`."""
    if len(leaves) > 3:
        return f"{leaves[0]}, {leaves[1]} and {len(leaves) - 2} more"
    return " and ".join(filter(None, (", ".join(leaves[:-1]), leaves[-1])))


def percent(ratio: float) -> str:
    """Return a relative error as people read it: `1.4%`, `540%`, of a larger one `12 times`."""
    if ratio >= 10:
        return f"{ratio:.3g} times"
    return f"{ratio * 100:.2g}%" if ratio < 0.995 else f"{ratio * 100:.0f}%"
