from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.recording.frame_reader import FrameReader
from engine.recording.frame_writer import FrameWriter
from engine.recording.frames import (
    HEAD_SIZE,
    MAGIC,
    PAYLOAD_LIMIT,
    VERSION,
    DamagedFrameError,
    EmptyRunFileError,
    Frame,
    RunFileError,
    head,
    kind_field,
    pack,
)

Written = list[tuple[str, bytes]]

FRAMES = st.lists(
    st.tuples(
        st.sampled_from(["pass", "graph", "scalars!"]),
        st.binary(max_size=60) | st.integers(0, 4000).map(lambda size: b"abc" * size),
    ),
    max_size=8,
)

WRITER = """
import sys
from engine.recording.frame_writer import FrameWriter
writer = FrameWriter(sys.argv[1])
for number in range(10**9):
    writer.append("pass", f"{number:07}".encode() * (1 + number % 3000))
    print(number, flush=True)
"""


def file_of(frames: Written) -> bytes:
    return head() + b"".join(pack(kind_field(kind), payload, True) for kind, payload in frames)


def readable(path: Path) -> Written:
    """What can be read, frames with a damaged payload left out."""
    with FrameReader(path) as reader:
        return list(payloads(reader))


def payloads(reader: FrameReader) -> Iterator[tuple[str, bytes]]:
    for frame in reader.refresh():
        try:
            yield frame.kind, reader.read(frame)
        except DamagedFrameError as error:
            assert "\n" not in str(error)
            assert reader.damaged


def seems_in_order(path: Path) -> bool:
    """Whether a damaged frame is, by chance, as long as what stands in its place."""
    with FrameReader(path) as reader:
        frames = reader.refresh()
        starts = {frame.offset for frame in frames} | {path.stat().st_size}
        return any(frame.end in starts and not is_readable(reader, frame) for frame in frames)


def is_readable(reader: FrameReader, frame: Frame) -> bool:
    try:
        reader.read(frame)
    except DamagedFrameError:
        return False
    return True


def is_part_of(found: Written, written: Written) -> bool:
    rest = iter(written)
    return all(one in rest for one in found)


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


@given(FRAMES.filter(bool), st.data())
def test_a_cut_takes_only_what_it_cuts(path: Path, frames: Written, data: st.DataObject) -> None:
    whole = file_of(frames)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    if cut < HEAD_SIZE:
        with pytest.raises(EmptyRunFileError):
            FrameReader(path)
        return
    left = [count for count in range(len(frames) + 1) if len(file_of(frames[:count])) <= cut]
    assert readable(path) == frames[: left[-1]]


@given(FRAMES.filter(bool), st.data())
def test_a_changed_byte_takes_one_frame(path: Path, frames: Written, data: st.DataObject) -> None:
    changed = bytearray(file_of(frames))
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    found = readable(path)
    assert is_part_of(found, frames)
    assert len(found) == len(frames) - (place >= HEAD_SIZE)


@given(FRAMES.filter(bool), st.data())
def test_bytes_taken_out_or_put_in_take_only_the_frames_they_touch(
    path: Path, frames: Written, data: st.DataObject
) -> None:
    whole = file_of(frames)
    start = data.draw(st.integers(HEAD_SIZE, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=100)) + whole[end:])
    found = readable(path)
    ends = [len(file_of(frames[:count])) for count in range(len(frames) + 1)]
    untouched = [
        frame
        for frame, before, after in zip(frames, ends, ends[1:], strict=False)
        if after <= start or before >= end
    ]
    assert is_part_of(found, frames)
    assume(not seems_in_order(path))
    assert is_part_of(untouched, found)


@given(st.binary(max_size=300))
def test_any_bytes_after_a_head_raise_nothing(path: Path, garbage: bytes) -> None:
    path.write_bytes(head() + garbage)
    assert readable(path) == []


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


@given(FRAMES.filter(bool), st.data())
def test_resuming_after_a_cut(path: Path, frames: Written, data: st.DataObject) -> None:
    whole = file_of(frames)
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    before = readable(path) if path.stat().st_size >= HEAD_SIZE else []
    with FrameWriter.resume(path) as writer:
        writer.append("end", b"killed")
    with FrameReader(path) as reader:
        assert list(payloads(reader)) == [*before, ("end", b"killed")]
        assert (reader.damaged, reader.tail) == (0, 0)


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


@pytest.mark.parametrize("lines", [1, 2, 17, 60, 150])
def test_what_was_announced_before_a_kill_is_there(path: Path, lines: int) -> None:
    path.unlink(missing_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(lines):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        announced = lines + len(writer.stdout.readlines())
    found = readable(path)
    assert len(found) in (announced, announced + 1)
    assert [payload[:7] for _, payload in found] == [b"%07d" % n for n in range(len(found))]


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_loses_the_frame_and_not_the_file(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        writer.append("pass", b"a" * 400)
        with pytest.raises(OSError, match="too large"):
            writer.append("pass", os.urandom(700))
        writer.append("pass", b"b" * 400)
        assert readable(tmp_path / "a.run") == [("pass", b"a" * 400), ("pass", b"b" * 400)]


def test_a_descriptor_that_the_script_closed_and_took_is_left_alone(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "a.run") as writer:
        writer.append("pass", b"before")
        os.close(writer._descriptor)
        own = os.open(tmp_path / "own", os.O_WRONLY | os.O_CREAT)
        assert own == writer._descriptor
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
    for name, why in (
        ("", "is a folder, not a recording"),
        ("pipe", "is not a regular file"),
        ("text", "text is not a recording"),
        ("empty", "is empty: nothing is recorded in it yet"),
        ("newer", rf"newer linreg-tui \(format {VERSION + 1}, this one reads up to {VERSION}\)"),
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


@pytest.mark.parametrize("declared", [0, 10, 1000])
def test_a_payload_that_unpacks_to_more_than_it_says_is_not_unpacked(
    path: Path, declared: int
) -> None:
    packed = zlib.compress(bytes(50_000_000), 9)
    header = struct.pack("<4s8sIIII", MAGIC, b"pass", 1, len(packed), declared, zlib.crc32(packed))
    path.write_bytes(head() + header + struct.pack("<I", zlib.crc32(header)) + packed)
    with FrameReader(path) as reader:
        (frame,) = reader.refresh()
        tracemalloc.start()
        with pytest.raises(DamagedFrameError):
            reader.read(frame)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        tracemalloc.stop()


def test_a_header_that_tells_of_more_than_the_file_has_takes_no_memory(path: Path) -> None:
    header = struct.pack("<4s8sIIII", MAGIC, b"pass", 0, PAYLOAD_LIMIT, PAYLOAD_LIMIT, 0)
    kept = pack(b"pass", b"kept", False)
    path.write_bytes(head() + header + struct.pack("<I", zlib.crc32(header)) + kept)
    assert readable(path) == [("pass", b"kept")]
