"""The table of keys: grouped, pairs on one row, nothing missing."""

from __future__ import annotations

import pytest
from textual.binding import ActiveBinding, Binding
from textual.widget import Widget

from tests.tui.conftest import Open
from tui.app.help import HelpScreen
from tui.app.help_table import HelpRow, groups, lines_of
from tui.chart.pane import ChartPane
from tui.chart.script_chart import ScriptChartPane
from tui.graph.graph_keys import pane_keys
from tui.train.pane import TrainPane
from tui.train.script_train import ScriptTrainPane


def active(*bindings: Binding) -> dict[str, ActiveBinding]:
    return {one.key: ActiveBinding(Widget(), one, True, one.tooltip) for one in bindings}


def test_keys_that_undo_each_other_share_a_row() -> None:
    found = groups(
        active(
            Binding("n", "step('next')", "Line", tooltip="on"),
            Binding("N", "step('previous')", "Back"),
            Binding("c", "step('run')", "Run"),
            Binding("left", "of('graph', \"move('left')\")", "Left"),
            Binding("right", "of('graph', \"move('right')\")", "Right"),
        )
    )
    assert found["Step"] == [
        HelpRow("n  N", "Line: on · Back", "step"),
        HelpRow("c", "Run", "step"),
    ]
    assert found["Move"] == [HelpRow("left  right", "Left · Right", "move")]


async def test_what_comes_with_textual_is_said_in_our_words(open_app: Open) -> None:
    async with open_app() as screen:
        rows = groups(screen.app.screen.active_bindings)["App"]
    words = {row.keys: row.words for row in rows}
    assert words["ctrl+q q"] == "Quit"
    assert words["tab  shift+tab"] == "Next part: the arrow keys are its own · Previous part"
    assert words["ctrl+p"].startswith("Commands: ")


def test_capitals_that_do_something_else_have_rows_of_their_own() -> None:
    found = groups(
        active(
            Binding("b", "line_breakpoint", "On the line"),
            Binding("B", "node_breakpoint", "On the node"),
        )
    )
    assert [row.keys for row in found["Step"]] == ["b", "B"]


def test_every_key_of_the_graph_tab_is_in_it() -> None:
    bindings = [one for one in pane_keys() if isinstance(one, Binding)]
    found = groups(active(*bindings))
    shown = " ".join(row.words for rows in found.values() for row in rows)
    assert all(one.description in shown for one in bindings)
    assert [row.keys for row in found["App"]] == ["escape", "o", "L", "m", "e"]


@pytest.mark.parametrize(
    ("tab", "of_the_app"),
    [
        (TrainPane, ["e", "m"]),
        (ChartPane, ["e"]),
        (ScriptTrainPane, []),
        (ScriptChartPane, ["e"]),
    ],
)
def test_what_a_tab_moves_and_changes_has_groups_of_its_own(
    tab: type[Widget], of_the_app: list[str]
) -> None:
    bindings = [one for kind in tab.__mro__ for one in vars(kind).get("BINDINGS", ())]
    found = groups(active(*(one for one in bindings if isinstance(one, Binding))))
    rows = found.get("App", [])
    assert [row.keys for row in rows if row.action != "screen"] == of_the_app


def test_long_words_go_on_below_themselves() -> None:
    row = HelpRow("n", "one two three four five six seven", "step")
    assert list(lines_of(row, 3, 26)) == [
        ("  n", "one two three four"),
        ("   ", "five six seven"),
    ]
    assert next(lines_of(row, 0, 26)) == ("n", ""), "longer keys have a line of their own"


async def test_the_help_shows_the_groups(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("question_mark")
        help_screen = screen.app.screen
        assert isinstance(help_screen, HelpScreen)
        table = str(help_screen.query("Static").last().render())
        titles = [line for line in table.splitlines() if line in ("Step", "Move", "Find", "App")]
        assert titles == ["Step", "Move", "Find", "App"]
