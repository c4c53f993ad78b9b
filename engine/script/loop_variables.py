"""The loop variables around a line: `epoch 3, i 17`, as the script itself would print them.

Only plain numbers and short strings are read, so that none of the script's code runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from engine.recording.pass_table import Plain
from engine.script.own_files import OwnFiles

TEXT_LIMIT = 40
"""Most characters of a string that is shown."""
FRAMES_LIMIT = 50
"""Most frames that are looked at, from the innermost."""


class LoopVariables:
    """Finds the loops of a project's files, and reads their variables off running frames."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._names: dict[tuple[CodeType, int], tuple[str, ...]] = {}

    def around(self, frame: FrameType | None) -> dict[str, Plain]:
        """The variables of all loops around a frame's line and its callers', outermost first."""
        found: dict[str, Plain] = {}
        for _ in range(FRAMES_LIMIT):
            if frame is None:
                break
            code = frame.f_code
            key = code, frame.f_lineno
            names = self._names.get(key)
            if names is None:
                names = self._names[key] = self._around(*key)
            if names:
                found = {**_plain(frame.f_locals, names), **found}
            if code.co_name == "<module>" and self._files.index(code.co_filename) == 0:
                break
            frame = frame.f_back
        return found

    def _around(self, code: CodeType, line: int) -> tuple[str, ...]:
        """The names that the loops around a line of a function count with."""
        index = self._files.index(code.co_filename)
        if index is None:
            return ()
        begin = code.co_firstlineno
        return tuple(
            name
            for first, last, targets in _loops("\n".join(self._files.lines(index)))
            if begin <= first <= line <= last
            for name in targets
        )


def _plain(variables: Mapping[str, object], names: tuple[str, ...]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name in names:
        value: Any = variables.get(name)
        kind = type(value)
        if (
            kind is int
            or kind is float
            or kind is bool
            or (kind is str and len(value) <= TEXT_LIMIT)
        ):
            found[name] = value
    return found


@lru_cache(maxsize=64)
def _loops(source: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """First and last line of every loop, with the names it counts with; outer loops first."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    loops = [
        (node.lineno, node.end_lineno or node.lineno, tuple(_targets(node)))
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While)
    ]
    return tuple(sorted(loops, key=lambda loop: (loop[0], -loop[1])))


def _targets(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[str]:
    """The names a `for` binds, and those that a `while` compares."""
    if isinstance(loop, ast.While):
        names = (node for node in ast.walk(loop.test) if isinstance(node, ast.Name))
    else:
        names = (node for node in ast.walk(loop.target) if isinstance(node, ast.Name))
    return (node.id for node in names)
