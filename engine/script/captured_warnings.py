"""A script's warnings, printed as Python would, at the script's own lines.

A call that autograd is watched through has the watcher on its stack, so Python would put the
blame for a warning on the watcher's line.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from engine.recording.journal import Journal

_UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show by default."""


@contextmanager
def printed_warnings(journal: Journal) -> Iterator[None]:
    """Print each warning to `sys.stderr`, once a line, whatever the host's filters are."""
    printed: set[tuple[str, int]] = set()

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if (str(message), journal.line) not in printed:
            printed.add((str(message), journal.line))
            location = f"{journal.name}:{journal.line}"
            print(f"{location}: {category.__name__}: {message}", file=file or sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for category in _UNSEEN:
            warnings.simplefilter("ignore", category)
        warnings.showwarning = show
        yield
