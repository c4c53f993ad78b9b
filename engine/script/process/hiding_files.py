"""Files beside a script that hide a module which torch needs, as a `random.py` does Python's own.

Python finds them first, so torch cannot be loaded, with or without a recording.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import all_suffixes
from pathlib import Path
from types import TracebackType

from engine.recording.records import ScriptError

_OURS = __name__.partition(".")[0]
_OURS_ALONE = frozenset({"resource", "sysconfig"})
"""What is loaded for us, and not for torch: a script may have its own by such a name."""


def hidden_by_now(folder: str, before: Iterable[str]) -> ScriptError | None:
    """What is said of a file that hides a module of Python's own which was loaded since `before`.

    That was while the folder was not searched yet. One that only we have needed is let go of.
    """
    for name in sorted(sys.stdlib_module_names & sys.modules.keys() - {*before}):
        files = Path(folder, f"{name}.py"), Path(folder, name, "__init__.py")
        hiding = next((file for file in files if file.is_file()), None)
        if hiding is not None and name not in _OURS_ALONE:
            return _said(hiding, folder)
        if hiding is not None:
            del sys.modules[name]
    return None


def may_hide(folder: str) -> bool:
    """Whether something there has the name of a module that is loaded, other than ours.

    Had the folder been searched while torch was loaded, that might have been found instead.
    """
    loaded = {name.partition(".")[0] for name in sys.modules} - {_OURS, "__main__"}
    try:
        with os.scandir(folder) as entries:
            return any(_module(entry) in loaded for entry in entries)
    except OSError:
        return True


def _module(entry: os.DirEntry[str]) -> str | None:
    """The name by which it can be imported; None for what is no module."""
    name, _, rest = entry.name.partition(".")
    return name if f".{rest}" in all_suffixes() or (not rest and entry.is_dir()) else None


def hidden_from(error: BaseException, folder: str) -> ScriptError | None:
    """What is said of a file there that was loaded in place of what raised an error lacks."""
    others = [one for name, one in sys.modules.items() if name.partition(".")[0] != _OURS]
    loaded = [getattr(module, "__file__", None) for module in others]
    for name in (*_files_of(error.__traceback__), *loaded):
        file = Path(name) if isinstance(name, str) else None
        package = file is not None and file.name == "__init__.py"
        if file is not None and (file.parents[1] if package else file.parent) == Path(folder):
            return _said(file, folder)
    return None


def _files_of(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename
        traceback = traceback.tb_next


def _said(file: Path, folder: str) -> ScriptError:
    hidden = file.parent if file.name == "__init__.py" else file
    name = hidden.stem
    what = "torch itself" if name == "torch" else f"the module {name} that torch needs"
    said = f"{hidden.relative_to(folder)}, beside the script, hides {what}: give it another name"
    return ScriptError("ImportError", said, 1)
