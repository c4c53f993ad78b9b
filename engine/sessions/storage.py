"""Sessions in files: JSON with a schema version and a checksum, replaced as a whole."""

from __future__ import annotations

import json
import math
import os
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from engine import atomic_files
from engine.private_files import state_folder
from engine.regular_files import read_regular
from engine.sessions.json_records import PlainError
from engine.sessions.schema import plain_session, read_session
from engine.sessions.session import Session, SessionError

FORMAT = "linreg-tui session"
_BEGINNING = f'{{"format":"{FORMAT}",'.encode()
AUTOSAVE = "autosave.json"
"""The name of the session that nobody named."""
VERSION = 2
"""The schema's version: increased when an older program cannot read the file any more."""
SIZE_LIMIT = 1 << 28
"""Most bytes in a session file: 256 MiB."""


def save(path: Path, session: Session, *, private: bool = False) -> None:
    """Write a session as a whole, or leave what is there and raise SessionError.

    One that is `private` is for its owner alone.
    """
    try:
        plain = plain_session(session)
        head = {"format": FORMAT, "version": VERSION, "checksum": checksum_of(plain)}
        data = json.dumps(head | {"session": plain}, separators=(",", ":"), allow_nan=False)
        if len(data) > SIZE_LIMIT:
            raise SessionError(f"not saved: the session is larger than {SIZE_LIMIT:,} bytes")
        if private:
            _make_folder(path)
        atomic_files.write(path, [data.encode("ascii")], private=private)
    except (PlainError, atomic_files.FileError) as error:
        raise SessionError(f"not saved: {error}") from error


def _make_folder(path: Path) -> None:
    """Make the folder of a private file, where it is missing; raises FileError with the reason."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise atomic_files.FileError(f"cannot write {path}: {error.strerror}") from error


def load(path: Path) -> Session:
    """Read a session, believing nothing; raises SessionError. The file is never changed."""
    name = ascii(path.name).strip("'\"")
    plain = _parsed(_content(path, name), name)
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise SessionError(f"{name} is not a session of linreg-tui")
    version = plain.get("version")
    if type(version) is int and version > VERSION:
        newer = f"schema {version}, this one reads up to {VERSION}"
        raise SessionError(f"{name} was saved by a newer linreg-tui ({newer})")
    keys = {"format", "version", "checksum", "session"}
    if version not in range(1, VERSION + 1) or set(plain) != keys:
        raise SessionError(f"{name} is damaged: its head is not that of a session")
    try:
        if plain["checksum"] != checksum_of(plain["session"]):
            raise SessionError(f"{name} is damaged or was edited: its checksum does not fit")
        return read_session(plain["session"])
    except (PlainError, RecursionError) as error:
        raise SessionError(f"{name} is damaged: {error}") from error


def is_another_file(path: Path) -> bool:
    """Whether a file with content is there that is no session: saving would replace it."""
    try:
        start = read_regular(path, len(_BEGINNING))
    except OSError:  # saving will say what is wrong
        return False
    return start not in (b"", _BEGINNING)


def keep_aside(path: Path) -> tuple[Path, str] | None:
    """Give a session that cannot be loaded another name before another one is saved over it.

    Returns its new path and why it cannot be loaded; None where there is nothing to keep.
    Raises SessionError where it can be neither loaded nor moved.
    """
    try:
        if not path.stat().st_size:
            return None
        load(path)
    except FileNotFoundError:
        return None
    except (OSError, SessionError) as error:
        names = (path.with_name(f"{path.stem}-kept-{n}{path.suffix}") for n in count(1))
        aside = next(name for name in names if not os.path.lexists(name))
        try:
            path.rename(aside)
        except OSError as failure:
            raise SessionError(
                f"not saved: {path} cannot be kept aside: {failure.strerror}"
            ) from failure
        return aside, str(error)
    return None


def autosave_path() -> Path:
    """The path of the autosave in the user's state directory, which is made if missing."""
    return state_folder() / AUTOSAVE


def _content(path: Path, name: str) -> bytes:
    try:
        data = read_regular(path, SIZE_LIMIT + 1)
    except OSError as error:
        raise SessionError(f"cannot read {name}: {error.strerror or error}") from error
    if len(data) > SIZE_LIMIT:
        raise SessionError(f"{name} is larger than {SIZE_LIMIT:,} bytes and no session")
    return data


def _parsed(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"{name} is damaged, cut short or no session: not JSON") from error


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is not a finite number")


def checksum_of(plain: object) -> str:
    """The checksum of a session in a file, as plain values."""
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
    return blake2b(text.encode("ascii"), digest_size=16).hexdigest()
