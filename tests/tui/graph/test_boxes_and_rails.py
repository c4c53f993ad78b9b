from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from engine.autograd.graph import Graph, NodeGradient
from engine.lessons import LESSONS, find
from engine.recording.records import Recording
from engine.script.recorder import record
from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    lesson,
    selected,
    stand,
)
from tui.diagram.box_view import BoxView
from tui.diagram.layout.box_text import boxes
from tui.diagram.layout.detail import drawn
from tui.diagram.layout.layout import Size
from tui.diagram.rail_view import RailView
from tui.graph.main_column import MainColumn


async def test_v_turns_boxes_into_rails_and_keeps_the_selection(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 8)
        await screen.press("left")
        before = selected(screen).title
        assert not pane.graph_widget.views.has_class("-rails")
        await screen.press("v")
        assert pane.graph_widget.views.has_class("-rails")
        assert selected(screen).title == before
        rails = screen.app.query_one(RailView)
        await screen.until(lambda: rails.text)
        rows = rails.text.splitlines()
        assert [row.split()[1] for row in rows] == ["Mean", "Mul", "Pow", "Add", "leaf"]
        await screen.press("v")
        assert not pane.graph_widget.views.has_class("-rails")
        assert selected(screen).title == before


async def test_rails_show_gradients_as_they_arrive_and_keys_walk_rows(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 8, 2)
        await screen.press("v")
        rails = screen.app.query_one(RailView)
        await screen.until(lambda: rails.text)
        rows = rails.text.splitlines()
        assert rows[0].split()[-1] == "1"
        assert ".25" in rows[1]
        assert ".25" not in rows[2]
        await screen.press("home", "down")
        assert selected(screen).title == "Mul"
        await screen.press("end")
        assert selected(screen).name == "x"
        await screen.press("k", "pageup")
        assert selected(screen).title == "Mean"


@pytest.mark.parametrize("size", [(60, 15), (40, 12)])
async def test_a_low_terminal_shows_the_line_and_the_graph(
    open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 8, 2)
        column, views = pane.query_one(MainColumn), pane.graph_widget.views
        await screen.until(lambda: column.region.contains_region(views.region))
        assert views.size.height >= 2
        await screen.until(lambda: ".25" in screen.app.query_one(RailView).text)


async def test_room_for_gradients_is_there_before_backward(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 6)
        view = screen.app.query_one(BoxView)
        before = view.text.splitlines()
        await stand(screen, 8, 1)
        assert "∂" in view.text
        frames = [[line.find("╔"), line.find("┏")] for line in view.text.splitlines()]
        assert frames == [[line.find("╔"), line.find("┏")] for line in before], "nothing moved"


@cache
def recorded(key: str) -> Recording:
    lesson = find(key)
    assert lesson is not None
    return record(lesson.path)


def fits(graph: Graph, gradients: Sequence[NodeGradient], room: Size) -> bool:
    known = {gradient.node: gradient for gradient in gradients}
    shown = drawn(graph, lambda detail: boxes(graph, known, len(known), detail), room)
    return shown is not None and shown.layout.fits(*room)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
async def test_the_graphs_of_lessons_fit_on_the_screen_in_boxes(
    open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as screen:
        room = Size(*screen.app.query_one(BoxView).size)
    crowded = {
        one.key
        for one in LESSONS
        for run in recorded(one.key).backwards
        if not fits(run.graph, run.gradients, room)
    }
    assert crowded == set()
