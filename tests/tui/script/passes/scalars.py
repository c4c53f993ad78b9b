"""Scalars of passes, made without running anything."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import PassTable


def scalars(
    losses: Sequence[float], leaves: Sequence[str] = ("w", "b"), *, broken: int | None = None
) -> PassTable:
    """A table in which leaf k has the value k + 1, the gradient of ten times that over the number
    of the pass, and an update of a thousandth; from the pass `broken` on none is finite.
    """
    norms = array("f")
    for number in range(len(losses)):
        for k in range(1, len(leaves) + 1):
            row = (float(k), 10.0 * k / (number + 1), k / 1000)
            norms.extend(
                [math.inf, math.nan, math.nan] if broken is not None and number >= broken else row
            )
    count = len(losses)
    return PassTable(
        [
            PassChunk(
                0,
                array("d", losses),
                tuple(leaves),
                array("q", range(count)),
                norms,
                (("i", tuple(range(count))),),
            )
        ]
    )
