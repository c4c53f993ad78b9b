"""The ranks of a run at one pass, a row each: loss, the rank's own gradient, and its losses."""

from __future__ import annotations

import math

from engine.ranks.same_pass import pass_of
from engine.recording.records import Recording
from tui.chart.figures.numbers import four_digits
from tui.chart.figures.small import logs
from tui.chart.figures.sparkline import sparkline
from tui.config.settings import settings_of
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import fit
from tui.script.few_ranks import LISTED, OWN, few_ranks
from tui.script.passes.rank_history import RankHistory
from tui.script.rank_lens import RankLens

FEW = 4
"""So many ranks are listed where rows are few."""
NUMBER = 12
SPARK = 60
"""Most columns of a sparkline."""


class RankRows(PictureView):
    """Shows the ranks in as many rows as there are, a few of many; none of one process."""

    DEFAULT_CSS = "RankRows { display: none; height: auto; overflow: hidden; margin: 0 0 1 0; }"

    def show_ranks(
        self, history: RankHistory | None, lens: RankLens | None, here: int, *, few: bool
    ) -> None:
        """Show all ranks at a pass, or where they are many the extremes and the median."""
        self.display = history is not None and lens is not None
        if history is None or lens is None:
            return
        width, plain = max(self.size.width, 40), settings_of(self).glyphs == "ascii"
        rows = rank_rows(history, lens, here, width, FEW if few else LISTED, plain=plain)
        self.styles.height = len(rows)
        self.show(Picture(width, tuple(rows)))


def rank_rows(
    history: RankHistory, lens: RankLens, here: int, width: int, most: int, *, plain: bool = False
) -> list[Row]:
    """Return a row for every rank, or for the extremes of the loss, the median and one's own."""
    losses = history.values(here, "loss")
    few = few_ranks(history.ranks, losses, lens.rank, most)
    labels = {rank: f"rank {rank:,} {word}".rstrip() for rank, word in few.items()}
    label_width = max([len("rank"), *map(len, labels.values())])
    room = min(width - label_width - 2 * NUMBER - 5, SPARK)
    head = f"{'':<{label_width + 2}}{'loss':>{NUMBER}}{'own gradient':>{NUMBER + 2}}"
    rows: list[Row] = [(Span(fit(head, width).rstrip(), "faint"),)]
    for rank, label in labels.items():
        own = rank == lens.rank
        numbers, values = history.series(rank, "loss")
        there = history.has_come(rank, here, "loss")
        gradient = _number(own_gradient(history.run.ranks[rank], here), "gradient")
        if not there:
            last = f"at pass {int(numbers[-1]):,}" if len(numbers) else "no pass yet"
            gradient = Span(f"{last:>{NUMBER}}", "warning")
        spark = sparkline(logs(values), min(room, len(values)), plain) if room > 3 else ""
        rows.append(
            (
                Span(f"{label:<{label_width}}", "title" if own else "faint"),
                Span(f" {OWN if own else ' '}", "marker"),
                _number(losses[rank], "value" if there else "faint"),
                Span("  "),
                gradient,
                Span(f"  {spark}", "gradient" if own else "faint"),
            )
        )
    if len(few) < len(history.ranks):
        rows.append((Span(f"and {len(history.ranks) - len(few):,} more", "faint"),))
    return rows


def own_gradient(recording: Recording | None, number: int) -> float:
    """Return the norm of a rank's own gradient over all leaves, before it was reduced; or nan."""
    one = pass_of(recording.rank_passes, number) if recording is not None else None
    norms = [part.local_norm for part in one.gradients] if one is not None else []
    known = [norm for norm in norms if norm is not None]
    return math.hypot(*known) if known else math.nan


def _number(number: float, role: str) -> Span:
    text = "–" if math.isnan(number) else four_digits(number)
    return Span(f"{text:>{NUMBER}}", role if math.isfinite(number) else "faint")
