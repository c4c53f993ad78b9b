"""Where in the source a pass was run, or a rank waits for the others."""

from __future__ import annotations

from engine.ranks.distributed_run import DistributedRun
from engine.recording.rank_records import Collective
from engine.recording.records import Moment, Recording


def backward_place(run: DistributedRun, rank: int, number: int) -> tuple[str, int]:
    """Return file and line of the backward pass of a number, or of the nearest that has lines.

    The line is 0 where no pass of the rank has any.
    """
    recording = run.ranks[rank]
    deep = () if recording is None else recording.passes.deep
    for one in sorted(deep, key=lambda one: abs(one.number - number)):
        assert recording is not None
        for at in reversed(range(one.first, one.end)):
            moment: Moment = recording.moments[at]
            if moment.backward is not None:
                return file_name(recording, moment.file), moment.line
    return "", 0


def collective_place(recording: Recording, collective: Collective) -> str:
    """Return `train.py:31`, where a rank called a collective."""
    return f"{file_name(recording, collective.file)}:{collective.line}"


def file_name(recording: Recording, index: int) -> str:
    """Return the name of a file of a recording, as it is shown."""
    files = recording.files
    return files[index].name if 0 <= index < len(files) else recording.name
