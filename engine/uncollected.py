"""Making many records at once: none of them is garbage, so none is searched for it meanwhile."""

from __future__ import annotations

import gc
from types import TracebackType


class uncollected:  # noqa: N801 - entered like a function, as those of contextlib
    """While entered, no garbage is collected; what the script has set is as it was afterwards."""

    __slots__ = ("_on",)

    def __enter__(self) -> None:
        self._on = gc.isenabled()
        gc.disable()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._on:
            gc.enable()
