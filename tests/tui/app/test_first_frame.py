"""Nothing moves when what the first frame stands for takes its place."""

from __future__ import annotations

from functools import partial
from threading import Event

from textual.geometry import Region
from textual.widget import Widget

from tests.tui.conftest import Screen
from tui.app.app import LinregApp
from tui.app.first_frame import FirstFrame
from tui.app.key_bar import KeyBar
from tui.app.tab_bar import TabBar
from tui.graph.pane import GraphPane
from tui.graph.subjects.lesson_list import LessonList
from tui.kit.heading import Heading


def placed(node: Widget) -> dict[str, Region]:
    """Where headings stand, and the list of lessons if there is one."""
    found = {one.title: one.region for one in node.query(Heading)}
    found["lessons"] = next((one.region for one in node.query(LessonList)), Region())
    return {name: region for name, region in found.items() if region.area}


async def test_nothing_moves_when_the_first_frame_goes() -> None:
    go_on = Event()
    app = LinregApp()
    app.bench.load_engine = lambda *_, **__: str(go_on.wait(60))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        assert not app.query(FirstFrame)
        pane = screen.bench.query_one(GraphPane)
        for width, height in ((80, 24), (100, 30), (120, 40), (160, 50)):
            await pilot.resize_terminal(width, height)
            painted: list[FirstFrame] = []
            first = FirstFrame(None, painted.append)
            await app.screen.mount(first)
            await screen.until(partial(len, painted))
            assert placed(first) == placed(pane)
            assert len(placed(pane)) == (5 if width == 160 else 4)
            for kind in (TabBar, KeyBar):
                before, after = (one.query_one(kind) for one in (first, screen.bench))
                assert str(before.render()) == str(after.render())
                assert before.region == after.region
            await first.remove()
        go_on.set()


async def test_it_goes_also_where_the_terminal_has_no_focus() -> None:
    app = LinregApp()
    app.bench.load_engine = lambda *_, **__: ""
    async with app.run_test(size=(80, 24)) as pilot:
        app.app_focus = False
        await Screen(app, pilot).until(lambda: app.bench.furnished)
        assert not app.query(FirstFrame)


async def test_another_tab_may_come_after_it_and_has_the_keys() -> None:
    app = LinregApp(tab="train")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Screen(app, pilot)
        await pilot.press("n")
        await screen.until(lambda: screen.bench.state.run and screen.run.state.iteration)
        assert (screen.tab, screen.run.state.iteration) == ("train", 1)
        assert app.focused is screen.bench.query_one("#train")
