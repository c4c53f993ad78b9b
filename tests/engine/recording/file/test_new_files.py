"""A file before it is a recording: whether it is one, and whether it can become one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.recording.file.frame_writer import FrameWriter, reserve
from engine.recording.file.frames import MAGIC, RunFileError, head, is_recording
from tests.engine.recording.file.written_frames import file_of


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (head(), True),
        (head(99), True),
        (file_of([("pass", b"abc")]), True),
        (b"\0" * 16 + file_of([("pass", b"abc")])[16:], True),
        (b"", False),
        (b"import torch\n", False),
        (MAGIC * 20, False),
        (b"SQLite format 3\0", False),
    ],
)
def test_a_recording_is_known_by_what_it_begins_with(
    tmp_path: Path, content: bytes, known: bool
) -> None:
    path = tmp_path / "run"
    path.write_bytes(content)

    assert is_recording(path) == known


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_what_cannot_be_read_is_no_recording(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert not any(is_recording(tmp_path / name) for name in (".", "no", "pipe", "a\0b"))


def test_a_reserved_file_is_for_the_writer_that_comes(tmp_path: Path) -> None:
    reserve(tmp_path / "run")
    with pytest.raises(RunFileError, match=r"run: it exists$"):
        reserve(tmp_path / "run")
    with pytest.raises(RunFileError, match="it is a folder"):
        reserve(tmp_path)

    FrameWriter(tmp_path / "run").close()

    assert is_recording(tmp_path / "run")
