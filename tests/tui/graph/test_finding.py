from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    IN_PROCESS,
    lesson,
    opened,
    selected,
    stand,
)
from tui.graph.search_bar import SearchBar
from tui.script.subject import Script


async def test_keys_jump_along_edges(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "linear_regression")
        await stand(screen, 9)
        await screen.press("g")
        screen.app.screen.query_one(Input).value = "Add"
        await screen.press("enter")
        assert selected(screen).title == "Add"
        await screen.press("i")
        assert selected(screen).title == "Mm"
        await screen.press("I")
        assert selected(screen).name == "b", "the other input"
        await screen.press("u")
        assert selected(screen).title == "Add"


async def test_search_finds_while_it_is_typed_and_escape_leaves_it(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "linear_regression")
        await stand(screen, 10)
        await screen.press("slash", *"po")
        bar = screen.app.query_one(SearchBar)
        assert bar.has_class("-open")
        assert selected(screen).title == "Pow"
        assert "1 of 1" in str(bar.query_one(".count").render())
        await screen.press("enter")
        assert pane.has_focus
        await screen.press("slash", *"w")
        await screen.press("enter", "full_stop")
        assert pane.graph_widget.words == "w"
        assert len(pane.graph_widget.hits) > 1
        first = pane.graph_widget.selected
        await screen.press("full_stop", "comma")
        assert pane.graph_widget.selected == first
        await screen.press("escape")
        assert not bar.has_class("-open")
        assert pane.graph_widget.hits == ()


async def test_search_that_finds_nothing_says_so(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 8)
        await screen.press("slash", *"zz")
        assert "no zz" in str(screen.app.query_one(SearchBar).query_one(".count").render())


async def test_the_first_gradient_that_is_not_finite_is_one_key_away(
    open_app: Open, net: Path
) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(net, ("0",)))
        await screen.press("exclamation_mark")
        assert selected(screen).title == "Log"
