"""How often the code that answers one event goes from file to file: what a reader has to follow.

Counted are calls, not returns: a call of a function of `tui` or `engine` changes file where the
call before it, on the same thread, was of a function of another file. A loop that calls a function
of another file counts as often as it goes round; the ways from file to file are counted once each.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NamedTuple

from textual.pilot import Pilot

import engine
import tui
from tests.benchmarks.figures import Figure, Samples, at_most
from tests.benchmarks.suite import benchmark
from tui.app.app import LinregApp
from tui.app.workbench import Workbench
from tui.run.data_form import DataChoice
from tui.run.other_data import read_data

FOLDERS = tuple(str(Path(package.__file__ or "").parent) for package in (engine, tui))
LOOKS = 6
"""So often in a row nothing may have been called until an event counts as answered."""
ROWS = 200
"""Of the CSV file that is read."""
TURN = 0.05
"""Seconds from one such look to the next."""
BEFORE = {
    "graph.n": (475, 554, 818),
    "train.n": (534, 687),
    "chart.left": (1637, 1626),
    "chart.data": (2569,),
}
"""What each event took when a folder was not yet a feature; at most half of it is the target."""
WHAT = {
    "graph.n": "n in the Graph tab",
    "train.n": "n in the Train tab",
    "chart.left": "left in the Chart tab",
    "chart.data": "a CSV file to the Fit",
}


class Changes:
    """Counts, while `counting`, the calls into another file, from which to which."""

    def __init__(self) -> None:
        self.between: Counter[tuple[str, str]] = Counter()
        self.calls = 0
        self.counting = False
        self._last: dict[int, str] = {}

    @property
    def ways(self) -> int:
        """How many different ways from one file to another these calls went."""
        return len(self.between)

    @property
    def total(self) -> int:
        """How many calls went to another file than the call before."""
        return self.between.total()

    def begin(self) -> None:
        """Count from 0."""
        self.between.clear()
        self._last.clear()
        self.counting = True

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take what the interpreter tells of a call, for `sys.setprofile`."""
        if event != "call" or not self.counting:
            return
        file = frame.f_code.co_filename
        if not file.startswith(FOLDERS):
            return
        self.calls += 1
        thread = threading.get_ident()
        last = self._last.get(thread, file)
        self._last[thread] = file
        if last != file:
            self.between[last, file] += 1


@contextmanager
def counted() -> Iterator[Changes]:
    """Changes on all threads that are started from now on, and on this one."""
    changes = Changes()
    threading.setprofile(changes.profile)
    sys.setprofile(changes.profile)
    try:
        yield changes
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class Answered(NamedTuple):
    """What it took to answer one event."""

    changes: int
    """Calls of a function of another file than the call before."""
    ways: int
    """The same, each way from one file to another counted once."""


class Watched:
    """A running app, and the changes of file that each of its events takes."""

    def __init__(self, pilot: Pilot[None], bench: Workbench, changes: Changes) -> None:
        self._pilot, self.bench, self.changes = pilot, bench, changes

    async def press(self, *keys: str) -> Answered:
        """Press keys, and return what that took until nothing moves."""
        return await self.answer(lambda: self._pilot.press(*keys))

    async def answer(self, act: Callable[[], Awaitable[Any]]) -> Answered:
        """Do something, and return what it took until nothing moves."""
        self.changes.begin()
        await act()
        await self.settle()
        self.changes.counting = False
        return Answered(self.changes.total, self.changes.ways)

    async def settle(self) -> None:
        """Wait until nothing is being done and no function is called any more."""
        quiet, calls = 0, -1
        while quiet < LOOKS:
            await asyncio.sleep(TURN)
            still = self.changes.calls == calls and not self.bench.state.busy
            quiet, calls = quiet + 1 if still else 0, self.changes.calls


@benchmark("structure.changes", "changes of file that one event takes")
def changes_of_file(quick: bool) -> Iterator[Figure]:
    """Each key on a screen that is at rest, the first presses after the start."""
    for name, found in asyncio.run(_found()).items():
        for number, answered in enumerate(found, 1):
            before = BEFORE[name][number - 1]
            which = f"{name}.{number}" if len(found) > 1 else name
            yield Figure(
                f"structure.changes.{which}",
                f"changes of file, {WHAT[name]}",
                ours=Samples((float(answered.changes),)),
                target=at_most(before // 2),
                how="calls into a function of another file than the call before, 120×40",
            )
            yield Figure(
                f"structure.changes.ways.{which}",
                f"ways from file to file, {WHAT[name]}",
                ours=Samples((float(answered.ways),)),
                how="the same calls, each way from one file to another counted once",
            )


async def _found() -> dict[str, list[Answered]]:
    found: dict[str, list[Answered]] = {}
    with counted() as changes, TemporaryDirectory() as folder:
        table = _table(Path(folder))
        app = LinregApp()
        async with app.run_test(size=(120, 40)) as pilot:
            watched = Watched(pilot, app.bench, changes)
            changes.counting = True
            while watched.bench.state.run is None:
                await pilot.pause()
            await watched.settle()
            found["graph.n"] = [await watched.press("n") for _ in range(3)]
            await watched.press("2")
            found["train.n"] = [await watched.press("n") for _ in range(2)]
            await watched.press("3")
            found["chart.left"] = [await watched.press("left") for _ in range(2)]
            await watched.press("escape")
            found["chart.data"] = [await watched.answer(partial(_read, watched.bench, table))]
    return found


async def _read(bench: Workbench, path: Path) -> None:
    read_data(bench.trainer, DataChoice(path))


def _table(folder: Path) -> Path:
    path = folder / "line.csv"
    rows = (f"{x / ROWS},{1 + 2 * x / ROWS + (x * 7 % 11) / 20}" for x in range(ROWS))
    path.write_text("\n".join(["x,y", *rows]))
    return path
