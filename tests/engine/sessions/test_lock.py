from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from engine.sessions.lock import Lock, SessionBusyError
from engine.sessions.session import SessionError

HOLDER = """
import sys
from contextlib import chdir
from pathlib import Path
from engine.sessions.lock import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "session.json"
    path.write_text("{}")
    return path


def holder(path: Path) -> subprocess.Popen[bytes]:
    """Another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_program_is_told_who_has_it(path: Path) -> None:
    with holder(path) as other:
        message = rf"^session\.json is open in another linreg-tui \(process {other.pid}\)"
        with pytest.raises(SessionBusyError, match=message):
            Lock(path)
    Lock(path).release()


def test_who_is_killed_holds_nothing(path: Path) -> None:
    with holder(path) as other:
        other.kill()
        other.wait()
    with Lock(path):
        pass


def test_a_lock_is_released_once_and_leaves_nothing(path: Path) -> None:
    lock = Lock(path)
    with pytest.raises(SessionBusyError):
        Lock(path)
    lock.release()
    lock.release()
    with Lock(path):
        pass
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_the_same_session(path: Path) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)
    with Lock(path), pytest.raises(SessionBusyError):
        Lock(link)


@pytest.mark.parametrize("exists", [True, False])
def test_a_lock_file_that_is_a_link_is_refused_and_not_followed(path: Path, exists: bool) -> None:
    elsewhere = path.with_name("elsewhere")
    if exists:
        elsewhere.write_text("precious")
    path.with_name(".session.json.lock").symlink_to(elsewhere)
    with pytest.raises(SessionError, match=r"^cannot lock .*lock is a symbolic link$"):
        Lock(path)
    assert elsewhere.exists() == exists
    assert not exists or elsewhere.read_text() == "precious"


def test_who_has_it_sweeps_up_after_killed_writers(path: Path) -> None:
    left = path.with_name(".session.json.0123abcd.tmp")
    left.write_text("half")
    own = path.with_name(".session.json.backup.tmp")
    own.write_text("somebody's own")
    folder = path.with_name(".session.json.89abcdef.tmp")
    folder.mkdir()
    with Lock(path):
        assert not left.exists()
        assert own.read_text() == "somebody's own"
        assert folder.exists(), "what cannot be removed is left"


@pytest.mark.parametrize("what", ["somebody's own", None])
def test_what_is_no_lock_of_ours_is_left_as_it_is(path: Path, what: str | None) -> None:
    beside = path.with_name(".session.json.lock")
    if what is None:
        os.mkfifo(beside)
    else:
        beside.write_text(what)
    why = "it is a named pipe" if what is None else "it is not a lock of linreg-tui"
    with pytest.raises(SessionError, match=f"^cannot lock .*{why}$"):
        Lock(path)
    assert beside.exists()
    assert what is None or beside.read_text() == what


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    with pytest.raises(SessionError, match=f"^cannot write .*: there is no folder {folder}$"):
        Lock(folder / "session.json")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/", "Is a directory"),
        ("/proc/session.json", "no file can be made in /proc"),
        ("/sys/session.json", "(Permission denied|Read-only file system)"),
        ("/etc/passwd/session.json", "Not a directory"),
        (f"/tmp/{'n' * 250}", "File name too long"),
    ],
)
def test_why_a_session_cannot_be_written_is_said(path: str, why: str) -> None:
    with pytest.raises(SessionError, match=f"^cannot write {path}: {why}$"):
        Lock(Path(path))


def test_a_folder_that_has_gone_and_links_in_a_circle_are_said(tmp_path: Path) -> None:
    gone, circle = tmp_path / "gone", tmp_path / "circle"
    gone.mkdir()
    circle.symlink_to(circle)
    with chdir(gone):
        gone.rmdir()
        with pytest.raises(SessionError, match=r"^cannot write session.json: No such file"):
            Lock(Path("session.json"))
    with pytest.raises(SessionError, match=r"^cannot write .*circle"):
        Lock(circle)
