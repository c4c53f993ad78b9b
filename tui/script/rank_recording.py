"""The recording of one rank as it is shown: with the reductions drawn, and what is wrong found."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.drawn_reductions import with_reductions
from engine.ranks.rank_fault import RankFault
from engine.recording.findings import Finding
from engine.recording.records import Recording
from tui.script.rank_lens import OF_RANKS, RankLens
from tui.script.windows import at_or_before, backward_in


def recording_of(lens: RankLens) -> Recording | None:
    """Return the recording that a lens shows, the same one each time; None where there is none.

    What is wrong between the ranks comes before what the rank has found out of itself.
    """
    return _recording(lens.run, lens.rank, lens.faults)


@lru_cache(maxsize=8)
def _recording(run: DistributedRun, rank: int, faults: tuple[RankFault, ...]) -> Recording | None:
    recording = with_reductions(run, rank)
    if recording is None:
        return None
    findings = tuple(_finding(recording, fault) for fault in faults)
    said = tuple(fault.what for fault in faults if fault.kind in OF_RANKS)
    return replace(
        recording,
        findings=(*findings, *recording.findings),
        notes=(*said, *run.notes, *recording.notes),
    )


def _finding(recording: Recording, fault: RankFault) -> Finding:
    """A fault as a finding of a recording, at the line that ran backward in its pass."""
    files = (index for index, file in enumerate(recording.files) if file.name == fault.file)
    lines = None
    if fault.kind in OF_RANKS:
        lines = len(recording.moments)
    elif (window := at_or_before(recording, fault.number)) is not None:
        lines = backward_in(recording, window)
    return Finding(
        fault.kind,
        fault.what,
        fault.why,
        fault.instead,
        fault.line,
        next(files, 0),
        fault.number,
        max((lines or 1) - 1, 0),
    )
