"""Which line wrote into a memory, also where the memory has been another tensor's before."""

from __future__ import annotations

import torch

from engine.autograd.quiet import address_of, quiet
from engine.script.checks.places import Place
from engine.script.checks.writes import WriteLog


def at(line: int) -> Place:
    return Place(line, 0, f"line {line}", "y += 10")


def test_the_first_write_after_a_version_is_found() -> None:
    log, y = WriteLog(), torch.zeros(2)
    with quiet():
        for line in (3, 4, 5):
            y += 10
            log.add(y, at(line))
        found = log.after(address_of(y), 1)
        assert found is not None
        assert found.place.line == 4
        assert log.after(address_of(y), 3) is None


def test_a_write_to_what_had_the_memory_before_is_forgotten() -> None:
    log, old = WriteLog(), torch.zeros(2)
    with quiet():
        old += 10
        log.add(old, at(8))
        new = old.data  # the same memory, and versions counted anew
        new += 10
        log.add(new, at(22))
        found = log.after(address_of(new), 0)
    assert found is not None
    assert found.place.line == 22
