"""The rows of a file, chunk by chunk and never all at once: CSV, or Parquet with polars."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch

from engine.data.arrays import Vector
from engine.data.reading import Reading
from engine.data.source import Dtype, Table
from engine.data.table_reader import table_rows
from engine.data.table_wish import Progress, TableWish
from engine.training.dataset import torch_dtype
from engine.training.gram.sums import Chunk

NUMBERS = 1 << 18
"""Numbers of a chunk, about: two megabytes of them."""


class FileRows:
    """The numbers of a file as float64, and what was found in it once they have been read."""

    def __init__(
        self,
        path: str,
        wish: TableWish,
        dtype: Dtype,
        progress: Progress = lambda done, total: None,
        numbers: int = NUMBERS,
    ) -> None:
        """Chunks are of about so many `numbers`; `dtype` is the training's, for the start of w."""
        self._wish, self._dtype, self._numbers = wish, dtype, numbers
        self._open = table_rows(Reading(path, wish, "float64", progress))
        self.source: Table | None = None
        """What was found; None before the last chunk."""

    def chunks(self) -> Iterator[Chunk]:
        """All rows in order, once; raises TableError."""
        with self._open as rows:
            width = len(rows.columns.positions)
            for block in _joined(rows.blocks(), self._numbers // width):
                numbers = torch.from_numpy(block)
                yield numbers[:, :-1], numbers[:, -1:]
            self.source = rows.table((), ())

    @property
    def drawn_w(self) -> tuple[float, ...]:
        """The start of w that comes with the seed; none before the last chunk."""
        if self.source is None:
            return ()
        generator = torch.Generator().manual_seed(self._wish.seed)
        size, kind = len(self.source.features), torch_dtype(self._dtype)
        return tuple(torch.rand(size, generator=generator, dtype=kind).tolist())


def _joined(blocks: Iterator[Vector], rows: int) -> Iterator[Vector]:
    """Blocks of so many rows up to twice as many, but for the last one; none that is empty."""
    held: list[Vector] = []
    for block in chain(blocks, [None]):
        if block is not None:
            held.append(block)
        if held and (block is None or sum(map(len, held)) >= rows):
            whole = np.concatenate(held)
            if len(whole):
                yield from np.array_split(whole, max(1, len(whole) // rows))
            held = []
