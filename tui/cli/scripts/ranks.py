"""A folder of recordings, one a rank, as a command reads it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.faults import faults
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.ranks.rank_folder import RankFolder
from engine.recording.file.run_reader import RunReader
from tui.cli.options.targets import Target
from tui.cli.scripts.graph_report import Report
from tui.config.errors import UsageError


@dataclass(frozen=True, slots=True)
class Ranks:
    """The recordings of all ranks, and what is wrong between them."""

    run: DistributedRun
    reports: dict[int, Report]
    """By rank, of those that have a recording."""
    faults: tuple[RankFault, ...]

    def of(self, rank: int | None) -> tuple[int, Report]:
        """Return the report of a rank, of the first without a number; raises UsageError."""
        present = self.run.present
        if rank is None:
            rank = present[0]
        if rank not in self.reports:
            there = f"there is that of {ranks_text(present)}"
            raise UsageError(f"there is no recording of rank {rank} in {self.run.name}; {there}")
        return rank, self.reports[rank]


def read_ranks(path: Path) -> Ranks:
    """Return what a folder holds, as it is now; raises RunFileError where it is no run."""
    folder = RankFolder(path)
    run = folder.run()
    reports: dict[int, Report] = {}
    for rank, recording in enumerate(run.ranks):
        reader = folder.reader(rank)
        if recording is not None and reader is not None:
            source = Target("recording", path / reader.path.name)
            reports[rank] = Report(source, recording, partial(_notes, reader))
    return Ranks(run, reports, faults(run, time.time()))


def _notes(reader: RunReader) -> tuple[str, ...]:
    return reader.recording().notes
