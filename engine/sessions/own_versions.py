"""What somebody has made of a lesson or a script: text files in the user's state directory.

The file that was changed stays as it is; a version is found by what it is a version of.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from engine import atomic_files
from engine.private_files import state_folder
from engine.regular_files import read_regular

NAME = 40
"""So much of a name stands in that of the file."""
TEXT_LIMIT = 2_000_000
"""A text of more bytes is no version of ours."""


class OwnVersions:
    """Keeps one version a key: at once in memory, and in a file when `save` is called.

    `folder` returns where the files are, and is asked only when one is looked for.
    """

    def __init__(self, folder: Callable[[], Path] = lambda: state_folder("versions")) -> None:
        self._folder = folder
        self._texts: dict[str, str | None] = {}
        self._saving = threading.Lock()

    def text(self, key: str) -> str | None:
        """Return the text of the version of a key; None where there is none."""
        if key not in self._texts:
            self._texts[key] = self._read(key)
        return self._texts[key]

    def keep(self, key: str, text: str | None) -> None:
        """Keep a text as the version of a key in memory, or with None forget it."""
        self._texts[key] = text

    def save(self, key: str) -> None:
        """Write what is kept of a key to its file, or remove that; raises FileError.

        On any thread: whichever call is last writes what was kept last.
        """
        with self._saving:
            text, path = self._texts.get(key), self._path(key)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                atomic_files.write(path, [text.encode("utf-8", "surrogatepass")], private=True)

    def _path(self, key: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(key).stem)[:NAME]
        key_hash = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        return self._folder() / f"{name}-{key_hash}.py"

    def _read(self, key: str) -> str | None:
        try:
            data = read_regular(self._path(key), TEXT_LIMIT + 1)
            return None if len(data) > TEXT_LIMIT else data.decode("utf-8", "surrogatepass")
        except (OSError, ValueError):
            return None
