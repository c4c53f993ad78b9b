"""The keys of the Chart tab."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding, BindingType

from tui.chart.bar import keys
from tui.chart.figures.kinds import AnyChart, Chart, PassChart
from tui.kit.key_ids import with_ids
from tui.run.keys import TRAINING_KEYS


def chosen_by_digit(charts: Sequence[AnyChart]) -> list[BindingType]:
    """Return a key for each chart."""
    return [
        Binding(key, f"chart('{chart}')", chart.caption, show=False, tooltip="chart")
        for chart, key in keys(charts).items()
    ]


def _is_rare(key: BindingType) -> bool:
    """Whether a key of the run is none of those that the bar has room for at 80 columns."""
    return not isinstance(key, Binding) or key.key not in ("space", "c")


CHART_KEYS: list[BindingType] = with_ids(
    [
        Binding("v", "turn(1)", "Chart", tooltip="the next one"),
        Binding("V", "turn(-1)", "Chart back", show=False, tooltip="the one before"),
        *chosen_by_digit(tuple(Chart)),
        Binding(
            "m",
            "more",
            "More",
            tooltip="residuals, prediction, gradients, contours",
        ),
        Binding("y", "toggle_log_y", "Log y", tooltip="logarithmic loss on or off"),
        Binding("x", "switch('log_x')", "Log x", show=False, tooltip="logarithmic iterations"),
        Binding("d", "excess", "Above least", show=False, tooltip="the loss as J - J*, or J"),
        Binding("w", "across(1)", "Parameter", show=False, tooltip="the next one, along x"),
        Binding("W", "up(1)", "Parameter up", show=False, tooltip="the next one, along y"),
        Binding("a", "curvature", "Eigenvectors", show=False, tooltip="or parameters as axes"),
        Binding("o", "switch('ghosts')", "Other runs", show=False, tooltip="shown or hidden"),
        Binding("z", "zoom(1)", "Zoom", tooltip="in, at the cursor if there is one"),
        Binding("Z", "zoom(-1)", "Zoom out", show=False),
        Binding(
            "left_square_bracket",
            "pan(-1, 0)",
            "Pan left",
            key_display="[",
            show=False,
            id="pan-left",
        ),
        Binding(
            "right_square_bracket",
            "pan(1, 0)",
            "Pan right",
            key_display="]",
            show=False,
            id="pan-right",
        ),
        Binding("up,k", "pan(0, 1)", "Pan up", show=False, id="pan-up"),
        Binding("down,j", "pan(0, -1)", "Pan down", show=False, id="pan-down"),
        Binding("0", "unzoom", "Whole chart", show=False, tooltip="no zoom"),
        Binding("e", "export", "Export", tooltip="save as SVG, HTML or text, or copy"),
        *sorted(TRAINING_KEYS, key=_is_rare),
    ]
)

PASS_CHART_KEYS: list[BindingType] = with_ids(
    [
        Binding("v", "turn(1)", "Chart", tooltip="the next one"),
        Binding("V", "turn(-1)", "Chart back", show=False, tooltip="the one before"),
        *chosen_by_digit(tuple(PassChart)),
        Binding("y", "toggle_log_y", "Log y", tooltip="logarithmic or linear"),
        Binding("x", "switch('log_x')", "Log x", show=False, tooltip="logarithmic passes"),
        Binding("z", "zoom(1)", "Zoom", tooltip="in, at the pass that is looked at"),
        Binding("Z", "zoom(-1)", "Zoom out", show=False),
        Binding("0", "unzoom", "Whole chart", show=False, tooltip="no zoom"),
        Binding("e", "export", "Export", tooltip="save as SVG, HTML or text, or copy"),
    ]
)
"""The keys of the Chart tab while a script's run is open, beside those that move over passes."""
