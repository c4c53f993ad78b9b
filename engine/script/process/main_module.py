"""The script as the real `__main__`: a module in `sys.modules`, as if Python had started it.

So pickling its classes, spawned workers and `import __main__` work as they do without us.
"""

from __future__ import annotations

import builtins
import importlib.util
import linecache
import sys
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

from engine.own_builtins import load_as_ever
from engine.recording.source_lines import source_lines
from engine.script.frames.source_file import SourceError, read_source


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be run: a file, or a module by its dotted name."""

    path: str
    """The file, as it is called in tracebacks."""
    source: str
    spec: ModuleSpec | None = None
    """The module's, where it is run by name."""

    @property
    def name(self) -> str:
        """What it is called on the screen."""
        return self.spec.name if self.spec is not None else Path(self.path).name


def file_target(path: Path) -> Target:
    """A Python file to be run; raises SourceError where it cannot be read."""
    return Target(str(path.absolute()), read_source(path))


def module_target(name: str) -> Target:
    """A module to be run like `python -m` does; raises SourceError where there is none.

    Packages around it are imported to find it, from `sys.path` as it is now.
    """
    spec = _spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _spec(f"{name}.__main__")
        if spec is None:
            raise SourceError(f"{name} is a package without a __main__ module")
    if spec is None:
        raise SourceError(f"there is no module named {name}")
    if not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
        raise SourceError(f"{name} is not a module of Python source text")
    return Target(spec.origin, read_source(Path(spec.origin)), spec)


def with_text(target: Target, text: Path) -> Target:
    """The target with the text of another file in place of its own, in tracebacks too."""
    source = text.read_bytes().decode("utf-8", "surrogatepass")
    lines = source_lines(source, with_ends=True)
    linecache.cache[target.path] = len(source), None, lines, target.path
    # Python's own one would quote the file.
    sys.excepthook = traceback.print_exception
    return replace(target, source=source)


def become_main(target: Target, argv: Sequence[str]) -> types.ModuleType:
    """Put a new, empty `__main__` for the target in place, and `argv` into `sys.argv`."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=target.path, __builtins__=builtins, __cached__=None)
    if sys.version_info < (3, 14):  # since then made where it is asked for
        main.__dict__.update(__annotations__={})
    if target.spec is not None:
        main.__spec__, main.__loader__ = target.spec, target.spec.loader
        main.__package__ = target.spec.parent
    else:
        main.__loader__ = SourceFileLoader("__main__", target.path)
        main.__package__ = None
    sys.modules["__main__"] = main
    sys.argv[:] = argv
    call = argv[:1] if target.spec is None else ["-m", target.spec.name.removesuffix(".__main__")]
    flags = sys.orig_argv[1 : sys.orig_argv.index("-c")]
    sys.orig_argv[:] = [sys.executable, *flags, *call, *argv[1:]]
    return main


def hide_our_modules() -> None:
    """Have an `import engine` of the script find its own, as it would without us.

    What the script has run by then of ours stays loaded; nothing more can be imported of it. Its
    frames are left out by what shows tracebacks itself, as pytest and IPython do.
    """
    load_as_ever()
    for name in [one for one in sys.modules if one.partition(".")[0] == _OURS]:
        module = sys.modules.pop(name)
        vars(module)["__tracebackhide__"] = True
        _hidden.append(module)


_OURS = __name__.partition(".")[0]
_hidden: list[types.ModuleType] = []


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        instead = f"; -m takes a name, not a file: -m {name[:-3]}" if name.endswith(".py") else ""
        raise SourceError(f"module {name} cannot be found: {error}{instead}") from error
