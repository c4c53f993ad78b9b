"""Iterations in columns: what is kept of a run, as numbers that a chart takes as they are.

To go through a tuple of a million records takes seconds; through a million numbers in an array,
milliseconds. The arrays are the standard library's, which numpy reads without a copy.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
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
        whole = [(self.features, self.features, count) for count in (0, self.features + 1)]
        if steps and {*map(_shape, steps)} not in ({shape} for shape in whole):
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
        """These and then others; without velocities where only some have them."""
        if not (self and others):
            return self or others
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
        w_grad, b_grad, velocities = tuple(row[3 + n : 3 + 2 * n]), row[3 + 2 * n], row[4 + 2 * n :]
        if not velocities:
            return Step(iteration, loss, w, b, w_grad, b_grad)
        *w_velocity, b_velocity = velocities
        return Step(iteration, loss, w, b, w_grad, b_grad, tuple(w_velocity), b_velocity)


def flat(step: Step) -> tuple[float, ...]:
    """All numbers of a step, in the order of its columns."""
    iteration, loss, w, b, w_grad, b_grad, w_velocity, b_velocity = step
    if w_velocity is None or b_velocity is None:
        return (iteration, loss, *w, b, *w_grad, b_grad)
    return (iteration, loss, *w, b, *w_grad, b_grad, *w_velocity, b_velocity)


def _shape(step: Step) -> tuple[int, int, int]:
    """How many w, gradients of them and velocities; -1 where velocities lack for w or for b."""
    whole = (step.w_velocity is None) == (step.b_velocity is None)
    velocities = 0 if step.w_velocity is None else len(step.w_velocity) + 1
    return len(step.w), len(step.w_grad), velocities if whole else -1
