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
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO

import platformdirs

from tui.kit.text import safe

FAULTS = "faults.txt"
"""Where Python itself writes when the process dies of a signal like SIGSEGV or SIGABRT."""
_PACKAGES = ("linreg-tui", "textual", "torch", "plotext", "numpy")
_OURS = Path(__file__).parents[2]


def state_folder() -> Path:
    """The folder of crash files, by the platform's conventions."""
    return Path(platformdirs.user_state_dir("linreg-tui", appauthor=False))


def watch_faults(folder: Path) -> TextIO | None:
    """Have Python write a traceback on a fatal signal; the file must stay open."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / FAULTS).open("a")
    except OSError:
        return None
    faulthandler.enable(file)
    return file


def write_crash(error: BaseException, folder: Path) -> Path | None:
    """The traceback and the versions in a new file; None where the folder cannot be written."""
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_report(error), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path


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
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
