"""A lecture: only the graph, as large as it fits, and one sentence about the node."""

from __future__ import annotations

from textual.widgets import Static

from tests.tui.conftest import Open
from tests.tui.graph.screens import IN_PROCESS, lesson, stand
from tui.diagram.box_view import BoxView
from tui.script.source_view import SourceView


async def test_a_lecture_says_of_each_node_what_it_does(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        await stand(screen, 8, 3)
        words, source = screen.app.query_one("#sentence", Static), screen.app.query_one(SourceView)
        boxes = screen.app.query_one(BoxView)
        usual = boxes.picture.height
        await screen.press("L")
        await screen.until(lambda: "Pow receives" in str(words.render()))
        assert not source.is_on_screen
        await screen.until(lambda: boxes.picture.height > usual)
        await screen.press("s")
        await screen.until(lambda: "Add receives" in str(words.render()))
        await screen.press("escape")
        assert not words.display
        await screen.until(lambda: source.size.area)
