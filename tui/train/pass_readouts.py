"""Loss, gradient and update of a pass in large digits, each with what it is to be held against."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from engine.plurals import counted
from tui.chart.figures.numbers import significant
from tui.script.passes.norm_block import measured
from tui.script.passes.pass_history import LeafRow, PassHistory
from tui.script.passes.rank_history import RankHistory
from tui.train.large_number import LargeNumber, large_width
from tui.train.rank_rows import own_gradient

NAMES = ("loss", "gradient", "ratio")
LARGE = 74
"""Columns that three numbers like 5.71E-04 need in large digits; with less all are small."""


class PassReadouts(Horizontal):
    """Three numbers side by side; each keeps its place."""

    DEFAULT_CSS = """
    PassReadouts { height: 4; }
    PassReadouts.-small { height: 2; }
    PassReadouts.-small LargeNumber { height: 1; }
    PassReadouts Vertical { width: 1fr; padding: 0 2 0 0; }
    PassReadouts Static { height: 1; color: $muted; text-wrap: nowrap; text-overflow: ellipsis; }
    PassReadouts #pass-loss { color: $foreground; }
    PassReadouts #pass-gradient { color: $gradient; }
    PassReadouts #pass-ratio { color: $operation; }
    PassReadouts .-broken { color: $error !important; }
    """

    def compose(self) -> ComposeResult:
        """Label and number, three times."""
        for name in NAMES:
            with Vertical():
                yield Static(name, id=f"pass-{name}-label")
                yield LargeNumber(" ", id=f"pass-{name}")

    def show_pass(
        self,
        history: PassHistory,
        number: int,
        row: LeafRow | None,
        ranks: RankHistory | None = None,
    ) -> None:
        """Show a pass of a history, beside the one before it, or beside those of all `ranks`."""
        loss = history.table.loss(number)
        before = history.table.loss(number - 1) if number else math.nan
        labels = [_changed("loss", loss - before, f"since {number - 1:,}")]
        labels += _labels(history, row)
        if ranks is not None:
            labels[:2] = _on_ranks(ranks, number)
        numbers = (loss if history.table.has_loss(number) else None, *_together(row))
        for name, value, label in zip(NAMES, numbers, labels, strict=True):
            self.query_one(f"#pass-{name}-label", Static).update(label, layout=False)
            figure = self.query_one(f"#pass-{name}", LargeNumber)
            room = 0 if self.has_class("-small") else figure.size.width
            figure.update("–" if value is None else digits(value, room))
            figure.set_class(value is not None and not math.isfinite(value), "-broken")


def _on_ranks(ranks: RankHistory, number: int) -> list[Content]:
    """From where to where the losses of the ranks are, and their own gradients."""
    here = [rank for rank in ranks.ranks if ranks.has_come(rank, number, "loss")]
    losses = [ranks.value(rank, number, "loss") for rank in here]
    gradients = (own_gradient(ranks.run.ranks[rank], number) for rank in ranks.ranks)
    return [
        Content.assemble((f"{name} ", "bold $foreground"), _between(values))
        for name, values in (("losses", losses), ("gradients", gradients))
    ]


def _between(values: Iterable[float]) -> str:
    known = [value for value in values if not math.isnan(value)]
    return f"{min(known):.3g} to {max(known):.3g}" if known else "not known"


def digits(number: float, room: int) -> str:
    """Return a number for large digits: in four significant ones, or as many as there is room for.

    Where there is not even room for two it is written small, and has four.
    """
    if not math.isfinite(number):
        return f"✗ {number}"
    texts = [significant(number, count).upper() for count in (4, 3, 2)]
    return next((text for text in texts if large_width(text) <= room), texts[0])


def _together(row: LeafRow | None) -> tuple[float | None, float | None]:
    """The gradient's norm over all leaves, and update over value of all; None: not known."""
    if row is None:
        return None, None
    norms = np.sqrt(np.nansum(row.norms.astype(np.float64) ** 2, axis=0))
    has_gradient, has_update = (bool((~np.isnan(row.norms[:, at])).any()) for at in (1, 2))
    ratio = float(measured(norms, "ratio"))
    if row.broken.any():
        return math.nan, None
    return (
        float(norms[1]) if has_gradient else None,
        ratio if has_update and not math.isnan(ratio) else None,
    )


def _labels(history: PassHistory, row: LeafRow | None) -> list[Content]:
    """Of the gradient and of the update."""
    broken = int(row.broken.sum()) if row is not None else 0
    count = counted(len(history.leaves), "leaf", "leaves")
    wrong = f"! {broken:,} of {count}"
    gradient = (wrong, "bold $error") if broken else (f"of {count}", "")
    return [
        Content.assemble(("gradient ", "bold $foreground"), gradient),
        Content.assemble(("update/value ", "bold $foreground"), "usual: 1e-3"),
    ]


def _changed(name: str, change: float, since: str) -> Content:
    """A name, and how much it has changed, where that is known."""
    parts: list[tuple[str, str] | str] = [(f"{name} ", "bold $foreground")]
    if math.isfinite(change):
        parts.append(f"{change:+.2e} {since}")
    return Content.assemble(*parts)
