"""Where chunks of rows come from, which of them a rank takes, and reading one ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol

from engine.data.source import Source
from engine.training.gram.sums import Chunk

AHEAD = 2
"""Chunks that are read before they are asked for."""


class RowSource(Protocol):
    """Rows of numbers that can be gone through once."""

    @property
    def source(self) -> Source | None:
        """What the rows come from; None where that is known only after the last of them."""

    @property
    def drawn_w(self) -> tuple[float, ...]:
        """The start of w that comes with the seed, known after the last row."""

    def chunks(self) -> Iterator[Chunk]:
        """All rows in order, once; raises TableError."""


def share(chunks: Iterator[Chunk], rank: int, world_size: int) -> Iterator[Chunk]:
    """Every `world_size`th chunk, from that of number `rank`; the others are read as well."""
    return islice(chunks, rank, None, world_size)


def ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, read by another thread while those before them are used.

    Two of them, so that neither thread stands still where the other is late for once.
    """
    with ThreadPoolExecutor(1, "rows") as thread:
        coming = deque(thread.submit(next, chunks, None) for _ in range(AHEAD))
        while (chunk := coming.popleft().result()) is not None:
            coming.append(thread.submit(next, chunks, None))
            yield chunk
