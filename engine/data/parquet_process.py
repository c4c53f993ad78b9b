"""The process that reads a Parquet file for this one, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

import numpy as np

from engine.data.arrays import Vector
from engine.data.cells import visible
from engine.data.parquet_child import FAILED, SIZE
from engine.data.source import TableError

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from engine.data.parquet_child import main; main(sys.argv[2])"
)
"""Finds the modules that this process finds, none in the working directory before them."""
_DAMAGED = "File out of specification: "
"""How polars begins to say so, in the middle."""
_SHOWN = 120
"""Characters of an error that are told."""


@contextmanager
def parquet_process(path: str, name: str) -> Iterator[ParquetProcess]:
    """A process that has looked at a file, until the block ends; raises TableError."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _START, json.dumps(sys.path), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield ParquetProcess(process.stdin, process.stdout, name)
    finally:
        process.kill()
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()


class ParquetProcess:
    """What a file holds, and its numbers, once."""

    def __init__(self, asked: IO[bytes], said: IO[bytes], name: str) -> None:
        self._asked, self._said, self._name = asked, said, name
        line = said.readline()
        if not line.endswith(b"\n"):
            raise self._ended()
        self.about: dict[str, Any] = json.loads(line)
        """The `names` and `kinds` of the columns, the number of `rows`, what `pandas` says, and
        the cells of the `first` column."""
        if error := self.about.get("error"):
            raise self._failed(error)

    def blocks(self, places: Sequence[int]) -> Iterator[Vector]:
        """The numbers of the columns at these places, some rows at a time; raises TableError."""
        with suppress(BrokenPipeError):  # what it says is looked at below
            self._asked.write(json.dumps(list(places)).encode() + b"\n")
            self._asked.flush()
        while size := self._size():
            block = self._said.read(size)
            if len(block) < size:
                raise self._ended()
            yield np.frombuffer(block).reshape(-1, len(places))

    def _size(self) -> int:
        size = self._said.read(SIZE)
        if len(size) < SIZE:
            raise self._ended()
        if size == FAILED:
            raise self._failed(self._said.read().decode(errors="replace"))
        return int.from_bytes(size, "little")

    def _failed(self, error: str) -> TableError:
        before, damaged, what = error.partition(_DAMAGED)
        told = visible(" ".join((what or before).split()), _SHOWN)
        if damaged:
            return TableError(f"{self._name} is damaged, or was cut: {told}")
        return TableError(f"cannot read {self._name}: {told}")

    def _ended(self) -> TableError:
        return TableError(f"cannot read {self._name}: polars fails at it; is it damaged?")
