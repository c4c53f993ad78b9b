from __future__ import annotations

import signal
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.frames import (
    HEAD_SIZE,
    MAGIC,
    PAYLOAD_LIMIT,
    DamagedFrameError,
    EmptyRunFileError,
    Frame,
    head,
    pack,
)
from tests.engine.recording.file.written_frames import (
    FRAMES,
    Written,
    file_of,
    is_part_of,
    payloads,
    readable,
)

WRITER = """
import sys
from engine.recording.file.frame_writer import FrameWriter
writer = FrameWriter(sys.argv[1])
for number in range(10**9):
    writer.append("pass", f"{number:07}".encode() * (1 + number % 3000))
    print(number, flush=True)
"""


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


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / "a.run"


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
