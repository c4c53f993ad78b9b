"""A terminal program for `graph`: the app's own drawing of one graph, and nothing else.

`x` captures the graph of a model's output and shows it, `z` clears the screen.
"""

from __future__ import annotations

import gc
import sys
from typing import ClassVar

import torch
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from engine.autograd.capture import capture
from tests.benchmarks.examples import example
from tui.app.load_engine import GARBAGE
from tui.config.theme import THEMES
from tui.graph.graph_widget import GraphWidget
from tui.script.position import Pass


class GraphScreen(App[None]):
    """One graph."""

    AUTO_FOCUS = None  # as in the app, where the tab has the focus, not the drawing
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "open"), Binding("z", "clear")]

    def __init__(self, output: torch.Tensor) -> None:
        super().__init__()
        self._output = output
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        """How many nodes there are, above the drawing."""
        yield Static("ready", id="count", markup=False)
        yield GraphWidget()

    def action_open(self) -> None:
        """Everything from the live tensor on."""
        graph = capture(self._output)
        self.query_one(GraphWidget).show_graph(graph, Pass(), 0)
        self.query_one("#count", Static).update(f"{len(graph.nodes)} nodes")

    def action_clear(self) -> None:
        """As before."""
        self.query_one(GraphWidget).show_graph(None, Pass(), None)
        self.query_one("#count", Static).update("ready")


if __name__ == "__main__":
    name, size = sys.argv[1], int(sys.argv[2])
    model, given = example(name, size or None).build()
    torch.set_num_threads(1)  # as the app does for what is small
    program = GraphScreen(model(given))
    gc.collect()
    gc.freeze()  # as the app does once torch is there
    gc.set_threshold(*GARBAGE)
    program.run()
