"""What a command is about: a lesson, a script of the user's, or the recording of one."""

from __future__ import annotations

import importlib.util
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.data.cells import visible
from engine.lessons import LESSONS, find
from engine.recording.file.frames import is_recording
from engine.regular_files import read_regular
from engine.script.frames.source_file import SourceError, read_source
from tui.cli.options.script_options import given
from tui.cli.options.values import for_data, is_data
from tui.config.errors import UsageError, suggestion

Kind = Literal["lesson", "file", "module", "recording"]

KNOWN = (
    (b"PK\x03\x04", "a zip archive, such as torch.save writes"),
    (b"\x80", "a pickle"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x7fELF", "a program"),
)
"""What files begin with that somebody may take for a script or a recording."""
LISTED = ("graph",)
"""Commands that know the lessons by name."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to look at or to run."""

    kind: Kind
    path: Path
    """The file; of a module its dotted name; of several ranks the folder of their recordings."""
    about: int | None = None
    """The pass that a lesson is about, by its number from 0; None for anything else."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of recordings, one a rank."""
        return self.kind == "recording" and self.path.is_dir()


def target(options: Namespace, command: str) -> Target:
    """Return what the options name, which is there and can be read.

    Raises UsageError or SourceError: also for options that are of no use for what it is.
    """
    found = _named(options, command)
    needless = given(options) if found.kind in ("lesson", "recording") else None
    if found.kind == "recording" and command == "record":
        raise UsageError(f"{found.path} is a recording already; linreg-tui inspect opens it")
    if needless:
        what = "a recording" if found.kind == "recording" else "a lesson"
        raise UsageError(f"{needless} is for a script that is run, not for {what}")
    return found


def _named(options: Namespace, command: str) -> Target:
    name: str | None = options.subject
    if options.module is not None:
        if name is not None:
            raise UsageError(f"-m or {name}, not both; arguments of the module go after --")
        return _module(options.module)
    if name is None:
        kinds = {"graph": "LESSON|FILE.py|RUN", "inspect": "FILE.py|RUN", "record": "FILE.py"}
        kinds["check"] = kinds["inspect"]
        raise UsageError(f"missing {kinds[command]}; see linreg-tui {command} --help")
    if command in LISTED and (lesson := find(name)):
        return Target("lesson", lesson.path, lesson.about)
    path = Path(name)
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise UsageError(f"cannot read {visible(name, 80)}: {error.strerror}") from error
    if is_folder and (path / "__main__.py").is_file():
        raise UsageError(f"{path} is a folder; its script is {path / '__main__.py'}")
    if is_recording(path) or (is_folder and command != "record"):
        return Target("recording", path)
    if is_data(name):
        what = f"{path} is data, neither a Python file nor a recording"
        raise UsageError(f"{what}: linreg-tui {for_data(name)}")
    _check_source(path, command)
    return Target("file", path)


def _module(name: str) -> Target:
    """A module that there is, as far as that is seen without running anything of its package."""
    top = name.partition(".")[0]
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        known = importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        known = False
    finally:
        sys.path.remove(here)
    if not known:
        raise UsageError(f"there is no module named {top}")
    return Target("module", Path(name))


def _check_source(path: Path, command: str) -> None:
    try:
        source = read_source(path)
    except SourceError as error:
        if command in LISTED and not path.exists() and not path.suffix and len(path.parts) == 1:
            keys = [lesson.key for lesson in LESSONS]
            guess = suggestion(str(path), keys) or f"; lessons are {', '.join(keys)}"
            raise UsageError(f"{path} is no lesson and no Python file{guess}") from None
        if what := _what(path):
            raise UsageError(f"{path} is {what}, neither a Python file nor a recording") from error
        raise
    if path.suffix in (".py", ""):
        return
    try:
        compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{path} is neither a Python file nor a recording") from error


def _what(path: Path) -> str | None:
    """What a file is that is no source text; None where that is not known, or already said."""
    try:
        start = read_regular(path, 16)
    except OSError:
        return None
    return next((what for begin, what in KNOWN if start.startswith(begin)), None)
