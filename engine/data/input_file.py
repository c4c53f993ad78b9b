"""A file, or standard input, opened as bytes, with one clear line where it cannot be read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.data.cells import visible
from engine.data.source import STDIN, TableError
from engine.regular_files import open_regular

_HANDED_OVER = re.compile("/dev/stdin|/(?:dev|proc/self)/fd/([0-9]{1,9})")
"""Paths of what is open already, as a shell gives them for `<(command)`."""

_ADDRESS = re.compile(r"(?:^|/)(https?|ftp|s3|gs|file):/+(.+)", re.IGNORECASE)
"""One on the internet, taken for a path."""
_LOADED = {"s3": "aws s3 cp {} -", "gs": "gcloud storage cat {}"}
"""What brings it from where curl does not go."""


def file_name(path: str) -> str:
    """The file's name made fit for one line of a message; `standard input` for `-`."""
    return "standard input" if path == STDIN else visible(Path(path).name or path, 80)


@contextmanager
def opened(path: str, name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """A stream of a file's bytes and their number, None where it is not a regular file.

    Raises TableError where the file cannot be read, also from inside the block.
    """
    try:
        with _stream(path, name) as stream:
            status = os.fstat(stream.fileno())
            yield stream, status.st_size if stat.S_ISREG(status.st_mode) else None
    except OSError as error:
        if address := _ADDRESS.search(path):
            scheme = address[1].lower()
            if scheme == "file":
                path = visible(f"/{address[2]}", 200)
                raise TableError(f"an address is no file: its path is {path}") from error
            url = visible(f"{scheme}://{address[2]}", 200)
            load = _LOADED.get(scheme, "curl -L {}").format(url)
            raise TableError(
                f"an address is no file: {load} | linreg-tui train --data -"
            ) from error
        raise TableError(f"cannot read {name}: {error.strerror or error}") from error


def _stream(path: str, name: str) -> BinaryIO:
    if path == STDIN:
        return os.fdopen(0, "rb", closefd=False)
    if handed_over := _HANDED_OVER.fullmatch(path):
        # Not opened anew, which waits for another writer where the first has finished.
        stream = os.fdopen(os.dup(int(handed_over[1] or 0)), "rb")
        if stream.isatty():
            stream.close()
            raise TableError(f"cannot read {name}: it is a terminal")
        return stream
    return open_regular(path)
