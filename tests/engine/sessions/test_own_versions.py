from __future__ import annotations

from pathlib import Path

import pytest

from engine.atomic_files import FileError
from engine.private_files import state_folder
from engine.sessions.own_versions import OwnVersions

KEYS = ["backward", "/home/somebody/train.py", "-m package.module", "a\udc80b", "." * 400]


@pytest.mark.parametrize("key", KEYS)
def test_what_was_saved_is_there_in_the_next_program(tmp_path: Path, key: str) -> None:
    versions = OwnVersions(lambda: tmp_path)
    assert versions.text(key) is None
    versions.keep(key, "x = 1\r\n# \udc80 é\n")
    versions.save(key)
    assert OwnVersions(lambda: tmp_path).text(key) == "x = 1\r\n# \udc80 é\n"
    versions.keep(key, None)
    versions.save(key)
    assert OwnVersions(lambda: tmp_path).text(key) is None
    assert list(tmp_path.iterdir()) == []


def test_each_key_has_a_version_of_its_own(tmp_path: Path) -> None:
    versions = OwnVersions(lambda: tmp_path)
    for key in KEYS:
        versions.keep(key, f"# {key!a}\n")
        versions.save(key)
    again = OwnVersions(lambda: tmp_path)
    assert [again.text(key) for key in KEYS] == [f"# {key!a}\n" for key in KEYS]


def test_a_file_that_is_no_text_is_no_version(tmp_path: Path) -> None:
    versions = OwnVersions(lambda: tmp_path)
    versions.keep("backward", "x = 1\n")
    versions.save("backward")
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"\xff\xff")
    assert OwnVersions(lambda: tmp_path).text("backward") is None
    file.unlink()
    file.mkdir()
    assert OwnVersions(lambda: tmp_path).text("backward") is None


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    versions = OwnVersions(lambda: tmp_path / "none")
    versions.keep("backward", "x = 1\n")
    with pytest.raises(FileError, match="cannot write"):
        versions.save("backward")
    assert versions.text("backward") == "x = 1\n"


def test_only_the_user_reads_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder("versions").stat().st_mode & 0o777 == 0o700
