"""The branches of an experiment side by side: what each did, and how far it came."""

from __future__ import annotations

from collections.abc import Sequence

from engine.training.branches import Experiment
from engine.training.comparison import Row as Compared
from engine.training.comparison import comparison
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import fit, safe
from tui.run.theories import Theories

NAME_WIDTH = 18
REACHED = "within 1%"
"""After how many iterations all of w and b are within 1% of the optimum."""
COLUMNS = (("rate", 8), (REACHED, 9), ("loss", 9), ("w", 9), ("b", 9))
"""The columns behind the name, and how wide they are."""
WHOLE = 2 + NAME_WIDTH + sum(1 + width for _, width in COLUMNS)
"""So wide is the whole table."""


class BranchTable(PictureView):
    """One row a branch, the current one marked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[Experiment | None, Theories] | None = None

    def show_experiment(self, experiment: Experiment | None, theories: Theories) -> None:
        """Show other branches of an experiment, or the same ones further on."""
        self._shown = (experiment, theories)
        self._draw(*self._shown)

    def on_resize(self) -> None:
        """Show as many columns as there is room for now."""
        if self._shown is not None:
            self._draw(*self._shown)

    def _draw(self, experiment: Experiment | None, theories: Theories) -> None:
        width = max(self.size.width - 1, 1)
        rows = [] if experiment is None else table(experiment, theories, width)
        self.show(Picture(width, tuple(rows)))


def table(experiment: Experiment, theories: Theories, width: int = WHOLE) -> list[Row]:
    """The heading and the rows, without the last columns where there is no room for them."""
    columns: Sequence[tuple[str, int]] = COLUMNS
    while len(columns) > 1 and _width(columns) > width:
        columns = columns[:-1]
    heading = f"  {'branch':<{NAME_WIDTH}}{_cells(columns, [name for name, _ in columns])}"
    rows: list[Row] = [(Span(heading, "faint"),)]
    for index, row in enumerate(comparison(experiment, theories.of)):
        current = index == experiment.current
        mark = Span("▸ " if current else "  ", "marker")
        name = fit(safe(row.name), NAME_WIDTH)
        numbers = Span(_cells(columns, _texts(row)), "value")
        rows.append((mark, Span(name, "title" if current else "note"), numbers))
    return rows


def _width(columns: Sequence[tuple[str, int]]) -> int:
    return 2 + NAME_WIDTH + sum(1 + width for _, width in columns)


def _cells(columns: Sequence[tuple[str, int]], texts: Sequence[str]) -> str:
    pairs = zip(columns, texts, strict=False)  # there may be fewer columns
    return "".join(f" {text:>{width}}" for (_, width), text in pairs)


def _texts(row: Compared) -> list[str]:
    reached = "–" if row.iterations is None else f"{'' if row.exact else '≤'}{row.iterations:,}"
    loss = "–" if row.loss is None else f"{row.loss:.3e}"
    return [f"{row.learning_rate:.4g}", reached, loss, _number(row.w[0]), _number(row.b)]


def _number(number: float) -> str:
    """At most nine characters, whatever the number."""
    return f"{number:.5f}" if abs(number) < 100 else f"{number:.2e}"
