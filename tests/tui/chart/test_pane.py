from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from engine.data.source import Synthetic
from engine.training.branches import experiment
from engine.training.problem import Problem
from tests.tui.chart.figures.examples import scene
from tests.tui.conftest import Open, Screen
from tui.app.app import LinregApp
from tui.chart.bar import ChartBar
from tui.chart.chart_view import ChartView
from tui.chart.deck import ChartDeck
from tui.chart.export_dialog import ExportScreen
from tui.chart.figures.draw import AnyScene, picture
from tui.chart.figures.kinds import AnyChart, Chart
from tui.chart.figures.view import View
from tui.chart.pane import ChartPane
from tui.config.settings import Settings
from tui.config.theme import DARK, tokens
from tui.kit.frame_rate import Budget
from tui.kit.spans import Picture
from tui.run.state import RunState
from tui.train.pane import TrainPane
from tui.train.printed_rows import PrintedRows

SMALL = Problem(target=60)


def pane(screen: Screen) -> ChartPane:
    return screen.app.screen_stack[0].query_one(ChartPane)


def drawn(screen: Screen, side: str = "left") -> str:
    return pane(screen).query_one(f"#chart-{side}", ChartView).picture.text


async def shows(screen: Screen, *texts: str) -> None:
    await screen.until(lambda: all(text in drawn(screen) for text in texts))


async def trained(screen: Screen) -> None:
    """On the Chart tab, with the run at its target."""
    await screen.press("3", "c")
    await shows(screen, "iteration 60")


def looked_at(train: TrainPane) -> int | None:
    """The iteration whose lines the Train tab shows."""
    inside = train.shown_inside
    return None if inside is None else inside.traced.iteration


async def settled(screen: Screen) -> None:
    """Everything that was to come has come."""
    deck = pane(screen).query_one(ChartDeck)
    await screen.until(lambda: not deck.is_due)
    for _ in range(10):
        await screen.pilot.pause()


async def test_a_narrow_terminal_names_the_chart_and_the_keys_of_the_others(
    open_app: Open,
) -> None:
    async with open_app(SMALL, size=(40, 12)) as screen:
        await screen.press("3", "7")
        await shows(screen, "Loss over w and b")
        bar = screen.app.screen.query_one(ChartPane).query_one(ChartBar)
        assert str(bar.render()) == " 4  5  6  7 Loss surface  8 "
        await screen.pilot.click(ChartBar, offset=(4, 0))
        assert pane(screen).chart is Chart.LOSS


async def test_number_keys_and_v_choose_the_chart_and_m_and_y_what_it_shows(open_app: Open) -> None:
    async with open_app(SMALL) as screen:
        await trained(screen)
        titles = ("Fit", "Loss", "Parameters", "Loss over w and b", "Residuals against x")
        for key, title in zip("45678", titles, strict=True):
            await screen.press(key)
            await shows(screen, title)
        await screen.press("v")
        assert pane(screen).chart is Chart.FIT
        await screen.press("V")
        assert pane(screen).chart is Chart.RESIDUALS
        await screen.pilot.click("ChartBar", offset=(10, 0))
        assert pane(screen).chart is Chart.LOSS

        more = ("residuals", "predicted", "Gradients")
        for key, title, text in zip("456", titles, more, strict=False):
            await screen.press(key)
            await shows(screen, title)
            assert text not in drawn(screen)
            await screen.press("m")
            await shows(screen, text)
        await screen.press("8")
        assert pane(screen).check_action("more", ()) is False
        await screen.press("5")
        await shows(screen, "0.1")
        await screen.press("y")
        await screen.until(lambda: "0.1" not in drawn(screen))


async def test_two_charts_stand_side_by_side_where_there_is_room(open_app: Open) -> None:
    async with open_app(SMALL, size=(150, 40)) as screen:
        await trained(screen)
        assert "Loss" in drawn(screen, "right")
        await screen.pilot.resize_terminal(149, 40)
        await screen.until(lambda: pane(screen).shown == (Chart.FIT,))
        await screen.until(lambda: not screen.app.query_one("#chart-right").display)


@pytest.mark.parametrize(("columns", "width"), [(100, 100), (160, 80)])
async def test_a_chart_is_drawn_in_its_own_size_from_the_first(
    open_app: Open, columns: int, width: int
) -> None:
    widths: list[int] = []

    def noted(chart: AnyChart, scene: AnyScene, view: View) -> Picture:
        widths.append(view.width)
        return picture(chart, scene, view)

    async with open_app(SMALL, size=(columns, 30)) as screen:
        pane(screen).query_one(ChartDeck).draw = noted
        await screen.press("3")
        await shows(screen, "Fit")
        await settled(screen)
        assert set(widths) == {width}
        await screen.pilot.resize_terminal(columns - 7, 16)
        deck = pane(screen).query_one(ChartDeck)
        await screen.until(lambda: drawn(screen).count("\n") + 1 == deck.size.height < 16)
        await settled(screen)
        assert not deck.query_one("#chart-left", ChartView).show_vertical_scrollbar


async def test_a_branch_is_drawn_from_where_its_parent_began(open_app: Open) -> None:
    async with open_app(SMALL) as screen:
        await trained(screen)
        await screen.press("5", "plus", "n", "n")
        await shows(screen, "iteration 62", "other runs", "branched")
        await screen.press("o")
        await screen.until(lambda: "other runs" not in drawn(screen))
        (first, *_) = (line for line in drawn(screen).splitlines()[2:] if line[9:].strip("┈ "))
        assert first[8:10].strip("┈ "), "the curve begins at the left"


async def test_the_cursor_scrubs_the_other_tabs_follow_and_enter_goes_on_there(
    open_app: Open,
) -> None:
    async with open_app(SMALL, size=(160, 40)) as screen:
        await trained(screen)
        await screen.press("5", "left", "left", "H", "l")
        await screen.until(lambda: "iteration 49 " in drawn(screen, "right"))
        assert "iteration 49 " in drawn(screen)
        assert screen.run.state.iteration == 60, "the run stays where it stands"

        await screen.press("2")
        train = screen.app.query_one(TrainPane)
        await screen.until(lambda: train.shown_inside and train.shown_inside.traced.iteration == 48)
        status = str(train.query_one("#status", Static).content)
        assert "looking at iteration 49" in status
        *_, last = train.query_one(PrintedRows).text.splitlines()
        assert last.split()[0] == "48"

        await screen.press("escape")
        assert screen.cursor is None
        await screen.until(lambda: train.shown_run is screen.run)

        await screen.press("3", "home")
        assert screen.cursor == 0
        await screen.press("end")
        assert screen.cursor == 60
        await screen.press("H", "enter")
        await shows(screen, "iteration 50 ")
        assert screen.run.state.iteration == 50
        assert screen.cursor is None


async def test_zoom_keeps_the_cursor_in_sight_and_0_shows_all(open_app: Open) -> None:
    async with open_app(SMALL) as screen:
        await trained(screen)
        await screen.press("5")
        await shows(screen, "Loss")
        whole = drawn(screen)
        await screen.press("z", "z", "z", "z")
        await screen.until(lambda: drawn(screen) != whole)
        await screen.press("home")
        await screen.until(lambda: drawn(screen).splitlines()[-1].split()[0] == "0")
        await screen.press("escape", "0")
        await screen.until(lambda: drawn(screen) == whole)


async def test_many_points_become_a_density(open_app: Open) -> None:
    crowd = Problem(Synthetic(points=50_000, noise=0.2), target=1)
    async with open_app(crowd) as screen:
        await screen.press("3")
        await shows(screen, "░▒▓█ 50,000 points")
        assert any(shade in drawn(screen).splitlines()[20] for shade in "░▒▓█")


async def test_a_chart_is_saved_or_copied(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    async with open_app(SMALL) as screen:
        await trained(screen)
        await screen.until(lambda: not screen.busy)
        await settled(screen)  # what is said above it once the run has ended makes it lower
        text = drawn(screen)
        await screen.press("e")
        assert isinstance(screen.app.screen, ExportScreen)
        await screen.press("t")
        saved = tmp_path / "linreg-fit.txt"
        await screen.until(saved.exists)
        assert saved.read_text() == text + "\n"
        await screen.press("e", "escape")
        assert [path.name for path in tmp_path.iterdir()] == [saved.name]
        await screen.press("e", "c")
        await screen.until(lambda: screen.app.clipboard == text)


async def test_nothing_is_drawn_while_nothing_changes_or_another_tab_is_in_front(
    open_app: Open,
) -> None:
    async with open_app(SMALL) as screen:
        deck = pane(screen).query_one(ChartDeck)
        await trained(screen)
        await screen.press("2")
        before = deck.picture
        await screen.press("r", "n", "n")
        await settled(screen)
        assert deck.picture is before
        await screen.press("3")
        await shows(screen, "iteration 2 ")
        await settled(screen)
        shown = deck.picture
        await settled(screen)
        assert deck.picture is shown is not before


class RarelyDrawn(Settings):
    """Settings with which a chart that stays open is drawn once an hour."""

    @property
    def budget(self) -> Budget:
        return Budget(shortest=3600, longest=3600)


class ChartAlone(App[None]):
    """The tab, without what trains."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return tokens(DARK)

    def compose(self) -> ComposeResult:
        yield ChartPane(RarelyDrawn())


async def test_a_chart_is_up_to_date_at_once_when_it_is_opened_during_a_run() -> None:
    app = ChartAlone()
    async with app.run_test(size=(100, 30)) as pilot:
        tab, view = app.query_one(ChartPane), app.query_one("#chart-left", ChartView)
        for steps in (10, 20):
            tab.display = False
            await pilot.pause()
            tab.state = RunState(experiment(scene(steps=steps).run), busy="running")
            tab.display = True
            await pilot.pause(0.1)
            tab.come_to_front()
            while f"iteration {steps} " not in view.picture.text:
                await pilot.pause(0.01)


async def test_the_palette_switches_what_a_chart_shows(open_app: Open) -> None:
    async with open_app(SMALL) as screen:
        await screen.pilot.press("ctrl+p", *"residual lines")
        await screen.pilot.pause()
        await screen.until(lambda: len(screen.app.screen_stack) > 1)
        await screen.pilot.press("enter")
        await screen.until(lambda: screen.tab == "chart" and pane(screen).look.residuals)


async def test_glyphs_and_areas_are_what_the_settings_say() -> None:
    app = LinregApp(SMALL, settings=Settings(glyphs="ascii", colours="16"))
    async with app.run_test(size=(100, 30)) as pilot:
        screen = Screen(app, pilot)
        await screen.prepared()
        await screen.press("3", "n", "7")
        await shows(screen, "Loss over w and b")
        assert drawn(screen).isascii()
        assert not pane(screen).look.fill
