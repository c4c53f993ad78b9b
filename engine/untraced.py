"""Our own work while a script is traced: it need not be, and traced Python runs half as fast."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from sys import gettrace

SWITCHES_CHEAPLY = sys.version_info < (3, 12)
"""Whether tracing may be switched for work of microseconds: later Pythons change code for it."""


class untraced:  # noqa: N801 - entered like a function, as those of contextlib
    """While entered, nothing is traced in this thread; afterwards what was before, if anything.

    A class, since it is entered for every call of torch, and a generator costs twice as much.
    """

    __slots__ = ("_tracing",)

    def begin(self) -> None:
        """Trace nothing from now on."""
        self._tracing = gettrace()
        if self._tracing is not None:
            sys.settrace(None)

    def end(self) -> None:
        """Trace as before, unless somebody traces already."""
        if self._tracing is not None and gettrace() is None:
            sys.settrace(self._tracing)

    def __enter__(self) -> untraced:
        self.begin()
        return self

    def __exit__(self, *failure: object) -> None:
        self.end()


briefly_untraced = untraced if SWITCHES_CHEAPLY else nullcontext
"""The same for work of microseconds."""
