"""The branches of an experiment side by side: what each did, and how far it came."""

from __future__ import annotations

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


class BranchTable(PictureView):
    """One row a branch, the current one marked."""

    def show_experiment(self, experiment: Experiment | None, theories: Theories) -> None:
        """Show other branches of an experiment, or the same ones further on."""
        rows = [] if experiment is None else table(experiment, theories)
        self.show(Picture(max(self.size.width - 1, 1), tuple(rows)))


def table(experiment: Experiment, theories: Theories) -> list[Row]:
    """The heading and the rows."""
    heading = f"  {'branch':<{NAME_WIDTH}} {'rate':>8} {REACHED:>9} "
    heading += f"{'loss':>10} {'w':>9} {'b':>9}"
    rows: list[Row] = [(Span(heading, "faint"),)]
    for index, row in enumerate(comparison(experiment, theories.of)):
        current = index == experiment.current
        mark = Span("▸ " if current else "  ", "marker")
        name = fit(safe(row.name), NAME_WIDTH)
        rows.append((mark, Span(name, "title" if current else "note"), Span(_text(row), "value")))
    return rows


def _text(row: Compared) -> str:
    reached = "–" if row.iterations is None else f"{'' if row.exact else '≤'}{row.iterations:,}"
    loss = "–" if row.loss is None else f"{row.loss:.3e}"
    rate = f"{row.learning_rate:.4g}"
    return f" {rate:>8} {reached:>9} {loss:>10} {_number(row.w[0])} {_number(row.b)}"


def _number(number: float) -> str:
    """Nine characters, whatever the number."""
    return f"{number:>9.5f}" if abs(number) < 100 else f"{number:>9.2e}"
