"""When a collective is written that the ranks are still in."""

from __future__ import annotations

import pytest
from torch.distributed import distributed_c10d

from engine.recording.journal import Journal
from engine.script.distributed import collectives
from engine.script.distributed.collectives import Collectives
from engine.script.frames.own_files import OwnFiles


def test_a_call_that_hangs_is_written_however_long_the_processes_took_to_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0

    def start() -> None:
        nonlocal now
        now += 8.0

    monkeypatch.setattr(collectives, "time", lambda: now)
    monkeypatch.setattr(distributed_c10d, "init_process_group", start)
    journal = Journal("train.py", "")
    seen = Collectives(journal, OwnFiles(journal, "train.py", ""))
    with seen.watched():
        distributed_c10d.init_process_group()
        seen.write()
        with seen.lasting("all_reduce", None):
            now += 0.5
            seen.write()
            assert journal.collective is not None
            assert (journal.collective.operation, journal.collective.ended) == ("all_reduce", False)
