"""A script's warnings at the script's own lines.

A call that autograd is watched through has the watcher on its stack, so Python would put the
blame for a warning on the watcher's line.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from engine.recording.journal import Journal
from engine.script.own_files import OwnFiles

_UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show by default."""
_HERE = str(Path(__file__).parent)


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


def blame_the_script(files: OwnFiles) -> None:
    """From now on show warnings that seem to be ours at the script's line; filters stay."""
    shown = warnings.showwarning

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any
    ) -> None:
        frame: Any = files.nearest(sys._getframe(1)) if filename.startswith(_HERE) else None
        if frame is not None:
            filename, lineno = frame.f_code.co_filename, frame.f_lineno
        shown(message, category, filename, lineno, *rest)

    host: Any = warnings
    host.showwarning = show
