"""Lines that Python reports in the middle of a comprehension: they are no steps of their own.

Up to Python 3.11 a comprehension runs in a frame of its own, which is not followed. Since then it
runs in the frame around it, with an event for every round.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NamedTuple

from engine.script.frames.own_files import OwnFiles
from engine.script.frames.positions import position_of

RUN_INSIDE = sys.version_info >= (3, 12)


class _Span(NamedTuple):
    """Where a comprehension stands: lines from 1, columns in bytes."""

    first: tuple[int, int]
    last: tuple[int, int]
    statement: int
    """The first line of the statement that it is part of."""


class Comprehensions:
    """Knows those of a project's files, each file read when it is first asked about."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._spans: dict[int, tuple[_Span, ...]] = {}

    def go_on(self, frame: FrameType, file: int, line: int) -> bool:
        """Whether the frame runs inside a comprehension that has begun at a line, or around it."""
        if not RUN_INSIDE:
            return False
        if file not in self._spans:
            self._spans[file] = tuple(_spans(self._files.tree(file)))
        here = [
            span for span in self._spans[file] if span.first[0] <= frame.f_lineno <= span.last[0]
        ]
        if not here:
            return False
        first, _, column, _ = position_of(frame.f_code, frame.f_lasti)
        if first is None or column is None:
            return False
        return any(
            span.first <= (first, column) <= span.last
            and (line == span.statement or span.first[0] <= line <= span.last[0])
            for span in here
        )


def _spans(tree: ast.Module) -> Iterator[_Span]:
    stack: list[tuple[ast.AST, int]] = [(tree, 1)]
    while stack:
        node, statement = stack.pop()
        if isinstance(node, ast.stmt):
            statement = node.lineno
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
            first = node.lineno, node.col_offset
            last = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
            yield _Span(first, last, statement)
        stack += ((child, statement) for child in ast.iter_child_nodes(node))
