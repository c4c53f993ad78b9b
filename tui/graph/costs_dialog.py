"""A table of what a backward pass keeps in memory and how long it takes, grouped and sorted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.autograd.graph import Graph, NodeGradient
from tui.graph.costs import GROUPINGS, By, CostRow, Sorting, cost_rows
from tui.kit.dialog import Dialog
from tui.kit.option_list import Choices
from tui.kit.text import duration_text, fit, size_text
from tui.script.position import Pass

COSTS_WIDTH = 34
"""Cells for the three columns of numbers."""
HEADINGS: dict[By, str] = {"block": "by block: what checkpoint() frees"}
"""Above the groups, where more is to be said than by what they are grouped."""
MOST_ROWS = 500
"""So many rows are listed; the rest costs less."""

NOT_RUN = "not run"
"""In place of a time before backward has been."""


class CostsScreen(Dialog[int]):
    """Dismissed with the id of the node that costs most in the chosen row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,w,q", "dismiss", "Close", show=False),
        Binding("tab,g", "turn", "Group", show=False),
        Binding("s", "sort", "Sort", show=False),
    ]

    def __init__(self, graph: Graph, gradients: Mapping[int, NodeGradient]) -> None:
        super().__init__()
        self._graph, self._gradients = graph, gradients
        self._by: By = "line"
        self._sorting: Sorting = "memory"
        self._rows: list[CostRow] = []

    def compose(self) -> ComposeResult:
        """The sums of the whole graph, and a row for each group."""
        with Vertical(classes="dialog wide costs") as dialog:
            dialog.border_title = "what this pass costs"
            dialog.border_subtitle = "tab groups · s sorts · enter goes there · escape closes"
            yield Static(id="costs-heading", markup=False)
            yield Choices(compact=True, classes="choices")

    def on_mount(self) -> None:
        """Fill the table, and give it the keys."""
        self._list()
        self.query_one(Choices).focus()

    def on_resize(self) -> None:
        """Fill the table anew in another width."""
        self.call_after_refresh(self._list)

    def action_turn(self) -> None:
        """Group by the next of line, block, module, operation and node."""
        self._by = GROUPINGS[(GROUPINGS.index(self._by) + 1) % len(GROUPINGS)]
        self._list()

    def action_sort(self) -> None:
        """Sort by time instead of memory, or the other way round."""
        self._sorting = "time" if self._sorting == "memory" else "memory"
        self._list()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._rows[event.option_index].node)

    def _took(self, seconds: float) -> str:
        return duration_text(seconds) if self._gradients else NOT_RUN

    def _list(self) -> None:
        rows = cost_rows(self._graph, self._gradients, self._by, self._sorting)
        keeps = sum(row.keeps for row in rows)
        seconds = sum(row.seconds for row in rows)
        self._rows = rows[:MOST_ROWS]
        choices = self.query_one(Choices)
        width = max(choices.size.width - COSTS_WIDTH - 2, 12)
        mark = {"memory": ("keeps ▾", "time"), "time": ("keeps", "time ▾")}[self._sorting]
        title = fit(HEADINGS.get(self._by, f"by {self._by}"), width)
        heading = f"{title}{'nodes':>8}{mark[0]:>13}{mark[1]:>13}"
        total = f"{fit('all of it', width)}{len(self._graph.nodes):>8,}"
        self.query_one("#costs-heading", Static).update(
            f"{total}{size_text(keeps):>13}{self._took(seconds):>13}\n{heading}"
        )
        choices.clear_options()
        choices.add_options(
            Option(
                Content(
                    f"{fit(row.label, width)}{row.nodes:>8,}{size_text(row.keeps):>13}"
                    f"{self._took(row.seconds):>13}"
                )
            )
            for row in self._rows
        )
        choices.highlighted = 0 if self._rows else None


async def ask_costs(app: App[Any], graph: Graph | None, run: Pass) -> int | None:
    """Show what a graph and the pass through it cost; return the node that was chosen, if any."""
    if graph is None:
        app.notify("no graph yet")
        return None
    passed = {one.node: one for one in run.gradients[: run.arrived]}
    return await app.push_screen_wait(CostsScreen(graph, passed))
