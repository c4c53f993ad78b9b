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

TABS = (GraphPane, TrainPane, ChartPane, ScriptTrainPane, ScriptChartPane)
OWNERS = (LinregApp, Workbench, *TABS)
"""The app, and all tabs."""


def key_actions() -> dict[str, list[str]]:
    """Return the names in alphabetical order, each with the tabs in which its keys work."""
    tabs: dict[str, list[str]] = {}
    for owner in OWNERS:
        for name in _names(owner):
            tabs.setdefault(name, []).extend(
                tab.__name__ for tab in ((owner,) if owner in TABS else TABS)
            )
    return dict(sorted(tabs.items()))


def _names(owner: type) -> set[str]:
    bindings = [b for kind in owner.__mro__ for b in vars(kind).get("BINDINGS", ())]
    return {b.id for b in bindings if isinstance(b, Binding) and b.id}
