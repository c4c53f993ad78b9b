"""Whether a script that runs again is the same run, up to where something is changed in it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.autograd.values import TensorView, Value
from engine.recording.records import Recording
from tui.script.beside import counterpart
from tui.script.position import Position, graph_at, same_operations
from tui.script.replay import first_difference, verdict
from tui.script.value_text import short
from tui.script.windows import SEARCH_LIMIT, window_at

WIDTH = 24
"""Cells of a value that differs."""


def difference(then: Recording, lines: int, now: Recording) -> str:
    """Return in words where two runs first differ up to a line, empty where they do not.

    `lines` lie behind in `then`. Of a long recording the losses and norms of all passes before
    are compared, and the tensors of the line's own pass.
    """
    number = then.moments[lines - 1].number if lines else 0
    if first_difference(then.passes, now.passes, number) is not None:
        return verdict(then.passes, now.passes, number)[0]
    first = 0
    if lines and not isinstance(then.moments, tuple):
        first = max(window_at(then, lines - 1).first, lines - SEARCH_LIMIT)
    for at in range(first, lines):
        there = counterpart(then, Position(at + 1), now)
        moment = then.moments[at]
        if there is None:
            return f"line {moment.line} is not run there"
        found = _other(moment.tensors, now.moments[there.lines - 1].tensors)
        if found:
            return f"line {moment.line}: {found}"
    return ""


def same_graph(then: Recording, now: Recording, position: Position) -> bool:
    """Return whether the graphs at a position of both runs have the same operations."""
    there = counterpart(then, position, now)
    one, other = graph_at(then, position), None if there is None else graph_at(now, there)
    return one is not None and other is not None and same_operations(one, other)


def _other(then: Iterable[TensorView], now: Iterable[TensorView]) -> str:
    """The first tensor with other numbers, in words."""
    found = {one.name: one for one in now}
    for one in then:
        other = found.get(one.name)
        if other is None:
            return f"{one.name} is not there now"
        if not _same(one.value, other.value):
            return f"{one.name} {short(one.value, WIDTH)} then, {short(other.value, WIDTH)} now"
        if not _same(one.grad, other.grad):
            grads = short(one.grad, WIDTH), short(other.grad, WIDTH)
            return f"{one.name}.grad {grads[0]} then, {grads[1]} now"
    return ""


def _same(one: Value | None, other: Value | None) -> bool:
    """Whether two values have the same numbers, nan being the same as nan."""
    return one == other or repr(one) == repr(other)
