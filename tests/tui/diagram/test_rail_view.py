"""Moving over rails: what is painted anew, and that it is what would be painted from the start."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult

from tests.tui.diagram.layout.graphs import chain
from tui.config.theme import DARK
from tui.diagram.node_view import Marks, Shown
from tui.diagram.rail_view import RailView
from tui.kit.spans import Span

LENGTH = 300


class Noting(RailView):
    """Notes which rows it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def rows(self, positions: Sequence[int]) -> Sequence[Sequence[Span]]:
        self.asked += positions
        return super().rows(positions)


class Screen(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield Noting()


async def test_a_move_asks_for_the_rows_that_it_changes_and_paints_as_from_the_start() -> None:
    async with Screen().run_test(size=(60, 20)) as pilot:
        view = pilot.app.query_one(Noting)
        shown = Shown(chain(LENGTH), (), 0)
        view.show_graph(shown, 0, Marks())
        await pilot.pause()
        for node in range(1, LENGTH):
            view.asked.clear()
            view.select(node)
            assert set(view.asked) <= {node - 1, node}
            if node in (70, 200, LENGTH - 1):
                await pilot.pause()
                moved = pilot.app.export_screenshot()
                view.show_graph(None, None, Marks())
                view.show_graph(shown, node, Marks())
                view.refresh()
                view.vertical_scrollbar.refresh()  # with the position that it has been given
                await pilot.pause()
                assert moved == pilot.app.export_screenshot(), node
