"""One reading of a file of columns, as all that take part in it know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.data.column_choice import Selection
from engine.data.input_file import file_name
from engine.data.source import Dtype, Table
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

    def table(self, columns: Selection, points: int, fingerprint: str) -> Table:
        """The table of so many points that has been read, as far as it is known beforehand."""
        return Table(
            path=self.path,
            target=columns.target,
            features=columns.features,
            points=points,
            fingerprint=fingerprint,
            missing=self.wish.missing,
            ignored=columns.ignored,
            seed=self.wish.seed,
            decimal=self.wish.decimal,
            missing_values=self.wish.missing_values,
            skip_rows=self.wish.skip_rows,
            encoding=self.wish.encoding,
        )

    @property
    def limit(self) -> float:
        """The largest number that the training can hold."""
        return float(np.finfo(self.dtype).max)
