from __future__ import annotations

import pytest
from textual.widgets import ContentSwitcher

from engine.training.problem import Problem
from tests.tui.conftest import Open
from tui.app.help import HelpScreen
from tui.chart.chart_view import ChartView
from tui.graph.pane import GraphPane
from tui.graph.subjects.lesson_list import YOUR_RUN


async def test_number_keys_choose_the_tab(open_app: Open) -> None:
    async with open_app() as screen:
        switcher = screen.app.query_one(ContentSwitcher)
        for key, tab in (("2", "train"), ("3", "chart"), ("1", "graph")):
            await screen.press(key)
            assert switcher.current == tab
            assert screen.app.focused is not None
            assert screen.app.focused.id == tab


async def test_help_lists_every_key_of_the_tab_and_closes(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.press("question_mark")
        assert isinstance(screen.app.screen, HelpScreen)
        await screen.press("escape")
        assert not isinstance(screen.app.screen, HelpScreen)


async def test_the_three_tabs_show_one_run(open_app: Open) -> None:
    async with open_app(Problem(target=100)) as screen:
        await screen.press("2", "n", "n", "n", "3")
        chart = screen.app.query_one("#chart").query_one("#chart-left", ChartView)
        await screen.until(lambda: "iteration 3" in chart.picture.text)
        assert "fitted 0.877·x + 0.104" in chart.picture.text

        graph = screen.app.query_one(GraphPane)
        graph.opener.open(YOUR_RUN)
        await screen.press("1")
        assert graph.state.recording is screen.inside.traced.recording
        moment = graph.state.recording.moments[-1]
        w = next(tensor for tensor in moment.tensors if tensor.name == "w")
        assert w.value.numbers == screen.run.state.w

        await screen.press("n")
        assert screen.run.state.iteration == 4, "its keys move the shared run"


@pytest.mark.parametrize("size", [(80, 24), (1, 1)])
async def test_keys_work_in_every_tab_in_any_size(open_app: Open, size: tuple[int, int]) -> None:
    async with open_app(size=size) as screen:
        await screen.press("n", "n", "n", "s", "2", "n", "s", "3", "v", "v", "v", "v", "1")
        assert screen.app.is_running
