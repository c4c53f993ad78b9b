"""The loop variables around a line: `epoch 3, i 17`, as the script itself would print them.

Only plain numbers and short strings are read, so that none of the script's code runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from engine.recording.pass_table import Plain
from engine.script.own_files import OwnFiles

TEXT_LIMIT = 40
"""Most characters of a string that is shown."""
FRAMES_LIMIT = 50
"""Most frames that are looked at, from the innermost."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a source file."""

    first: int
    last: int
    targets: tuple[str, ...]
    """The names it counts with."""
    iterated: ast.expr | None
    """What a `for` goes over."""


class LoopVariables:
    """Finds the loops of a project's files, and reads their variables off running frames."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._loops: dict[tuple[CodeType, int], tuple[Loop, ...]] = {}

    def around(self, frame: FrameType | None) -> dict[str, Plain]:
        """The variables of all loops around a frame's line and its callers', outermost first."""
        found: dict[str, Plain] = {}
        for one, loops in self._frames(frame):
            names = [name for loop in loops for name in loop.targets]
            found = {**_plain(one.f_locals, names), **found}
        return found

    def outermost(self, frame: FrameType | None) -> tuple[FrameType, Loop] | None:
        """The outermost loop around a frame's line and its callers', and the frame it is of."""
        found = None
        for one, loops in self._frames(frame):
            found = one, loops[0]
        return found

    def _frames(self, frame: FrameType | None) -> Iterator[tuple[FrameType, tuple[Loop, ...]]]:
        """The frames that run in a loop, innermost first, with their loops, outermost first."""
        for _ in range(FRAMES_LIMIT):
            if frame is None:
                return
            code = frame.f_code
            key = code, frame.f_lineno
            loops = self._loops.get(key)
            if loops is None:
                loops = self._loops[key] = self._around(*key)
            if loops:
                yield frame, loops
            if code.co_name == "<module>" and self._files.index(code.co_filename) == 0:
                return
            frame = frame.f_back

    def _around(self, code: CodeType, line: int) -> tuple[Loop, ...]:
        """The loops around a line of a function."""
        index = self._files.index(code.co_filename)
        if index is None:
            return ()
        return tuple(
            loop
            for loop in _loops("\n".join(self._files.lines(index)))
            if code.co_firstlineno <= loop.first <= line <= loop.last
        )


def _plain(variables: Mapping[str, object], names: Iterable[str]) -> dict[str, Plain]:
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
def _loops(source: str) -> tuple[Loop, ...]:
    """Every loop; outer ones first."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    loops = [
        Loop(
            node.lineno,
            node.end_lineno or node.lineno,
            tuple(_targets(node)),
            None if isinstance(node, ast.While) else node.iter,
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While)
    ]
    return tuple(sorted(loops, key=lambda loop: (loop.first, -loop.last)))


def _targets(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[str]:
    """The names a `for` binds, and those that a `while` compares."""
    if isinstance(loop, ast.While):
        names = (node for node in ast.walk(loop.test) if isinstance(node, ast.Name))
    else:
        names = (node for node in ast.walk(loop.target) if isinstance(node, ast.Name))
    return (node.id for node in names)
