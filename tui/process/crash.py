"""What is left of a crash: a file with the traceback, and one line that says where it is.

Neither holds the values of variables: they are the user's data. The line has no message either,
since an exception's message may quote data.
"""

from __future__ import annotations

import faulthandler
import os
import platform
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from engine.private_files import open_private, private_folder, state_path
from tui.kit.text import safe

FAULTS = "faults.txt"
"""Where Python itself writes when the process dies of a signal like SIGSEGV or SIGABRT."""
REFUSED = "refused-input.txt"
"""Where it is kept what the terminal sent that could not be understood."""
REFUSED_LIMIT = 50_000
"""Bytes of it: a line that is noisy goes on being noisy."""
_APPEND = os.O_WRONLY | os.O_APPEND
_PACKAGES = ("linreg-tui", "textual", "torch", "plotext", "numpy")
_OURS = Path(__file__).parents[2]


def watch_faults(folder: Path) -> TextIO | None:
    """Have Python write a traceback on a fatal signal; the file must stay open."""
    try:
        file = os.fdopen(open_private(private_folder(folder) / FAULTS, _APPEND), "a")
    except OSError:
        return None
    faulthandler.enable(file)
    return file


def write_crash(error: BaseException, folder: Path) -> Path | None:
    """The traceback and the versions in a new file; None where the folder cannot be written."""
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        descriptor = open_private(private_folder(folder) / path.name, os.O_WRONLY | os.O_EXCL)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_report(error))
    except OSError:
        return None
    return path


def note_refused(error: Exception, sequence: str, folder: Path | None = None) -> None:
    """Add a line about what the terminal sent and what it raised, up to a limit.

    The folder is by default that of the user's state.
    """
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{Path(place[0].filename).name}:{place[0].lineno}" if place else "?"
    line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {type(error).__name__} at {where}: {sequence!r}"
    with suppress(OSError):
        descriptor = open_private(private_folder(folder or state_path()) / REFUSED, _APPEND)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
            if os.fstat(descriptor).st_size < REFUSED_LIMIT:
                file.write(f"{line}\n")


def crash_line(error: BaseException, path: Path | None) -> str:
    """What failed, where in the code, and which file tells more; no value, no message."""
    where = f"; details in {safe(str(path))}" if path else "; no crash file could be written"
    return f"linreg-tui: unexpected {type(error).__name__} at {position(error)}{where}"


def position(error: BaseException) -> str:
    """The innermost frame of this program, as `tui/app.py:42`; else the innermost of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS / "tui")]
    ours += [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS / "engine")]
    for frame in reversed(ours or list(frames)):
        path = Path(frame.filename)
        shown = path.relative_to(_OURS) if ours else Path(path.name)
        return f"{safe(shown.as_posix())}:{frame.lineno}"
    return "an unknown position"


def _report(error: BaseException) -> str:
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return (
        f"Python {sys.version.split()[0]} on {platform.platform()}\n{versions}\n"
        f"TERM {os.environ.get('TERM', '')}\n\n"
        f"{safe(''.join(traceback.format_exception(error)), newlines=True)}"
    )


def _version(package: str) -> str:
    # Late: it loads what reads electronic mail, for what is seldom needed.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
