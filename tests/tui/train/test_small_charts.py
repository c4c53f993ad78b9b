"""The small charts of the Train tab: there where there is room, and no work where there is none."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Digits

from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.chart.chart_view import ChartView
from tui.chart.deck import ChartDeck
from tui.chart.figures.draw import AnyScene, picture
from tui.chart.figures.kinds import AnyChart
from tui.chart.figures.view import View
from tui.kit.paragraphs import Paragraphs
from tui.kit.spans import Picture
from tui.train.pane import TrainPane
from tui.train.small_charts import SmallCharts

PROBLEM = Problem(target=300)


def deck(screen: Screen) -> ChartDeck:
    return screen.app.query_one(TrainPane).query_one(ChartDeck)


def drawn(screen: Screen) -> str:
    return "\n".join(view.picture.text for view in deck(screen).query(ChartView))


def counted(screen: Screen) -> list[AnyChart]:
    """The charts that are drawn from now on."""
    charts: list[AnyChart] = []

    def draw(chart: AnyChart, scene: AnyScene, view: View) -> Picture:
        charts.append(chart)
        return picture(chart, scene, view)

    deck(screen).draw = draw
    return charts


async def to_iteration(screen: Screen, done: int) -> None:
    while screen.run.state.iteration < done:
        await screen.press("n")


async def test_fit_and_loss_follow_the_run(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_iteration(screen, 2)
        await screen.until(lambda: drawn(screen).count("iteration 2") == 2)
        assert "Fit" in drawn(screen)
        assert "Loss" in drawn(screen)
        await screen.press("c")
        await screen.until(lambda: drawn(screen).count("iteration 300") == 2)
        await screen.press("home")
        await screen.until(lambda: drawn(screen).count("iteration 0") == 2)


async def test_what_was_trained_in_backward_is_drawn_when_they_are_seen_again(
    open_app: Open,
) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_iteration(screen, 1)
        await screen.until(lambda: drawn(screen).count("iteration 1") == 2)
        while screen.app.query_one(TrainPane).shown_pass is None:
            await screen.press("s")
        charts = counted(screen)
        await screen.press("s", "s")
        assert charts == []
        await to_iteration(screen, 2)
        await screen.until(lambda: drawn(screen).count("iteration 2") == 2)


async def test_what_was_trained_on_another_tab_is_drawn_on_this_one(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_iteration(screen, 1)
        await screen.until(lambda: drawn(screen).count("iteration 1") == 2)
        await screen.press("3")
        charts = counted(screen)
        await to_iteration(screen, 2)
        assert charts == []
        await screen.press("2")
        await screen.until(lambda: drawn(screen).count("iteration 2") == 2)


async def test_without_room_nothing_is_drawn(open_app: Open) -> None:
    async with open_app(PROBLEM, size=(80, 24)) as screen:
        charts = counted(screen)
        await screen.press("2")
        await to_iteration(screen, 4)
        assert charts == []


async def test_a_run_that_goes_flat_out_is_drawn_once_a_second_and_when_it_stops(
    open_app: Open,
) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await screen.until(lambda: drawn(screen).count("iteration 0") == 2)
        small, state = screen.app.query_one(SmallCharts), screen.app.bench.trainer.state
        shown: list[float] = []
        deck(screen).show = lambda *_, **__: shown.append(now)  # type: ignore[method-assign]
        begun = small.clock()
        small.clock = lambda: now
        for seconds in (10.0, 10.5, 10.9, 11.1, 11.5):
            now = begun + seconds
            small.show_run(replace(state, busy="running", stops=frozenset({len(shown)})))
        small.show_run(replace(state, stops=frozenset({0})))
        assert [round(at - begun, 1) for at in shown] == [10.0, 11.1, 11.5]


async def test_large_digits_stay_large_while_a_run_is_spoken_of(open_app: Open) -> None:
    async with open_app(Problem(learning_rate=0.3, target=60), size=(80, 24)) as screen:
        await screen.press("2")
        digits = screen.app.query_one(TrainPane).query_one("#loss", Digits)
        await screen.until(lambda: digits.region.height == 3)
        await screen.press("r")
        await screen.press("c")
        await screen.until(lambda: screen.run.state.iteration == 60)
        said = screen.app.query_one(TrainPane).query_one(Paragraphs)
        await screen.until(lambda: "of" in said.text)
        assert digits.region.height == 3
        assert screen.app.screen.region.contains_region(digits.region)
