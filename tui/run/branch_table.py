"""The branches of an experiment side by side: what each did, and how far it came."""

from __future__ import annotations

from engine.training.branches import Experiment
from engine.training.comparison import Row as Compared
from engine.training.comparison import comparison
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import fit, safe

EPSILON = 1e-4
"""The loss that the comparison waits for."""
NAME_WIDTH = 18


class BranchTable(PictureView):
    """One row a branch, the current one marked."""

    def show_experiment(self, experiment: Experiment | None) -> None:
        """Show other branches of an experiment, or the same ones further on."""
        rows = [] if experiment is None else table(experiment)
        self.show(Picture(max(self.size.width - 1, 1), tuple(rows)))


def table(experiment: Experiment) -> list[Row]:
    """The heading and the rows."""
    heading = f"  {'branch':<{NAME_WIDTH}} {'rate':>7} {f'loss<{EPSILON:g}':>10} "
    heading += f"{'w':>9} {'b':>9} {'loss':>10}"
    rows: list[Row] = [(Span(heading, "faint"),)]
    for index, row in enumerate(comparison(experiment, EPSILON)):
        current = index == experiment.current
        mark = Span("▸ " if current else "  ", "marker")
        name = fit(safe(row.name), NAME_WIDTH)
        rows.append((mark, Span(name, "title" if current else "note"), Span(_text(row), "value")))
    return rows


def _text(row: Compared) -> str:
    reached = "–" if row.iterations is None else f"{'' if row.exact else '≤'}{row.iterations:,}"
    loss = "–" if row.loss is None else f"{row.loss:.3e}"
    rate = f"{row.learning_rate:g}"
    return f" {rate:>7} {reached:>10} {row.w[0]:>9.5f} {row.b:>9.5f} {loss:>10}"
