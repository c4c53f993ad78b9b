"""Where chunks of rows come from, which of them a rank takes, and reading one ahead."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol

from engine.data.source import Source
from engine.training.gram.sums import Chunk


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
    """The same chunks, each read by another thread while the one before it is used."""
    with ThreadPoolExecutor(1, "rows") as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk
