"""The charts by name; what draws them is in `draw`."""

from __future__ import annotations

from enum import StrEnum


class Chart(StrEnum):
    """Every chart; the values are what the command line calls them, the order is the keys'."""

    FIT = "fit"
    LOSS = "loss"
    PARAMS = "params"
    SURFACE = "surface"
    RESIDUALS = "residuals"

    @property
    def caption(self) -> str:
        """The name of the chart in a tab or a menu."""
        return CAPTIONS[self]


class PassChart(StrEnum):
    """Every chart of a script's run: its scalars over the passes."""

    LOSS = "losses"
    GRADIENT = "gradient norms"
    VALUE = "parameter norms"
    RATIO = "update ratios"

    @property
    def caption(self) -> str:
        """The name of the chart in a menu."""
        return self.value.capitalize()


AnyChart = Chart | PassChart


CAPTIONS = {
    Chart.FIT: "Fit",
    Chart.LOSS: "Loss",
    Chart.PARAMS: "Parameters",
    Chart.SURFACE: "Loss surface",
    Chart.RESIDUALS: "Residuals",
}
