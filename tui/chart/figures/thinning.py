"""As many points as can be seen: two a column and no extreme lost, or one a pixel of a path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tui.chart.figures.axes import Floats, Pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Ascending = Floats | NDArray[np.int64] | range


def thin(xs: Ascending, ys: Floats, known: Flags, edges: Sequence[float]) -> list[int]:
    """Return which points to keep: the lowest and the highest of each column.

    `edges` are the columns' limits along x, which ascends; of what lies to the left or right
    only the points next to the frame are kept. Of what is not known one point stays: a gap.
    """
    starts, last = _places(xs, edges)
    first = starts[0].item()
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
            kept += _extremes(ys, start, end, kept[-1] if kept else start)
    return kept


def moving(xs: Pixels, ys: Pixels) -> Flags:
    """Return which points of a path to keep: where it comes into a pixel, and where it leaves."""
    moved = np.ones(len(xs) + 1, np.bool_)
    moved[1:-1] = (xs[1:] != xs[:-1]) | (ys[1:] != ys[:-1])
    return moved[1:] | moved[:-1]


def visited(xs: Pixels, ys: Pixels, size: tuple[int, int]) -> Pixels:
    """Return every pixel of `size` across and up that is met, once, in a row each."""
    across, up = size
    met = np.zeros((across + 3, up + 3), np.bool_)  # with a border for what is outside
    met[xs, ys] = True
    return np.argwhere(met[:across, :up]).astype(np.int32)


def _places(xs: Ascending, edges: Sequence[float]) -> tuple[NDArray[np.intp], int]:
    """Where each edge stands among the xs, and which is the first of them beyond the last edge.

    Whole numbers are not made others for that: of a long run they are many.
    """
    last = edges[-1]
    if isinstance(xs, range):
        counts = (np.array([*edges, math.floor(last) + 1]) - xs.start) / xs.step
        *starts, end = np.ceil(counts).clip(0, len(xs)).astype(np.intp)
        return np.array(starts), int(end)
    if xs.dtype == np.int64:
        *starts, end = xs.searchsorted([*map(math.ceil, edges), math.floor(last) + 1])
        return np.array(starts), int(end)
    return xs.searchsorted(edges), int(xs.searchsorted(last, "right"))


def _extremes(ys: Floats, start: int, end: int, before: int) -> list[int]:
    """Where the lowest and the highest are, one where they are the same.

    First the one nearer to the point before: in a column of pixels which comes first cannot be
    seen, and the way there is shorter.
    """
    column = ys[start:end]
    low, high = start + column.argmin().item(), start + column.argmax().item()
    if low == high:
        return [low]
    least, most, here = ys[low].item(), ys[high].item(), ys[before].item()
    return [high, low] if here - least > most - here else [low, high]
