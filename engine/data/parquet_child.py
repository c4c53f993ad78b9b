"""What a process of its own does to read a Parquet file: polars may end it, and not its parent.

On some damaged files polars panics: it writes on stderr what nothing can catch, over the screen of
the app. First it prints a line of JSON about the file, or an error; then it reads a line with the
places of the columns that are wanted, and prints blocks of their numbers, each behind its size.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import polars

SIZE = 8
"""Bytes of the number of bytes in a block; none follow in the last one."""
FAILED = b"\xff" * SIZE
"""In place of a size: what follows is an error, to its end."""
_ROWS = 1 << 16
"""Rows of a block, about."""
_LOOKED_AT = 1000
"""Cells of the first column, which may number or name the rows."""


def main(path: str) -> None:
    """Read the file at this path, as asked on stdin."""
    # Late: an optional dependency.
    import polars

    out = sys.stdout.buffer
    try:
        frame = polars.scan_parquet(path, glob=False)
        about = _described(frame, polars.read_parquet_metadata(path))
    except (polars.exceptions.PolarsError, OSError) as error:
        about = {"error": _reason(error)}
    out.write(json.dumps(about).encode() + b"\n")
    out.flush()
    if places := json.loads(sys.stdin.readline() or "[]"):
        _write(frame, places, out)


def _described(frame: polars.LazyFrame, metadata: dict[str, str]) -> dict[str, Any]:
    import polars

    schema = frame.collect_schema()
    first: list[str] = []
    if any(kind.is_integer() or kind == polars.String for kind in schema.dtypes()[:1]):
        cells = frame.select(polars.nth(0).cast(polars.String)).head(_LOOKED_AT).collect()
        first = [cell or "" for cell in cells.to_series()]
    return {
        "names": schema.names(),
        "kinds": [_kind(kind) for kind in schema.dtypes()],
        "pandas": metadata.get("pandas", ""),
        "first": first,
        "rows": frame.select(polars.len()).collect().item(),
    }


def _kind(dtype: polars.DataType) -> str:
    """What a column of this type holds."""
    if dtype.is_numeric():
        return "numbers"
    if str(dtype) == "Boolean":
        return "truth values"
    return "dates" if dtype.is_temporal() else "text"


def _write(frame: polars.LazyFrame, places: list[int], out: BinaryIO) -> None:
    import polars

    try:
        for block in _blocks(frame, places):
            out.write(len(block).to_bytes(SIZE, "little") + block)
        out.write(bytes(SIZE))
    except (polars.exceptions.PolarsError, OSError) as error:
        out.write(FAILED + _reason(error).encode(errors="replace"))
    out.flush()


def _blocks(frame: polars.LazyFrame, places: list[int]) -> Iterator[bytes]:
    import polars

    # By their places: a name may look like a pattern for several.
    numbers = frame.select(polars.nth(*places).cast(polars.Float64, strict=True))
    for batch in numbers.collect_batches(chunk_size=_ROWS, maintain_order=True):
        yield batch.to_numpy().tobytes()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
