"""At most two points a column: as many as can be seen, and no extreme lost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def thin(xs: Floats, ys: Floats, known: Flags, edges: Sequence[float]) -> list[int]:
    """Which points to keep: the lowest and the highest of each column, in their order.

    `edges` are the columns' limits along x, which ascends; of what lies to the left or right
    only the points next to the frame are kept. Of what is not known one point stays: a gap.
    """
    import numpy as np

    starts = xs.searchsorted(edges)
    first, last = starts[0].item(), xs.searchsorted(edges[-1], "right").item()
    gaps = np.flatnonzero(known[1:] != known[:-1]) + 1
    bounds = np.unique(np.concatenate([[0], starts[:-1], [last], gaps, [len(xs)]])).tolist()
    kept: list[int] = []
    for start, end in pairwise(bounds):
        if not known[start]:
            kept.append(start)
        elif start < first:
            kept.append(end - 1)
        elif start >= last:
            kept.append(start)
        else:
            kept.extend(_extremes(ys[start:end], start))
    return kept


def _extremes(ys: Floats, start: int) -> Iterator[int]:
    """Where the lowest and the highest are, counted from `start`; one where they are the same."""
    return iter(sorted({start + ys.argmin().item(), start + ys.argmax().item()}))
