"""Where in its source an instruction of a code object stands."""

from __future__ import annotations

from functools import lru_cache
from types import CodeType

Position = tuple[int | None, int | None, int | None, int | None]
"""The first and the last line, and the columns where it begins and ends, in bytes."""


def position_of(code: CodeType, instruction: int) -> Position:
    """Return where the instruction at an offset in bytes, as in `f_lasti`, stands."""
    return _positions(code)[instruction // 2]


def line_of(code: CodeType, instruction: int) -> int:
    """Return its first line; that of the code where it has none of its own."""
    return position_of(code, instruction)[0] or code.co_firstlineno


@lru_cache(maxsize=256)
def _positions(code: CodeType) -> tuple[Position, ...]:
    return tuple(code.co_positions())
