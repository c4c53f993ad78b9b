"""Progress messages while a file is read, and a summary of what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.data.cells import listed, visible
from engine.data.source import Table
from engine.plurals import counted
from engine.training.pacer import Clock
from tui.kit.text import time_left

SECONDS = 0.1
"""Between two lines, and before the first one, by default."""
SINGULAR = "singular: no single optimum"
"""Of data that do not decide w and b."""
NOTICE = 88
"""Characters of a notice about a file: two rows beside 80 columns, which lie over the tabs and
the status, and over nothing that is said of the training."""
_MORE = "; and {:,} more: ctrl+p, Open data"
NAME_WIDTH = 16
"""Characters of a file's name beside the progress."""


class Teller:
    """Makes a line now and then of how many bytes are read; owned by the thread that reads."""

    def __init__(
        self,
        name: str,
        tell: Callable[[str], object],
        clock: Clock = time.monotonic,
        seconds: float = SECONDS,
    ) -> None:
        self._name = visible(name, NAME_WIDTH)
        self._tell, self._clock = tell, clock
        self._began = clock()
        self._seconds = seconds
        self._due = self._began + seconds

    def __call__(self, done: int, total: int | None) -> None:
        """So many bytes are read, of so many if that is known."""
        now = self._clock()
        if now < self._due or not done:
            return
        self._due = now + self._seconds
        seconds = now - self._began
        if total:
            ahead = max(total - done, 0)
            so_far = f"{min(done / total, 1):.0%}, {time_left(seconds * ahead / done)}"
        else:
            so_far = f"{done / 1e6:,.1f} MB, {seconds:.0f} s"
        self._tell(f"reading {self._name}: {so_far} · escape stops it")


def found(table: Table) -> tuple[str, ...]:
    """What was read, a line each: how many rows, which columns, what was chosen or left out."""
    words = _learned(table)
    if table.dropped:
        words += f"; {_dropped(table)}, since a number is missing in them"
    if table.ignored:
        words += f"; {_ignored(table)}"
    return words, *table.notes


def notice(table: Table) -> str:
    """The same in one short line, with how much more there is to tell."""
    left = [_dropped(table)] * bool(table.dropped) + [_ignored(table)] * bool(table.ignored)
    left += table.notes
    words = _learned(table)
    if len(words) > NOTICE - len(_MORE):
        count = counted(len(table.features), "column")
        words = f"{counted(table.points, 'row')}: {visible(table.target, NAME_WIDTH)} from {count}"
    while left:
        longer = f"{words}; {left[0]}"
        if len(longer) > NOTICE - len(_MORE) * (len(left) > 1):
            return words + _MORE.format(len(left))
        words = longer
        del left[0]
    return words


def _learned(table: Table) -> str:
    return f"{counted(table.points, 'row')}: {table.target} from {listed(table.features)}"


def _dropped(table: Table) -> str:
    return f"{table.dropped:,} of {counted(table.points + table.dropped, 'row')} dropped"


def _ignored(table: Table) -> str:
    return f"without {listed(table.ignored)}"
