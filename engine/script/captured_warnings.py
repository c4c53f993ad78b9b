"""A script's warnings at the script's own lines.

A call that autograd is watched through has the watcher on its stack, so Python would put the
blame for a warning on the watcher's line.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO

from engine.recording.journal import Journal
from engine.script.our_frames import outwards, without_ours

_UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show by default."""
_REGISTRY = "__warningregistry__"
"""Where a module remembers which warnings were shown."""


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


def blame_the_script() -> None:
    """From now on show warnings where they would be shown without us; filters stay.

    A warning is for the frame that is so many from the one that warned: ours do not count.
    """
    host: Any = warnings
    # Not `showwarning`, which scripts replace, and which is left out while warnings are collected.
    shown = host._showwarnmsg

    def show(message: warnings.WarningMessage) -> None:
        stack = list(outwards(sys._getframe(1)))
        places = [(frame.f_code.co_filename, frame.f_lineno) for frame in stack]
        if (message.filename, message.lineno) in places:
            at = places.index((message.filename, message.lineno))
            without = without_ours(reversed(stack), lambda frame: frame.f_code)[::-1]
            true = without[at] if at < len(without) else stack[at]
            if true is not stack[at]:
                if _was_shown(str(message.message), message.category, stack[at], true):
                    return
                message.filename, message.lineno = true.f_code.co_filename, true.f_lineno
        shown(message)

    host._showwarnmsg = show


def _was_shown(text: str, category: type[Warning], seen: FrameType, true: FrameType) -> bool:
    """Whether Python has shown it there and need not again; it remembers so by the module.

    What it has remembered of the frame it saw is moved to the true one.
    """
    here = seen.f_globals.get(_REGISTRY, {})
    if not here.pop((text, category, seen.f_lineno), False):
        return False  # to be shown every time
    there = true.f_globals.setdefault(_REGISTRY, {})
    if there.get("version") != here.get("version"):
        there.clear()
        there["version"] = here.get("version")
    key = text, category, true.f_lineno
    known = key in there
    there[key] = True
    return known
