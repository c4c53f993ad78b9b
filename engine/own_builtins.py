"""Python's own functions for our modules, as they are before a script has replaced any of them.

Whatever a script does to `builtins`, which is the same for all modules, its recorder goes on.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Sequence
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import FunctionType, ModuleType
from typing import Any

_OURS = f"{__name__.partition('.')[0]}."
_HARMLESS = frozenset(
    ("breakpoint", "compile", "eval", "exec", "exit", "help", "input", "open", "print", "quit")
)
"""What a script may have its own of: Python's modules and torch call it where they are told to."""
_KEPT: dict[str, Any] = {}
_NEEDED: dict[str, Any] = {}
"""Those that Python's own modules and torch need wherever they are called."""


def keep_builtins() -> None:
    """From now on load our modules with builtins of their own."""
    _KEPT.update(vars(builtins))
    for name, one in _KEPT.items():
        is_error = isinstance(one, type) and issubclass(one, BaseException)
        if callable(one) and not (is_error or name.startswith("_") or name in _HARMLESS):
            _NEEDED[name] = one
    sys.meta_path.insert(0, _FINDER)


def are_replaced() -> bool:
    """Whether the script has deleted or replaced what Python's own modules need: it may fail."""
    found = [_of_all(name) for name in _NEEDED]
    return found != [*_NEEDED.values()] and not _are_all_by_torch(found)


def _are_all_by_torch(found: Sequence[Any]) -> bool:
    """Whether torch has replaced those that are not Python's, as it does for an export: they work.

    Nothing is called here that the script may have replaced.
    """
    torch = _modules.get("torch")
    folder = None if torch is None else torch.__file__
    if folder is None:
        return False
    folder = folder.rpartition("/")[0]
    for one, ours in _zip(found, _NEEDED.values()):
        function = one.func if one.__class__ is partial else one
        if one is not ours and (
            function.__class__ is not FunctionType
            or not function.__code__.co_filename.startswith(folder)
        ):
            return False
    return True


class OwnBuiltins:
    """Python's own functions, put back for all modules while we end what we do with them."""

    def __init__(self) -> None:
        self._theirs: dict[str, Any] | None = None

    def put(self) -> None:
        """Put them back, if the script has replaced any."""
        if self._theirs is None and are_replaced():
            self._theirs = {**_ALL}
            _ALL.update(_KEPT)

    def give_back(self) -> None:
        """Have all as the script had it."""
        theirs, self._theirs = self._theirs, None
        if theirs is not None:
            for name in _KEPT.keys() - theirs.keys():
                _ALL.pop(name, None)
            _ALL.update(theirs)

    def __enter__(self) -> None:
        self.put()

    def __exit__(self, *failure: object) -> None:
        self.give_back()


def load_as_ever() -> None:
    """Load no more modules like that, where any were."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)


class _Finder:
    """Finds our modules where they would be found without it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(_OURS):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Runs a module as ever, but for the functions that it finds."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = _KEPT
        super().exec_module(module)


# This module itself is loaded as ever, so what runs late calls none of Python's functions.
_ALL = vars(builtins)
_of_all = _ALL.get
_modules, _zip = sys.modules, zip
_FINDER: Any = _Finder()
