"""The sums that full-batch descent needs, taken chunk by chunk; they add over chunks and ranks.

Sums of squares cancel where numbers are large beside their spread. So rows are measured from a
frame that is found in the first chunk: x from its mean, and y from the line that fits it best.
What is summed is then about as small as what is left over in the end: the spread of x, and the
distances of y from a line. A sum over n rows, of which the first chunk has m, loses at most
a factor n / m of its digits, since a first chunk that is far from the mean of all makes the
spread of all as large.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import torch
from numpy.typing import NDArray

from engine.training.closed_form import solve
from engine.training.dataset import Dataset

HELD = 3 << 17
"""Numbers of Z held at a time: few enough for the cache, and enough for Python not to count."""
THIN = 4
"""With at most so many columns of Z its products are taken one by one."""

Chunk = tuple[torch.Tensor, torch.Tensor]
"""Some rows: x of [rows, features] and y of [rows, 1], of any dtype."""


@dataclass(frozen=True, slots=True, eq=False)
class SumFrame:
    """What rows are measured from: a point near the mean of x, and a line near y; float64."""

    centre: torch.Tensor
    """Of [features]: near the means."""
    w: torch.Tensor
    """The slopes of the line, of [features]."""
    height: torch.Tensor
    """The height of the line at the centre, of [1]: a number of no dimension would leave what is
    measured from it in the dtype of y."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """ZᵀZ over all rows, where a row of Z is 1, x - centre, and y's distance from the line."""

    frame: SumFrame
    gram: torch.Tensor
    """Of [features + 2, features + 2], float64; its first number is the number of rows."""


def frame_of(first: Chunk) -> SumFrame:
    """The frame that the first chunk of the data suggests."""
    x, y = first[0].double(), first[1].double()
    known = solve(Dataset(x, y, ()))
    w = torch.tensor(known.w, dtype=torch.float64).nan_to_num(0.0)
    return SumFrame(x.mean(0), w, y.mean(0))


def add_up(frame: SumFrame, chunks: Iterable[Chunk]) -> Sums:
    """The sums of all chunks, none of which is kept.

    Within a chunk in float64; over the chunks in numpy's `longdouble`, so that a thousand of them
    add no rounding of their own.
    """
    size = len(frame.centre) + 2
    total = np.zeros((size, size), np.longdouble)
    rows = HELD // size
    held = torch.ones(size, rows, dtype=torch.float64)
    for x, y in chunks:
        for at in range(0, len(y), rows):
            block = slice(at, at + rows)
            total += _gram(_measured(frame, x[block], y[block], held))
    return Sums(frame, torch.from_numpy(total.astype(np.float64)))


def _measured(
    frame: SumFrame, x: torch.Tensor, y: torch.Tensor, held: torch.Tensor
) -> torch.Tensor:
    """Zᵀ of some rows, written into `held`, whose first row is of ones."""
    held = held[:, : len(y)]
    torch.sub(x.T, frame.centre[:, None], out=held[1:-1])
    torch.sub(y.T, frame.height, out=held[-1:])
    held[-1].addmv_(held[1:-1].T, frame.w, alpha=-1)
    return held


def _gram(rows: torch.Tensor) -> NDArray[np.float64]:
    """The products of all rows; of a few one by one, as BLAS is slow at so thin a matrix."""
    if len(rows) > THIN:
        return (rows @ rows.T).numpy()
    columns = rows[1:]
    products = [torch.dot(*pair) for pair in combinations_with_replacement(columns.unbind(), 2)]
    gram, places = np.empty((len(rows), len(rows))), np.triu_indices(len(rows))
    upper = [float(rows.shape[1]), *columns.sum(1).tolist(), *torch.stack(products).tolist()]
    gram[places] = gram.T[places] = upper
    return gram
