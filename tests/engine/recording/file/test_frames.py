from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given

from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.frames import (
    PAYLOAD_LIMIT,
    VERSION,
    RunFileError,
    head,
    pack,
)
from engine.recording.file.run_file import RunJournal
from engine.recording.file.run_reader import RunReader
from engine.recording.records import Moment
from tests.engine.recording.file.written_frames import (
    FRAMES,
    Written,
    file_of,
    payloads,
    readable,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frames") / "a.run"


@given(FRAMES)
def test_what_is_appended_is_read(path: Path, frames: Written) -> None:
    path.unlink(missing_ok=True)
    with FrameWriter(path) as writer:
        for kind, payload in frames:
            writer.append(kind, payload)
    assert path.read_bytes() == file_of(frames)
    with FrameReader(path) as reader:
        assert list(payloads(reader)) == frames
        assert reader.refresh() == ()
        assert (reader.damaged, reader.tail, reader.end) == (0, 0, path.stat().st_size)


def test_a_second_reader_follows_the_writer(path: Path) -> None:
    path.unlink(missing_ok=True)
    with FrameWriter(path) as writer, FrameReader(path) as reader:
        assert reader.refresh() == ()
        for number in range(50):
            writer.append("pass", b"%d" % number)
            (frame,) = reader.refresh()
            assert reader.read(frame) == b"%d" % number


def test_a_frame_of_which_a_part_is_there_comes_when_the_rest_is(path: Path) -> None:
    frame = pack(b"pass", b"payload", False)
    whole = head() + pack(b"pass", b"before", False) + frame
    path.write_bytes(whole[: -len(frame)])
    with FrameReader(path) as reader:
        assert len(reader.refresh()) == 1
        for size in range(1, len(frame)):
            path.write_bytes(whole[: size - len(frame)])
            assert (reader.refresh(), reader.tail, reader.damaged) == ((), size, 0)
        path.write_bytes(whole)
        (found,) = reader.refresh()
        assert (reader.read(found), reader.tail) == (b"payload", 0)


def test_a_forked_child_writes_nothing(path: Path) -> None:
    path.unlink(missing_ok=True)
    with FrameWriter(path) as writer:
        writer.append("pass", b"parent")
        if (child := os.fork()) == 0:
            writer.append("pass", b"child")
            writer.close()
            os._exit(0)
        os.waitpid(child, 0)
        writer.append("pass", b"parent again")
    assert readable(path) == [("pass", b"parent"), ("pass", b"parent again")]


def test_threads_append_whole_frames(path: Path) -> None:
    path.unlink(missing_ok=True)
    with FrameWriter(path) as writer:

        def fill() -> None:
            for size in range(200):
                writer.append("pass", b"x" * size)

        threads = [threading.Thread(target=fill) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(readable(path)) == 800


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_loses_the_frame_and_not_the_file(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        writer.append("pass", b"a" * 400)
        with pytest.raises(OSError, match="too large"):
            writer.append("pass", os.urandom(700))
        writer.append("pass", b"b" * 400)
        assert readable(tmp_path / "a.run") == [("pass", b"a" * 400), ("pass", b"b" * 400)]


def is_open_on(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def test_a_descriptor_that_the_script_closed_and_took_is_left_alone(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        writer.append("pass", b"before")
        path = tmp_path / "a.run"
        its = next(number for number in range(1000) if is_open_on(number, path))
        os.close(its)
        own = os.open(tmp_path / "own", os.O_WRONLY | os.O_CREAT)
        assert own == its
        writer.append("pass", b"after")
        os.close(own)
    assert (tmp_path / "own").read_bytes() == b""
    assert readable(tmp_path / "a.run") == [("pass", b"before"), ("pass", b"after")]


def test_appending_to_a_closed_recording(tmp_path: Path) -> None:
    writer = FrameWriter(tmp_path / "a.run")
    writer.close()
    writer.close()
    with pytest.raises(OSError, match="closed"):
        writer.append("pass", b"")


def test_kinds_and_payloads_that_do_not_fit(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        for kind in ("", "nine char", "ä", "a\n"):
            with pytest.raises(ValueError, match="kind"):
                writer.append(kind, b"")
        with pytest.raises(ValueError, match="at most"):
            writer.append("pass", bytes(PAYLOAD_LIMIT + 1), compress=False)
    assert readable(tmp_path / "a.run") == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(RunFileError, match=r"cannot record to .*notes: it exists"):
        FrameWriter(tmp_path / "notes")
    with pytest.raises(RunFileError, match="notes is not a recording"):
        FrameWriter.resume(tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"
    (tmp_path / "empty").touch()
    FrameWriter(tmp_path / "empty").close()
    assert readable(tmp_path / "empty") == []


@pytest.mark.parametrize("place", ["", "missing/a.run", "a\0b"])
def test_places_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    with pytest.raises(RunFileError, match="cannot record to"):
        FrameWriter(tmp_path / place)
    with pytest.raises(RunFileError):
        FrameWriter.resume(tmp_path / place)


def test_files_that_are_no_recording(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "text").write_text("a text of more than sixteen letters")
    (tmp_path / "empty").touch()
    (tmp_path / "newer").write_bytes(head(VERSION + 1))
    (tmp_path / "older").write_bytes(head(VERSION - 1))
    for name, why in (
        ("", "is a directory, not a recording"),
        ("pipe", "is a named pipe, not a recording"),
        ("text", "text is not a recording"),
        ("empty", "is empty: nothing is recorded in it yet"),
        ("newer", rf"a newer linreg-tui \(format {VERSION + 1}, this one reads {VERSION}\)"),
        ("older", rf"an older linreg-tui \(format {VERSION - 1}, this one reads {VERSION}\)"),
        ("none\nat all", r"cannot read .*none\?at all: No such file"),
        ("a\0b", r"cannot read .*a\?b: no file can have this name"),
    ):
        with pytest.raises(RunFileError, match=why):
            FrameReader(tmp_path / name)


def test_a_file_that_went_away_is_told_and_still_read(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        writer.append("pass", b"kept")
    with FrameReader(tmp_path / "a.run") as reader:
        (frame,) = reader.refresh()
        (tmp_path / "a.run").unlink()
        with pytest.raises(RunFileError, match="No such file"):
            reader.refresh()
        FrameWriter(tmp_path / "a.run").close()
        with pytest.raises(RunFileError, match="replaced"):
            reader.refresh()
        assert reader.read(frame) == b"kept"
    with pytest.raises(RunFileError, match="cannot read"):
        reader.read(frame)


def test_a_file_is_given_back_when_nothing_of_it_can_be_read_any_more(tmp_path: Path) -> None:
    def is_open() -> bool:
        return any(link.resolve().name == "a.run" for link in Path("/proc/self/fd").iterdir())

    journal = RunJournal(FrameWriter(tmp_path / "a.run"), "train.py", "x = 1\n", {})
    journal.add_moment(Moment(1, 0, "<module>", "", (), (), None, None))
    journal.end("end", None, "")
    moments = RunReader(tmp_path / "a.run").recording().moments
    assert is_open()
    assert moments[0].line == 1
    del moments
    gc.collect()
    assert not is_open()
