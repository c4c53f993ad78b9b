"""Making many records: hardly any of them is garbage, so they are not searched for it meanwhile."""

from __future__ import annotations

import gc


class uncollected:  # noqa: N801 - entered like a function, as those of contextlib
    """While entered, no garbage is collected; what the script has set is as it was afterwards."""

    __slots__ = ("_on",)

    def __enter__(self) -> None:
        self._on = gc.isenabled()
        gc.disable()

    def __exit__(self, *failure: object) -> None:
        if self._on:
            gc.enable()


class SeldomCollected:
    """Garbage is searched for after so many new objects only, while something is recorded."""

    def __init__(self, objects: int = 100_000) -> None:
        self._objects = objects
        self._before: tuple[int, int, int] | None = None
        """What the script has set; None while that holds."""

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *failure: object) -> None:
        self.end()

    def begin(self) -> None:
        """Search seldom from now on, unless the script has it so or not at all."""
        before = gc.get_threshold()
        if self._before is None and 0 < before[0] < self._objects:
            self._before = before
            gc.set_threshold(self._objects, *before[1:])

    def catch_up(self) -> None:
        """Search what is new now, as Python may have by itself: a fork is to have no such garbage.

        Its objects would end there, as iterators of a DataLoader whose workers are no children.
        """
        if gc.isenabled():
            gc.collect(1)

    def end(self) -> None:
        """Search as before, unless the script has set something else meanwhile."""
        before, self._before = self._before, None
        if before is not None and gc.get_threshold() == (self._objects, *before[1:]):
            gc.set_threshold(*before)
