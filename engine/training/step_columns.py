"""Iterations in columns: what is kept of a run, as numbers that a chart takes as they are.

To go through a tuple of a million records takes seconds; through a million numbers in an array,
milliseconds. The arrays are the standard library's, which numpy reads without a copy.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, product
from typing import TYPE_CHECKING, Any, overload

from engine.training.problem import Step

if TYPE_CHECKING:
    Column = array[float]


class Steps(Sequence[Step]):
    """Iterations of one run, ascending; to be read as records or by columns, not written to."""

    __slots__ = ("columns", "features")

    columns: tuple[array[Any], ...]
    """The numbers of a step in the order of its fields, each w on its own."""
    features: int
    """The number of weights of a step; 0 where there is no step."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        """Raises ValueError where a number is missing, or one too many."""
        steps = list(steps)
        self.features = len(steps[0].w) if steps else 0
        n = self.features
        whole = [{(n, n, *kept)} for kept in product((0, n + 1), repeat=2)]
        if steps and {*map(_shape, steps)} not in whole:
            raise ValueError("steps need as many gradients as w, and velocities for all or none")
        columns = zip(*map(flat, steps), strict=True) if steps else ((),) * 4
        self.columns = tuple(array("d" if i else "q", column) for i, column in enumerate(columns))

    @property
    def iterations(self) -> array[int]:
        """The iteration numbers, counted from 0."""
        return self.columns[0]

    @property
    def losses(self) -> Column:
        """The loss of every iteration, before its update."""
        return self.columns[1]

    @property
    def w(self) -> tuple[Column, ...]:
        """The weights of every iteration, after its update, one column a feature."""
        return self.columns[2 : 2 + self.features]

    @property
    def b(self) -> Column:
        """The bias of every iteration, after its update."""
        return self.columns[2 + self.features]

    @property
    def w_grad(self) -> tuple[Column, ...]:
        """∂J/∂w of every iteration, one column a feature."""
        return self.columns[3 + self.features : 3 + 2 * self.features]

    @property
    def b_grad(self) -> Column:
        """∂J/∂b of every iteration, one number each."""
        return self.columns[3 + 2 * self.features]

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, position: int) -> Step: ...
    @overload
    def __getitem__(self, position: slice) -> Steps: ...
    def __getitem__(self, position: int | slice) -> Step | Steps:
        """One, or a copy of some."""
        if isinstance(position, slice):
            return self._of(column[position] for column in self.columns)
        return self._step([column[position] for column in self.columns])

    def __iter__(self) -> Iterator[Step]:
        return map(self._step, zip(*self.columns, strict=True))

    def __add__(self, others: Steps) -> Steps:
        """These and then others; without what a method keeps where the others have other of it."""
        if not (self and others):
            return self or others
        if len(self.columns) != len(others.columns):
            shown = slice(4 + 2 * self.features)
            pairs = zip(self.columns[shown], others.columns[shown], strict=True)
            return self._of(mine + theirs for mine, theirs in pairs)
        pairs = zip(self.columns, others.columns, strict=False)
        return self._of(mine + theirs for mine, theirs in pairs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Steps):
            return NotImplemented
        return self.features == other.features and self.columns == other.columns

    __hash__ = None  # type: ignore[assignment]

    def where(self, wanted: Sequence[bool]) -> Steps:
        """A copy of those that are wanted."""
        return self._of(array(c.typecode, compress(c, wanted)) for c in self.columns)

    def _of(self, columns: Iterable[array[Any]]) -> Steps:
        new, columns = Steps(), tuple(columns)
        if columns[0]:
            new.columns, new.features = columns, self.features
        return new

    def _step(self, row: Sequence[Any]) -> Step:
        n = self.features
        iteration, loss, w, b = row[0], row[1], tuple(row[2 : 2 + n]), row[2 + n]
        w_grad, b_grad, kept = tuple(row[3 + n : 3 + 2 * n]), row[3 + 2 * n], row[4 + 2 * n :]
        if not kept:
            return Step(iteration, loss, w, b, w_grad, b_grad)
        return Step(iteration, loss, w, b, w_grad, b_grad, *_kept(kept, n))


def flat(step: Step) -> tuple[float, ...]:
    """All numbers of a step, in the order of its columns."""
    iteration, loss, w, b, w_grad, b_grad, w_velocity, b_velocity, w_square, b_square, updates = (
        step
    )
    numbers = (iteration, loss, *w, b, *w_grad, b_grad)
    if w_velocity is not None and b_velocity is not None:
        numbers = (*numbers, *w_velocity, b_velocity)
    if w_square is not None and b_square is not None and updates is not None:
        numbers = (*numbers, *w_square, b_square, updates)
    return numbers


def _kept(numbers: Sequence[Any], n: int) -> tuple[Any, ...]:
    """What a method keeps, as the last fields of a step; squares are followed by their count."""
    velocity: tuple[Any, ...] = (None, None)
    if len(numbers) != n + 2:
        velocity, numbers = (tuple(numbers[:n]), numbers[n]), numbers[n + 1 :]
    return (*velocity, tuple(numbers[:n]), numbers[n], int(numbers[n + 1])) if numbers else velocity


def _shape(step: Step) -> tuple[int, int, int, int]:
    """How many w, gradients of them, velocities and squares; -1 where some lack for w or for b."""
    velocities, squares = (
        _count(step.w_velocity, step.b_velocity),
        _count(step.w_square, step.b_square),
    )
    if (step.updates is None) != (step.w_square is None):
        squares = -1
    return len(step.w), len(step.w_grad), velocities, squares


def _count(w: tuple[float, ...] | None, b: float | None) -> int:
    if (w is None) != (b is None):
        return -1
    return 0 if w is None else len(w) + 1
