"""The names of all that keys can be given to, for a keymap in the configuration file."""

from __future__ import annotations

from textual.binding import Binding

from tui.app.app import LinregApp
from tui.app.workbench import Workbench
from tui.chart.pane import ChartPane
from tui.chart.script_chart import ScriptChartPane
from tui.graph.pane import GraphPane
from tui.train.pane import TrainPane
from tui.train.script_train import ScriptTrainPane

OWNERS = (
    LinregApp,
    Workbench,
    GraphPane,
    TrainPane,
    ChartPane,
    ScriptTrainPane,
    ScriptChartPane,
)
"""The app, and all tabs."""


def key_actions() -> list[str]:
    """Return the names in alphabetical order, each once."""
    classes = [kind for owner in OWNERS for kind in owner.__mro__]
    bindings = [b for kind in classes for b in vars(kind).get("BINDINGS", ())]
    return sorted({b.id for b in bindings if isinstance(b, Binding) and b.id})
