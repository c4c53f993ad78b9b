"""Files for their owner alone: the state directory, whoever makes it first, and what is in it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path


def state_path(name: str = "") -> Path:
    """The user's state directory by the platform's conventions, or what is called so in it."""
    return user_state_path("linreg-tui", appauthor=False) / name


def state_folder(name: str = "") -> Path:
    """The state directory, or a folder of that name in it; made if missing, and private."""
    folder = private_folder(state_path())
    return private_folder(folder / name) if name else folder


def private_folder(folder: Path) -> Path:
    """The folder, made if missing, and closed to everybody but its owner.

    Where that cannot be done nothing is raised: whoever writes there will say what is wrong.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (mode := folder.stat().st_mode & 0o777) & 0o077:
            folder.chmod(mode & 0o700)
    return folder


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a file that only its owner can read, made if missing; raises OSError.

    `flags` are those of `os.open`. A symbolic link is not followed: who planted it would choose
    the file that is written to.
    """
    flags |= os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
