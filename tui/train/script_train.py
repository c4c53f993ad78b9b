"""The Train tab while a script's run is open: a pass of it in numbers, leaf by leaf."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from engine.plurals import counted
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.run.loss_strip import LossStrip
from tui.script.passes.pass_history import LeafRow
from tui.script.passes.pass_status import status
from tui.script.passes.pass_words import no_passes
from tui.script.passes.script_pane import ScriptPane
from tui.script.passes.script_run import ScriptRun
from tui.train.leaf_table import ORDERS, WORDS, LeafHeader, LeafTable, Order
from tui.train.pass_readouts import LARGE, PassReadouts
from tui.train.rank_rows import RankRows

TALL = 30
"""With fewer rows only a few ranks are listed."""
LOSSES_LEAST = 6
"""Rows of the losses where it is tall, however many leaves there are."""
PAGE = 10
"""Rows that a page key scrolls."""


class ScriptTrainPane(ScriptPane):
    """Loss, gradient and update of a pass in large, the losses of all, and a row for each leaf."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding("v", "order", "Order", tooltip="leaves by name, gradient, or update/value"),
            Binding("up,k", "scroll(-1)", "Leaves up", show=False),
            Binding("down,j", "scroll(1)", "Leaves down", show=False),
            Binding(
                "pageup", f"scroll(-{PAGE})", "Leaves up a page", show=False, id="scroll-page-back"
            ),
            Binding(
                "pagedown", f"scroll({PAGE})", "Leaves down a page", show=False, id="scroll-page-on"
            ),
        ]
    )

    order: var[Order] = var[Order]("name")

    def compose(self) -> ComposeResult:
        """The pass in words, its numbers, the losses, and the table of leaves below."""
        yield Static(id="pass-status")
        yield Static(id="no-passes")
        with Vertical(id="pass-body"):
            yield PassReadouts()
            yield LossStrip(id="pass-losses")
            yield RankRows(id="pass-ranks")
            yield Heading("leaves", id="leaves-heading")
            yield LeafHeader(id="leaf-names")
            yield LeafTable(id="leaves")

    def show_run(self, run: ScriptRun) -> None:
        """Draw the run at its cursor; where there is no pass yet, say so."""
        if not self.is_mounted:
            return
        self.query_one("#pass-status", Static).update(status(run), layout=False)
        here, history = run.here, self.history
        self.set_class(here is None, "-empty")
        if here is None:
            self.query_one("#no-passes", Static).update(Content.styled(no_passes(run), "$muted"))
            return
        row = history.row(here)
        ranks, lens = self.rank_history, run.lens
        every = ranks if lens is not None and lens.every else None
        self.query_one(PassReadouts).show_pass(history, here, row, every)
        few = self.size.height < TALL
        self.query_one(RankRows).show_ranks(ranks, lens, here, few=few)
        self.query_one(LossStrip).show_passes(run.passes, run.passes.deep, here)
        self._show_leaves(run, row)
        self._share_height()

    def on_mount(self) -> None:
        """Show the run that came before there was anything to show it in."""
        self._show_again()

    def on_resize(self) -> None:
        """Show as many columns, and as large numbers, as there is room for in the new size."""
        self.query_one(PassReadouts).set_class(self.size.width < LARGE, "-small")
        self.call_after_refresh(self._show_again)

    def watch_order(self) -> None:
        """List the same leaves in another order."""
        self._show_again()

    def action_order(self) -> None:
        """Show the leaves in the next order."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]

    def action_scroll(self, by: int) -> None:
        """Scroll the table of leaves by so many rows, up where it is below 0."""
        for table in self.query(LeafTable):
            table.scroll_relative(y=by, animate=False)

    def _show_again(self) -> None:
        if self.script_run is not None and self.display:
            self.show_run(self.script_run)

    def _share_height(self) -> None:
        """Give the losses the rows that the leaves leave, up to half of all."""
        body, losses = self.query_one("#pass-body"), self.query_one(LossStrip)
        shown = [one for one in body.children if one.display]
        others = (one.outer_size.height for one in shown if one.id not in (losses.id, "leaves"))
        margins = sum(one.styles.margin.height for one in shown)
        room = body.size.height - sum(others) - margins - len(self.history.leaves)
        least = LOSSES_LEAST if self.size.height >= TALL else 1
        losses.styles.height = max(least, min(room, self.size.height // 2))

    def _show_leaves(self, run: ScriptRun, row: LeafRow | None) -> None:
        table, history = self.query_one(LeafTable), self.history
        table.show_pass(history, row, run.shapes, self.order)
        self.query_one(LeafHeader).show(table.heading)
        count = counted(len(history.leaves), "leaf", "leaves")
        aside = ""
        if row is None:
            aside = "no norms of this pass"
        elif row.number != run.here:
            aside = f"norms of pass {row.number:,}, the last that has them"
        self.query_one("#leaves-heading", Heading).show(count + WORDS[self.order], aside)
