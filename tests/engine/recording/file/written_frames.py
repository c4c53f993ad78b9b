"""Files of frames, as they are written and as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frames import (
    DamagedFrameError,
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


def is_part_of(found: Written, written: Written) -> bool:
    rest = iter(written)
    return all(one in rest for one in found)
