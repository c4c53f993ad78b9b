"""The points that a run makes, chunk by chunk: bit for bit those of `dataset`, never all at once.

The generator gives all of x, then the start of w, then all of the noise, which a second generator
reaches by drawing all of x once before. Uniform numbers are drawn one after the other; normal ones
sixteen at a time, and the last sixteen once more where their number is no multiple, which is why no
chunk is shorter.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from engine.data.source import Dtype, Synthetic
from engine.data.table_wish import Progress
from engine.training.dataset import torch_dtype
from engine.training.gram.sums import Chunk

ROWS = 1 << 17
"""Rows of a chunk: half a megabyte a column in float32."""
LEAST = 16


class MadeRows:
    """The points of a source in order; the start of w once they have all been drawn."""

    def __init__(
        self,
        source: Synthetic,
        dtype: Dtype,
        progress: Progress = lambda done, total: None,
        rows: int = ROWS,
    ) -> None:
        """Chunks are of `rows` rows, a multiple of 16; `progress` is told the rows made so far."""
        self.source = source
        self.drawn_w: tuple[float, ...] = ()
        """The start of w that comes with the seed; none before the last chunk."""
        self._kind, self._rows, self._progress = torch_dtype(dtype), rows, progress

    def chunks(self) -> Iterator[Chunk]:
        """All points, x in the dtype of the training."""
        source, kind = self.source, self._kind
        true_w = torch.tensor(source.true_w, dtype=kind).unsqueeze(1)
        generator = torch.Generator().manual_seed(source.seed)
        noise = self._before_noise() if source.noise else None
        done = 0
        for size in self._sizes():
            x = self._x(size, generator)
            y = x @ true_w + source.true_b
            if noise is not None:
                y += source.noise * torch.randn(size, 1, generator=noise, dtype=kind)
            yield x, y
            done += size
            self._progress(done, source.points)
        self.drawn_w = tuple(self._x(1, generator)[0].tolist())

    def _before_noise(self) -> torch.Generator:
        generator = torch.Generator().manual_seed(self.source.seed)
        for size in (*self._sizes(), 1):
            self._x(size, generator)
        return generator

    def _x(self, size: int, generator: torch.Generator) -> torch.Tensor:
        """So many rows of uniform numbers; w is drawn as one row more."""
        features = len(self.source.true_w)
        return torch.rand(size, features, generator=generator, dtype=self._kind)

    def _sizes(self) -> Iterator[int]:
        """The lengths of the chunks; the last one is longer where it would be shorter than 16."""
        left = self.source.points
        while left >= self._rows + LEAST:
            yield self._rows
            left -= self._rows
        yield left
