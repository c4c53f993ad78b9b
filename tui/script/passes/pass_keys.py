"""The keys of the Train and the Chart tab while a script's run is open."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.kit.key_ids import with_ids

NEWEST = 10**9
"""More passes than there are."""

RANK_KEY = Binding("R", "rank", "Rank", tooltip="the next one of the run; after the last: all")
"""Works where what is open is a run of several ranks."""

PASS_KEYS: list[BindingType] = with_ids(
    [
        Binding("n", "pass(1)", "Pass", tooltip="the next one"),
        Binding("N", "pass(-1)", "Back", tooltip="to the pass before"),
        Binding(
            "enter",
            "show_lines",
            "Its graph",
            key_display="enter",  # Textual's own sign for it has no likeness in ASCII
            tooltip="this pass in the Graph tab",
        ),
        Binding(
            "left_square_bracket",
            "pass_with_lines(-1)",
            "Lines back",
            show=False,
            key_display="[",
            tooltip="the pass before that has lines",
        ),
        Binding(
            "right_square_bracket",
            "pass_with_lines(1)",
            "Lines on",
            show=False,
            key_display="]",
            tooltip="the next pass that has lines",
        ),
        Binding("g", "go_to", "Go to", tooltip="any pass, by its number"),
        Binding(
            "exclamation_mark",
            "not_finite",
            "Not finite",
            key_display="!",
            tooltip="to the first pass with a loss, value or gradient that is nan or infinite",
        ),
        RANK_KEY,
        Binding("left,h", "pass(-1)", "Back", show=False, tooltip="to the pass before"),
        Binding("right,l", "pass(1)", "Pass", show=False, tooltip="the next one"),
        Binding("shift+left,H", "pass(-10)", "Back 10", show=False),
        Binding("shift+right,L", "pass(10)", "On 10", show=False),
        Binding("ctrl+left", "pass(-100)", "Back 100", show=False),
        Binding("ctrl+right", "pass(100)", "On 100", show=False),
        Binding("r,home", f"pass(-{NEWEST})", "First pass", show=False, id="pass-first"),
        Binding(
            "c,end",
            f"pass({NEWEST})",
            "Newest pass",
            show=False,
            id="pass-newest",
            tooltip="and those to come",
        ),
        Binding("escape", "newest", "Stop looking", show=False, tooltip="the newest pass again"),
    ]
)
"""What moves the cursor over the passes; `enter` leads to the Graph tab."""
