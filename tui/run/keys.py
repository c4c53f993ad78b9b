"""The keys of the two tabs that show the shared run."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from engine.training.problem import STEPS_LIMIT
from tui.kit.key_ids import with_ids

TRAINING_KEYS: list[BindingType] = with_ids(
    [
        Binding("n", "command('next')", "Next", tooltip="one iteration on"),
        Binding("N", "command('previous')", "Back", tooltip="one iteration back, exactly"),
        Binding("s", "command('node')", "Line", tooltip="the next one, or node of backward"),
        Binding("S", "command('node back')", "Back", tooltip="one line or node back"),
        Binding(
            "space", "command('play')", "Play", tooltip="train at the chosen pace; again to pause"
        ),
        Binding("c", "command('run')", "Run", tooltip="train to the target, flat out"),
        Binding("r", "command('reset')", "Reset", tooltip="start anew"),
        Binding("f", "command('finish')", "Finish", show=False, tooltip="to the iteration's end"),
        Binding("g", "go_to", "Go to", show=False, tooltip="any iteration, forward or back"),
        Binding(
            "b", "breakpoints", "Breakpoints", show=False, tooltip="conditions that stop a run"
        ),
        Binding("B", "branches", "Branches", show=False, tooltip="compare, switch, rename, delete"),
        Binding("p", "experiment", "Setup", tooltip="learning rate, momentum, start, points …"),
        Binding(
            "u", "units", "Standardise", show=False, tooltip="features or not, each on a branch"
        ),
        Binding("F", "find_data", "Find data", tooltip="that this run cannot go on without"),
        Binding(
            "i",
            "outlier(1)",
            "Outlier up",
            show=False,
            tooltip="one point's y, on a branch: the line is drawn to it",
        ),
        Binding("I", "outlier(-1)", "Outlier down", show=False, tooltip="the same point's y"),
        Binding("plus,equals_sign", "rate(1)", "Learning rate up", key_display="+", show=False),
        Binding("minus", "rate(-1)", "Learning rate down", key_display="-", show=False),
        Binding("less_than_sign", "pace(-1)", "Slower", key_display="<", show=False),
        Binding("greater_than_sign", "pace(1)", "Faster", key_display=">", show=False),
    ]
)
"""What moves the shared run, on the Train and on the Chart tab."""

LOOKING_KEYS: list[BindingType] = with_ids(
    [
        Binding(
            "left,h", "look(-1)", "Look back", show=False, tooltip="at the kept iteration before"
        ),
        Binding("right,l", "look(1)", "Look on", show=False, tooltip="at the kept iteration after"),
        Binding("shift+left,H", "look(-10)", "Look back 10", show=False),
        Binding("shift+right,L", "look(10)", "Look on 10", show=False),
        Binding("ctrl+left", "look(-100)", "Look back 100", show=False),
        Binding("ctrl+right", "look(100)", "Look on 100", show=False),
        Binding("home", f"look(-{STEPS_LIMIT})", "Look at the start", show=False, id="look-start"),
        Binding("end", f"look({STEPS_LIMIT})", "Look at the latest", show=False, id="look-latest"),
        Binding("escape", "look_away", "Stop looking", show=False, tooltip="back to the run"),
        Binding(
            "enter", "go_there", "Go there", show=False, tooltip="the run to what is looked at"
        ),
    ]
)
"""What looks at earlier iterations and leaves the run where it stands."""
