"""The rows that the tutorial prints, every 200 iterations: iteration, w, b and loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from engine.training.history import History
from engine.training.problem import Step
from engine.training.run import Run
from engine.training.step_columns import Steps
from tui.kit.heading import Heading
from tui.kit.rows_view import RowsView
from tui.kit.spans import Row, Span

EVERY = 200
"""Iterations from one printed row to the next, as in the tutorial."""
ROWS = 25
"""A run to a smaller target prints more often: about as many rows as the tutorial."""
ROUND = (1, 2, 5, 10, 20, 50, 100, EVERY)
ROOMY = 52
"""From so many columns on the numbers have wide columns."""


class ColumnWidths(NamedTuple):
    """How wide columns are, and how numbers are written in them."""

    first: int
    """Of the iteration."""
    other: int
    """Of w and of b."""
    loss: int
    decimals: int
    largest: float
    """From this on numbers are written with an exponent."""
    exponent: int
    """Decimals before an exponent."""


WIDE = ColumnWidths(11, 13, 13, 7, 1000.0, 4)
NARROW = ColumnWidths(9, 11, 10, 6, 100.0, 3)


class PrintedRows(RowsView):
    """Scrolls over all rows; the newest is last, and stays in view unless one has scrolled up."""

    DEFAULT_CSS = "PrintedRows { overflow-y: scroll; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._steps = Steps()
        self._shown: Sequence[int] = ()
        self._every = EVERY

    @property
    def every(self) -> int:
        """How many iterations lie between two rows."""
        return self._every

    def show_run(self, run: Run | None) -> None:
        """Show the rows of a run that has got further, or of another one."""
        follows = not self.size.area or self.scroll_offset.y >= self.max_scroll_y
        history = None if run is None else run.history
        self._steps = Steps() if history is None else history.steps
        if run is not None:
            self._every = spacing(run.problem.target, run.history.stride)
        self._shown = printed(history, self._every)
        self.show_rows(1, len(self._shown))
        if follows:
            self._reveal_newest()

    def rows(self, positions: Sequence[int]) -> Sequence[Row]:
        """Return these rows, the newest one marked."""
        width, count = self.size.width, len(self._shown)
        return [
            _row(self._steps[self._shown[y]], width, newest=y == count - 1) if y < count else ()
            for y in positions
        ]

    def on_resize(self) -> None:
        """Keep the newest row in view, however few there is room for."""
        self._reveal_newest()

    def _reveal_newest(self) -> None:
        if self._shown:
            self.reveal(Region(0, len(self._shown) - 1, 1, 1))


class Printed(Vertical):
    """The printed rows below their heading and the names of their columns, which stay."""

    DEFAULT_CSS = """
    Printed #printed-names { height: 1; color: $faint; text-wrap: nowrap; }
    Printed #printed { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """A heading, the names of the columns, and the rows below."""
        yield Heading("printed", id="printed-heading")
        yield Static(id="printed-names")
        yield PrintedRows(id="printed")

    def show_run(self, run: Run | None) -> None:
        """Show the rows of a run that has got further, or of another one."""
        rows = self.query_one(PrintedRows)
        rows.show_run(run)
        self.query_one(Heading).show("printed", f"every {rows.every:,}" if rows.every > 1 else "")

    def on_resize(self) -> None:
        """Write the names of the columns as wide as those are now."""
        # One row in any case: what is laid out anew takes the whole screen with it.
        shown = self.query_one("#printed-names", Static)
        shown.update(Content(names(self.query_one(PrintedRows).size.width)), layout=False)


def spacing(target: int, stride: int) -> int:
    """Return how many iterations lie between two rows of a run of which every `stride`th is kept.

    200 as in the tutorial, less where the target is so near that few rows would come.
    """
    every = max(number for number in ROUND if number <= max(target // ROWS, 1))
    return math.lcm(every, stride)


def printed(history: History | None, every: int) -> Sequence[int]:
    """Return the positions of the kept steps at multiples of `every`, and of the newest."""
    steps = history.steps if history is not None else Steps()
    found = [at for at, iteration in enumerate(steps.iterations) if iteration % every == 0]
    newest = len(steps) - 1
    return found if not steps or found[-1:] == [newest] else [*found, newest]


def names(width: int) -> str:
    """Return the names above as many columns as there is room for."""
    columns = WIDE if width >= ROOMY else NARROW
    first, other, loss, *_ = columns
    texts = f"{'w':>{other}}", f"{'b':>{other}}", f"{'loss':>{loss}}"
    return f"{'iteration':>{first}}{_whole(texts, width - first)}"


def _row(step: Step, width: int, *, newest: bool) -> Row:
    columns = WIDE if width >= ROOMY else NARROW
    loss = f"{step.loss:>{columns.loss}.{columns.exponent}e}"
    texts = _number(step.w[0], columns), _number(step.b, columns), loss
    return (
        Span(f"{step.iteration:>{columns.first},}", "marker" if newest else "faint"),
        Span(_whole(texts, width - columns.first), "title" if newest else "value"),
    )


def _whole(texts: Sequence[str], room: int) -> str:
    """As many of the texts as there is room for: a part of a number is another one."""
    ends = accumulate(map(len, texts))
    return "".join(text for text, end in zip(texts, ends, strict=True) if end <= room)


def _number(number: float, columns: ColumnWidths) -> str:
    """As many characters as the column is wide, whatever the number."""
    if abs(number) < columns.largest:
        return f"{number:>{columns.other}.{columns.decimals}f}"
    return f"{number:>{columns.other}.{columns.exponent}e}"
