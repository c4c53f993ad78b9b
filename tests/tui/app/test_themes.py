"""Any theme of the palette's list, on every tab, and what is exported in it."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Open
from tui.chart.chart_view import ChartView
from tui.chart.figures.picture_file import rendered


async def test_every_theme_in_the_list_draws_every_tab(open_app: Open) -> None:
    async with open_app(size=(60, 20)) as screen:
        themes = list(screen.app.available_themes)
        assert len(themes) > 10
        for theme in themes:
            screen.app.theme = theme
            for keys in (["1"], ["question_mark"], ["escape", "2"], ["3"]):
                await screen.press(*keys)  # and see the last one's picture
        assert screen.tab == "chart"


@pytest.mark.parametrize("theme", ["nord", "solarized-light"])
async def test_a_chart_is_exported_in_colours_of_such_a_theme(open_app: Open, theme: str) -> None:
    async with open_app() as screen:
        screen.app.theme = theme
        await screen.press("3")
        picture = screen.app.query_one("#chart").query(ChartView).first().picture
        assert "#" in rendered(picture, "svg", screen.app.theme_variables)
