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
from typing import Any, NamedTuple, Self, TextIO

from engine.recording.journal import Journal
from engine.recording.syntax import READ
from engine.script.unseen.our_frames import of_the_script, outwards
from engine.script.unseen.threads_aside import has_threads

_UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""What Python does not show by default."""
_FORK = "is multi-threaded, use of fork"
"""What Python says of forks, since 3.12."""
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
        if filename != READ and (str(message), journal.line) not in printed:
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
        if message.filename == READ or _is_of_our_threads(message):
            return
        stack = list(outwards(sys._getframe(1)))
        places = [(frame.f_code.co_filename, frame.f_lineno) for frame in stack]
        if (message.filename, message.lineno) in places:
            at = places.index((message.filename, message.lineno))
            without = of_the_script(stack, lambda frame: frame)
            seen, true = _Blamed.in_frame(stack[at]), _OUTSIDE
            if at < len(without):
                true = _Blamed.in_frame(without[at])
            if true[1:] != seen[1:]:
                if _was_shown(str(message.message), message.category, seen, true):
                    return
                message.filename, message.lineno = true.filename, true.line
        shown(message)

    host._showwarnmsg = show


def _is_of_our_threads(message: warnings.WarningMessage) -> bool:
    """Whether Python warns of a fork, which it does where there are threads, for ours alone."""
    return _FORK in str(message.message) and not has_threads()


class _Blamed(NamedTuple):
    """The place that a warning is for, and the variables of its module."""

    variables: dict[str, Any]
    filename: str
    line: int

    @classmethod
    def in_frame(cls, frame: FrameType) -> Self:
        return cls(frame.f_globals, frame.f_code.co_filename, frame.f_lineno)


_OUTSIDE = _Blamed(vars(sys), *(("<sys>", 0) if sys.version_info >= (3, 13) else ("sys", 1)))
"""What Python blames where a warning is for the caller of the outermost frame."""


def _was_shown(text: str, category: type[Warning], seen: _Blamed, true: _Blamed) -> bool:
    """Whether Python has shown it there and need not again; it remembers so by the module.

    What it has remembered of the place it saw is moved to the true one.
    """
    here = seen.variables.get(_REGISTRY, {})
    if not here.pop((text, category, seen.line), False):
        return False  # to be shown every time
    there = true.variables.setdefault(_REGISTRY, {})
    if there.get("version") != here.get("version"):
        there.clear()
        there["version"] = here.get("version")
    key = text, category, true.line
    known = key in there
    there[key] = True
    return known
