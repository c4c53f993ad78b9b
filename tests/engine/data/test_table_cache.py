"""A table is small; its numbers are kept, and read again where they are not."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from engine.training.dataset import dataset
from engine.training.problem import Problem
from tests.engine.data.conftest import Write


def test_a_table_is_small_hashable_and_equal_to_the_same_read_again(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    table = read_table(path)
    assert table == read_table(path)
    assert hash(table) == hash(read_table(path))
    assert table != read_table(csv("x,y\n1,2\n3,5\n"))
    assert dataset(Problem(table)) is dataset(Problem(table, learning_rate=7.0))


def test_numbers_are_read_again_where_they_are_not_in_memory(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    table = read_table(path)
    assert dataset(Problem(table, dtype="float64")).x.dtype == torch.float64
    other = read_table(path, TableWish(seed=1))
    path.write_text("x,y\n1,2\n3,5\n")
    with pytest.raises(TableError, match="changed since it was read: as many rows as then, but"):
        dataset(Problem(other, dtype="float64"))
    path.unlink()
    with pytest.raises(TableError, match=r"cannot read points\.csv: No such file"):
        dataset(Problem(other, dtype="float64"))


def test_standard_input_is_read_once() -> None:
    code = """
from engine.data.table_cache import load, read_table
table = read_table("-")
print(load(table, "float32").y.tolist())
try:
    load(table, "float64")
except ValueError as error:
    print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", code], input="x,y\n1,2\n3,4\n", capture_output=True, text=True
    )
    assert found.stdout.splitlines() == [
        "[[2.0], [4.0]]",
        "what came by standard input cannot be read again",
    ]
