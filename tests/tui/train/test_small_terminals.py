"""Half of a number is another number: where there is little room, what is shown is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import opened
from tests.tui.script.long_run import SOURCE
from tests.tui.train.test_script_run import with_scalars
from tui.script.subject import Script
from tui.train.gradient_table import GradientTable
from tui.train.large_number import LargeNumber, large_width
from tui.train.leaf_row import header, widths
from tui.train.leaf_table import LeafTable
from tui.train.pass_readouts import digits
from tui.train.printed_rows import PrintedRows, names

SIZES = ((40, 12), (60, 20), (80, 24))
NUMBER = re.compile(r"[+-]?\d\.\d+(e[+-]\d\d)?")


@pytest.mark.parametrize(
    ("room", "text"), [(80, "5.711E-04"), (24, "5.71E-04"), (21, "5.7E-04"), (10, "5.711E-04")]
)
def test_a_large_number_has_as_many_digits_as_there_is_room_for(room: int, text: str) -> None:
    assert digits(5.7114e-4, room) == text
    assert large_width("5.71E-04") == 22


async def test_numbers_are_large_where_all_of_them_can_be(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SOURCE)
    async with open_app(recorders=with_scalars("w", "b"), size=(80, 24)) as screen:
        await opened(screen, Script(path))
        await screen.press("2")
        figures = list(screen.app.query("ScriptTrainPane LargeNumber").results(LargeNumber))
        assert len(figures) == 3
        await screen.until(lambda: {figure.size.height for figure in figures} == {3})
        assert all(large_width(figure.value) <= figure.size.width for figure in figures)
        await screen.pilot.resize_terminal(60, 20)
        await screen.until(lambda: {figure.size.height for figure in figures} == {1})
        assert all(len(figure.value) <= figure.size.width for figure in figures)
        await screen.pilot.resize_terminal(40, 12)
        table = screen.app.query_one(LeafTable)
        await screen.until(lambda: table.columns.numbers == 2)
        assert [row.split("  ")[0] for row in table.text.splitlines()] == ["! b", "! w"]


def test_the_columns_of_leaves_fit() -> None:
    for width in range(30, 200):
        columns = widths(width, 44, shapes=True)
        text = "".join(span.text for span in header(columns))
        assert columns.name >= 8
        assert len(text) <= width
        assert columns.numbers == 4 or columns.spark == 0, "numbers come first"


def test_printed_columns_are_whole() -> None:
    for width in range(20, 80):
        text = names(width)
        assert len(text) <= width
        assert text.split() == ["iteration", "w", "b", "loss"][: len(text.split())]


async def shown(screen: Screen, kind: type[GradientTable | PrintedRows]) -> list[str]:
    """What the lines of a widget of the Train tab show, as they are painted."""
    widget = screen.app.query_one(kind)
    await screen.pilot.pause()
    return [
        "".join(segment.text for segment in widget.render_line(y)).rstrip()
        for y in range(widget.size.height)
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_no_number_of_the_train_tab_is_cut(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(Problem(target=400), size=size) as screen:
        await screen.press("2", "c")
        await screen.until(lambda: screen.run.state.iteration == 400 and not screen.busy)
        await screen.until(lambda: screen.app.query_one(GradientTable).size.area)
        lines = [*await shown(screen, GradientTable), *await shown(screen, PrintedRows)]
        words = [word for line in lines for word in line.split() if NUMBER.match(word)]
        assert words
        assert not [word for word in words if "…" in word]
