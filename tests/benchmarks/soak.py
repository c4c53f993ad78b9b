"""Ten minutes of playing: what grows meanwhile that should not, and what is never given back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from tests.benchmarks.figures import Figure, Samples, at_most
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import Terminal, app
from tests.processes import memory, threads

MINUTES = 10
PAUSE = 0.25
"""Seconds between two keys."""
BRANCHES = ("2", "c", "plus", "c")
"""Once: to the target, on one branch and then on another."""
ROUND = (
    *("2", "r", "space", ">", "1", "2", "3", "v", "1", "space", "c", "v", "v", "<"),
    *("2", "B", "down", "enter", "n", "N", "s", "S", "c", "3", "left", "escape"),
    *("?", "escape", "1", "n", "c", "N", "t", "t"),
)
"""Played, reset, run to its target, looked at on every tab and chart, and on another branch.

After each the process is looked at: about every ten seconds."""
KEYS = {"plus": "+", "enter": "\r"}


class Look(NamedTuple):
    """The process at one moment."""

    minute: float
    memory: int
    threads: int
    descriptors: int


@benchmark("soak", "ten minutes of playing")
def soak(quick: bool) -> Iterator[Figure]:
    """In a real terminal, over all tabs; what the first half makes is not counted."""
    looks = list(played(1 if quick else MINUTES))
    later = looks[len(looks) // 2 :]
    slope = linear_regression([one.minute for one in later], [one.memory for one in later]).slope
    how = f"{looks[-1].minute:.1f} minutes, 120×40, a key every {PAUSE:g} s: {' '.join(ROUND)}"
    yield Figure(
        "soak.memory",
        "resident memory after half of it, a minute",
        "B",
        Samples((slope,)),
        target=None if quick else at_most(0.1e6),
        how=how,
        note=f"{looks[0].memory / 1e6:.1f} to {looks[-1].memory / 1e6:.1f} MB in all",
    )
    for name, what, counts in (
        ("threads", "more threads at its end", [one.threads for one in later]),
        ("descriptors", "more descriptors at its end", [one.descriptors for one in later]),
    ):
        grown = Samples((float(counts[-1] - counts[0]),))
        yield Figure(f"soak.{name}", what, "", grown, target=at_most(0), note=f"{counts[-1]}")


def played(minutes: float) -> Iterator[Look]:
    """Play for so many minutes, and look at the process after every round."""
    with app() as work:
        for key in BRANCHES:
            press(work, key)
        began = time.monotonic()
        while (minute := (time.monotonic() - began) / 60) < minutes:
            for key in ROUND:
                press(work, key)
            yield look(work.child.pid, minute)


def press(work: Terminal, key: str) -> None:
    """Press a key, and let the answer pass by."""
    work.press(KEYS.get(key, key))
    work.collect(PAUSE)


def look(pid: int, minute: float) -> Look:
    """Look at the process, wherever it is."""
    return Look(minute, memory(pid), threads(pid), len(list(Path(f"/proc/{pid}/fd").iterdir())))
