"""A sequence of what is too much to be made before somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class LazySequence(Sequence[T], Generic[T]):
    """A sequence whose items are made when they are asked for, each time anew."""

    def __init__(self, length: int, get: Callable[[int], T]) -> None:
        """`get` is given positions from 0 to `length` - 1."""
        self._length = length
        self._get = get

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length)
            if step != 1:
                return [self._get(i) for i in range(start, stop, step)]
            return LazySequence(max(stop - start, 0), lambda i: self._get(start + i))
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._get(index % self._length)
