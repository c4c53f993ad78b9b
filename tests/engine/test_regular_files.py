"""What is no regular file is neither waited for nor read, by whatever name it is called."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frames import RunFileError, is_recording
from engine.regular_files import NotRegularError, open_regular, read_regular
from engine.script.frames.source_file import SourceError, read_source
from engine.sessions.session import SessionError
from engine.sessions.storage import load

READERS: dict[str, Callable[[Path], object]] = {
    "data": read_table,
    "a script": read_source,
    "a session": load,
    "a recording": FrameReader,
}
KINDS = {
    "pipe": "a named pipe",
    "socket": "a socket",
    "device": "a device",
    "endless": "a device",
    "folder": "[Aa] directory",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One of everything, and a link to each."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as end, suppress(OSError):
        end.bind(os.fsencode(tmp_path / "socket"))
    (tmp_path / "device").symlink_to("/dev/null")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in KINDS:
        (tmp_path / f"link to {name}").symlink_to(name)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_every_reader_says_in_one_line_what_it_is(folder: Path, kind: str) -> None:
    for path in (folder / kind, folder / f"link to {kind}"):
        if not path.exists():
            pytest.skip("a socket's path is short")
        with pytest.raises(NotRegularError, match=KINDS[kind]):
            open_regular(path)
        assert not is_recording(path)
        for read in READERS.values():
            with pytest.raises(
                (TableError, SourceError, SessionError, RunFileError), match=KINDS[kind]
            ) as refused:
                read(path)
            assert "\n" not in str(refused.value)


def test_a_link_to_a_regular_file_is_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link") == b"content"
    assert read_regular(tmp_path / "link", 3) == b"con"


def test_a_file_that_would_wait_for_its_next_line_is_empty_so_far() -> None:
    """As of the kernel's messages, which only some users may read."""
    with suppress(PermissionError, FileNotFoundError):
        assert read_regular("/proc/kmsg", 0) == b""
        assert not is_recording("/proc/kmsg")


def test_what_a_shell_hands_over_is_data() -> None:
    """As `--data <(command)` does, and whatever writes into it has ended before it is read."""
    read, write = os.pipe()
    os.write(write, b"x,y\n1,2\n2,4\n")
    os.close(write)
    assert read_table(f"/dev/fd/{read}").points == 2
    os.close(read)


def test_a_pipe_as_standard_input_has_a_name_too() -> None:
    code = "from engine.data.table_cache import read_table; print(read_table('/dev/stdin').points)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"x,y\n1,2\n2,4\n", capture_output=True, check=True
    )
    assert done.stdout == b"2\n"
