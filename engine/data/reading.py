"""One reading of a file of columns, as all that take part in it know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.data.cells import measured
from engine.data.input_file import file_name
from engine.data.source import Dtype
from engine.data.table_wish import Progress, TableWish


@dataclass(frozen=True, slots=True)
class Reading:
    """Which file is read, what is wanted of it, for what training, and who is told on the way."""

    path: str
    wish: TableWish
    dtype: Dtype
    """What the training holds numbers as: those beyond it are refused."""
    progress: Progress = lambda done, total: None
    cancelled: Callable[[], bool] = lambda: False
    """Asked every hundred kilobytes or so whether to break off."""

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return file_name(self.path)

    @property
    def limit(self) -> float:
        """The largest number that the training can hold."""
        return float(np.finfo(self.dtype).max)

    @property
    def absent(self) -> list[float]:
        """Numbers that stand for missing ones."""
        return [value[0] for word in self.wish.missing_words if (value := measured(word))]
