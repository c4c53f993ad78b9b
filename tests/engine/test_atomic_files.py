from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from engine.atomic_files import FileError, temporaries, write


def pieces(*texts: str) -> Iterator[bytes]:
    for text in texts:
        yield text.encode()


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, pieces("one ", "two"))
    assert path.read_text() == "one two"
    write(path, pieces("three"))
    assert path.read_text() == "three"
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_file_stays_where_the_new_one_does_not_fit(
    tmp_path: Path, small_files: None
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(FileError, match=r"^cannot write .*/file: File too large$"):
        write(path, pieces("x" * 600, "y" * 600))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_where_the_making_of_it_fails(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"begun"
        raise KeyboardInterrupt

    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write(path, failing())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_or_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory"):
        write(tmp_path / "none" / "file", pieces("x"))
    with pytest.raises(FileError, match="Is a directory"):
        write(tmp_path, pieces("x"))
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="Not a directory"):
        write(tmp_path / "file" / "file", pieces("x"))
    with pytest.raises(FileError, match="null"):
        write(tmp_path / "a\0b", pieces("x"))


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="root may write everywhere else")
def test_a_folder_that_cannot_be_written_is_said() -> None:
    with pytest.raises(FileError, match=r"Permission denied|Read-only file system"):
        write(Path("/sys/file"), pieces("x"))


def test_a_folder_that_has_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    with chdir(gone):
        gone.rmdir()
        with pytest.raises(FileError, match=r"^cannot write file: No such file or directory$"):
            write(Path("file"), pieces("x"))


def test_devices_are_written_to_and_not_replaced() -> None:
    write(Path("/dev/null"), pieces("x"))
    assert Path("/dev/null").is_char_device()
    with pytest.raises(FileError, match="cannot write /dev/full: No space left on device"):
        write(Path("/dev/full"), pieces("x"))


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, pieces("new"))
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_made_with_the_users_mask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(tmp_path / "file", pieces("x"))
    finally:
        os.umask(old)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_what_a_killed_writer_left_is_found(tmp_path: Path) -> None:
    left = tmp_path / ".a[b]*.json.0123abcd.tmp"
    left.write_text("half")
    (tmp_path / ".other.json.0123abcd.tmp").write_text("half")
    assert list(temporaries(tmp_path / "a[b]*.json")) == [left]
