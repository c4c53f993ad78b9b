"""Tables in files: written, and read back row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.data.source import Table
from engine.training.dataset import dataset
from engine.training.problem import Problem

Write = Callable[..., Path]


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    """Writes text or bytes to points.csv."""

    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "points.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def rows(table: Table) -> list[tuple[float, ...]]:
    """The features, then the target, of every row."""
    data = dataset(Problem(table, dtype="float64"))
    return [tuple(row) for row in torch.cat([data.x, data.y], 1).tolist()]
