"""Which files are the user's own: those that are stepped into and shown.

They lie below the script's folder, the working directory or a folder that was named, and belong
to no installed package.
"""

from __future__ import annotations

import ast
import linecache
import os
import site
import sys
import sysconfig
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from types import FrameType, ModuleType

from engine.recording.journal import Journal
from engine.recording.records import SourceFile
from engine.recording.source_lines import source_lines
from engine.recording.syntax import module_in

_module = type.__dict__["__module__"].__get__
_INSTALLED = ("site-packages", "dist-packages")
_HERE = Path(__file__).resolve().parents[2]
_OURS = f"{Path(__file__).parents[2]}{os.sep}"
"""How the names of our own files begin, which half of those are that run in a window."""
FILES_LIMIT = 500
"""Most files of a project that are followed."""


class OwnFiles:
    """Knows the files of a project by the `co_filename` of their code, each read once.

    `main` is the script's `co_filename`; without `roots` it is the only file that is followed.
    """

    def __init__(self, journal: Journal, main: str, source: str, roots: Iterable[str] = ()) -> None:
        self._journal = journal
        self._roots = tuple({_folder(root) for root in roots})
        self._strange = _installed_folders()
        """Where what lies outside of a root inside of it is not the user's own."""
        self._main = main
        self._lock = threading.RLock()
        """Held while a file is added: several threads may come to one."""
        self._indexes: dict[str, int | None] = {}
        self._strangers: set[str] = set()
        """Names of files that are known not to be the user's own."""
        self.is_strange = self._strangers.__contains__
        """Whether a file is known not to be the user's own; quicker than to ask for its index."""
        self._modules: dict[str, bool] = {}
        """Whether a module is of the user's own, by its name."""
        self._lines: list[list[str]] = []
        self._trees: dict[int, ast.Module] = {}
        self._nodes: dict[int, Sequence[ast.AST]] = {}
        self._names: list[str] = []
        self._shown_lines: dict[tuple[int, int], str] = {}
        """By the index of the file and the number: every node of a graph has some of them."""
        self._add(main, Path(main).name, source)

    def index(self, filename: str) -> int | None:
        """The index of a file among the recording's; None where it is not the user's own."""
        try:
            return self._indexes[filename]
        except KeyError:
            return self._found(filename)

    def nearest(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the user's own files, from `frame` outwards."""
        while frame is not None and self.index(frame.f_code.co_filename) is None:
            frame = frame.f_back
        return frame

    def defines(self, kind: type) -> bool:
        """Whether the class was defined in the script or in another of the user's own files."""
        name = module_name(kind)
        if name not in self._modules:
            module = sys.modules.get(name)
            # A lazy module, of another class, would load itself.
            found = module.__dict__.get("__file__") if type(module) is ModuleType else None
            self._modules[name] = type(found) is str and self._owns(found)
        return name == "__main__" or self._modules[name]

    def name(self, index: int) -> str:
        """What the file is called on the screen."""
        return self._names[index]

    @property
    def count(self) -> int:
        """How many files there are."""
        return len(self._names)

    def index_of(self, name: str | None) -> int:
        """The index of a file by its name; 0, the script, for None or a name nobody has."""
        return self._names.index(name) if name in self._names else 0

    def lines(self, index: int) -> list[str]:
        """The source lines of a file."""
        return self._lines[index]

    def tree(self, index: int) -> ast.Module:
        """A file as syntax, read once; empty where Python cannot read it."""
        if index not in self._trees:
            self._trees[index] = module_in("\n".join(self._lines[index]))
        return self._trees[index]

    def nodes(self, index: int) -> Sequence[ast.AST]:
        """All that the syntax of a file is made of, outer things first; gone through once."""
        if index not in self._nodes:
            self._nodes[index] = [*ast.walk(self.tree(index))]
        return self._nodes[index]

    def line(self, frame: FrameType, number: int | None = None) -> str:
        """A line of the user's own as `model.py:10  h = torch.tanh(h)`."""
        index = self.index(frame.f_code.co_filename) or 0
        return self.line_of(index, frame.f_lineno if number is None else number)

    def line_of(self, index: int, number: int) -> str:
        """The same by the index of its file."""
        known = self._shown_lines.get((index, number))
        if known is None:
            lines = self._lines[index]
            text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
            known = f"{self._names[index]}:{number}  {text}".rstrip()
            self._shown_lines[index, number] = known
        return known

    @property
    def last_line(self) -> int:
        """The last line of the script that has text other than a comment."""
        lines = self._lines[0]
        numbers = range(len(lines), 0, -1)
        return next((n for n in numbers if lines[n - 1].strip(" \t")[:1] not in ("", "#")), 1)

    def _found(self, filename: str) -> int | None:
        with self._lock:
            return self._found_alone(filename)

    def _found_alone(self, filename: str) -> int | None:
        if self._indexes.setdefault(filename) is not None:
            return self._indexes[filename]
        if self._owns(filename) and len(self._names) < FILES_LIMIT:
            # What is compiled under the name of a pipe must not be waited for.
            known = filename in linecache.cache or Path(filename).is_file()
            lines = linecache.getlines(filename) if known else []
            if lines:
                return self._add(filename, self._shown(filename), "".join(lines))
        self._strangers.add(filename)
        return None

    def _owns(self, filename: str) -> bool:
        if not self._roots or filename.startswith(("<", _OURS)):
            return False
        path = _real(filename)
        if any(f"{os.sep}{part}{os.sep}" in path for part in _INSTALLED):
            return False
        root = max((root for root in self._roots if path.startswith(root)), key=len, default="")
        return root != "" and not any(
            path.startswith(folder) and not root.startswith(folder) for folder in self._strange
        )

    def _shown(self, filename: str) -> str:
        path = os.path.realpath(filename)
        inside = [root for root in self._roots if path.startswith(root)]
        return os.path.relpath(path, max(inside, key=len)) if inside else Path(path).name

    def _add(self, filename: str, name: str, source: str) -> int:
        self._names.append(name)
        self._lines.append(source_lines(source))
        index = self._journal.add_file(SourceFile(name, filename, source))
        self._indexes[filename] = index
        return index


def module_name(kind: type) -> str:
    """The name of the module that the class was defined in; empty where it has none.

    Nothing of a class of classes runs.
    """
    module = _module(kind)
    return module if type(module) is str else ""


def _installed_folders() -> tuple[str, ...]:
    """Where Python, its packages and this program are."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {site.getusersitepackages(), str(_HERE), str(_HERE.parent / "tui")}
    folders = {_folder(path) for path in paths if path}
    if sys.prefix != sys.base_prefix:
        folders.add(_folder(sys.prefix))
    return tuple(folders)


def _real(filename: str) -> str:
    """The real path of a file; that of its folder, which many are in, is found out once."""
    folder, _, name = filename.rpartition(os.sep)
    path = f"{_real_folder(folder)}{os.sep}{name}"
    is_known = folder.startswith(os.sep) and not Path(path).is_symlink()
    return path if is_known else os.path.realpath(filename)


@lru_cache(maxsize=1024)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _folder(path: str) -> str:
    """The real path, with a separator at its end: what all paths inside begin with."""
    return os.path.realpath(path).rstrip(os.sep) + os.sep
