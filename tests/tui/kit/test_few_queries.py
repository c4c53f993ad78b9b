from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Container
from textual.widgets import Label

from tui.kit.few_queries import KEPT, keep_few_queries


class Blinking(App[None]):
    def compose(self) -> ComposeResult:
        with Container(id="box"):
            yield Label("here", id="label")


async def test_a_widget_whose_children_change_for_ever_keeps_few_answers() -> None:
    app = Blinking()
    async with app.run_test():
        box = app.query_one("#box", Container)
        keep_few_queries(app.screen)
        for _ in range(4 * KEPT):
            label = box.query_one("#label", Label)
            label.toggle_class("lit")
        assert box.query_one("#label") is label
        assert 1 < len(box._query_one_cache) <= KEPT
