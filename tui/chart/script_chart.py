"""The Chart tab while a script's run is open: its scalars over the passes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from tui.config.settings import Settings
from tui.script.pass_status import status
from tui.script.script_pane import ScriptPane
from tui.script.script_run import ScriptRun


class ScriptChartPane(ScriptPane):
    """Loss, gradients, parameters and updates over the passes."""

    def __init__(self, settings: Settings, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._settings = settings

    def compose(self) -> ComposeResult:
        """The pass in words above the charts."""
        yield Static(id="pass-status")

    def show_run(self, run: ScriptRun) -> None:
        """Draw the run."""
        self.query_one("#pass-status", Static).update(status(run), layout=False)
