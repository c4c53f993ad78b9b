"""Guessing, before it begins, which pass of a script will be the last: `for i in range(500)`.

Nothing of the script is run for it: its loops are read in its source, and the numbers in them off
its variables. A guess that is wrong costs one more deep record; where none can be made, the last
pass has its scalars and the state in which the script was left.
"""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable, Mapping
from inspect import getattr_static
from types import FrameType

from engine.recording.pass_chunk import Plain
from engine.script.frames.frame_variables import variables_of
from engine.script.frames.loop_variables import Loop

_OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
WRONG_GUESSES = 10
"""After so many none is made: a loop of a few passes may run any number of times."""
_SIZED = (list, tuple, dict, range)
_RANGES = ("range", "trange")


class LastPass:
    """Counts the passes in every round of the outermost loop; `outermost` finds that loop."""

    def __init__(
        self, outermost: Callable[[FrameType | None], tuple[FrameType, Loop] | None]
    ) -> None:
        self._outermost = outermost
        self.name: str | None = None
        """The outermost loop variable."""
        self.value: Plain | None = None
        self.rounds = 0
        """How many times the loop has gone round, with this time."""
        self.began = 0
        """The pass with which the round began."""
        self.in_round = 0
        """How many passes the round before this one had."""
        self.last = -1
        """The number of the pass that is thought to be the last; -1: unknown."""
        self._wrong = 0
        """How many times another one has followed it."""

    def spared_from(self, number: int) -> int:
        """The pass that is thought to be the last, if that comes after those before `number`."""
        return self.last if self.last >= number else sys.maxsize

    def left_at(self, number: int) -> int | None:
        """How many passes come after that of a number; None: unknown."""
        return None if self.last < 0 else self.last - number

    def left_after(
        self, number: int, frame: FrameType | None, name: str | None, value: Plain | None
    ) -> int | None:
        """How many passes come after `number`, which has just ended; None: unknown.

        It did so where the outermost loop variable, if there is one, has this name and value.
        """
        if 0 <= self.last < number:  # of another loop, which may have the same variable
            self.name, self.last = None, -1
            self._wrong += 1
        if value != self.value or name != self.name:
            if name == self.name and number - self.began == self.in_round:
                self.value, self.began = value, number
                self.rounds += 1
            else:
                self._begin(number, frame, name, value)
        return self.left_at(number)

    def _begin(
        self, number: int, frame: FrameType | None, name: str | None, value: Plain | None
    ) -> None:
        """A round has begun: guess anew where it is the second, or unlike the one before."""
        same = name is not None and name == self.name
        self.name, self.value = name, value
        self.rounds = self.rounds + 1 if same else 1
        before, self.in_round = self.in_round, number - self.began if same else 0
        self.began = number
        if self.in_round != before:
            guesses = self.in_round and self._wrong < WRONG_GUESSES
            total = self._total(frame, name) if name and guesses else None
            left = total - self.rounds + 1 if total else 0
            self.last = number + self.in_round * left - 1 if left > 0 else -1

    def _total(self, frame: FrameType | None, name: str) -> int | None:
        """How many rounds the outermost loop has, if it is the one that counts with the name."""
        found = self._outermost(frame)
        if found is None or name not in found[1].targets:
            return None
        where, loop = found
        try:
            return _length(loop.iterated, {**where.f_globals, **variables_of(where)})
        except (ValueError, OverflowError, RecursionError):
            return None


def _length(node: ast.expr | None, variables: Mapping[str, object]) -> int:
    """How many items it gives; raises ValueError where that cannot be read."""
    if isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _RANGES:
            return len(range(*(_number(part, variables) for part in node.args)))
        return _length(node.args[0], variables)  # enumerate, tqdm and their like
    value = _value(node, variables)
    if type(value) not in _SIZED:
        raise ValueError
    return len(value)  # type: ignore[arg-type]


def _number(node: ast.expr, variables: Mapping[str, object]) -> int:
    if isinstance(node, ast.BinOp) and (operation := _OPERATIONS.get(type(node.op))):
        return operation(_number(node.left, variables), _number(node.right, variables))
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len":
        return _length(node, variables)
    value = _value(node, variables)
    if type(value) is not int:
        raise ValueError
    return value


def _value(node: ast.expr | None, variables: Mapping[str, object]) -> object:
    """What a constant, a variable or a plain attribute is; None where it is none of these."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return variables.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr_static(_value(node.value, variables), node.attr, None)
    return None
