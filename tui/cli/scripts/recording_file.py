"""The file that a recording is to be kept in: taken before anything is run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.recording.file.frame_writer import reserve


@contextmanager
def kept(path: Path | None) -> Iterator[None]:
    """While entered there is an empty file for a recorder; it goes where nothing came into it.

    Does nothing for None. Raises RunFileError where a file is there, or none can be.
    """
    if path is None:
        yield
        return
    reserve(path)
    mine = path.absolute()  # the script may go elsewhere
    try:
        yield
    finally:
        with suppress(OSError):
            if not mine.stat().st_size:
                os.unlink(mine)  # noqa: PTH108
