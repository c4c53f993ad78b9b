"""Data on which descent diverges as they are, and converges at once when they are standardised."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, OptionList, Static

from engine.data.source import Table
from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.chart.deck import ChartDeck
from tui.chart.figures.kinds import Chart
from tui.chart.pane import ChartPane
from tui.kit.paragraphs import Paragraphs
from tui.run.branches_dialog import BranchScreen
from tui.run.data_form import DataChoice
from tui.run.other_data import NO_UNITS, read_data
from tui.run.setup_dialog import ExperimentScreen
from tui.train.gradient_table import GradientTable


def said(screen: Screen, tab: str = "train") -> str:
    return screen.app.query_one(f"#{tab}-stopped", Paragraphs).text


def names(screen: Screen) -> list[str]:
    return [branch.name for branch in screen.experiment.branches]


async def setup(screen: Screen) -> ExperimentScreen:
    await screen.press("p")
    await screen.until(lambda: isinstance(screen.app.screen, ExperimentScreen))
    form = screen.app.screen
    assert isinstance(form, ExperimentScreen)
    return form


async def opened(screen: Screen, path: Path) -> None:
    """Read y = 2 x + 5 with x from 90 to 110: as it is a ravine, standardised a bowl."""
    path.write_text("speed,dist\n" + "".join(f"{x},{2 * x + 5}\n" for x in range(90, 111)))
    read_data(screen.bench.trainer, DataChoice(path))
    await screen.until(lambda: isinstance(screen.problem.source, Table) and not screen.busy)


async def test_units_that_a_file_lacks_are_not_changed(open_app: Open) -> None:
    async with open_app(Problem(target=100), (80, 24), notifications=True) as screen:
        await screen.press("2", "u")
        await screen.until(lambda: NO_UNITS in screen.messages)


async def test_the_trap_is_said_and_one_key_leads_out_of_it(open_app: Open, tmp_path: Path) -> None:
    async with open_app(Problem(target=100), (80, 24)) as screen:
        await opened(screen, tmp_path / "ravine.csv")
        await screen.press("2")
        await screen.until(lambda: "is above the largest stable, 9.9" in said(screen))
        assert "u standardises on a branch, about 1 iteration, not 6,300,000" in said(screen)
        assert "p: rate 4.9" in said(screen)
        await screen.press("c")
        assert screen.run.stop is not None
        assert screen.run.stop.reason == "diverged"
        assert "then u standardises, or p: rate 4.9" in said(screen)

        await screen.press("u")
        assert names(screen)[-2:] == ["main", "standardise on"]
        assert screen.problem.source.standardise  # type: ignore[union-attr]
        await screen.until(lambda: "largest stable rate 0.9999 · condition 1: " in said(screen))
        await screen.press("c")
        await screen.until(lambda: "more iterations to within 1%" in said(screen))
        assert "takes about 1 from the beginning" in said(screen)


async def standardised(screen: Screen, path: Path) -> None:
    """Take the offered rate on a branch of standardised data, and train to the end."""
    await opened(screen, path)
    await screen.press("2", "c", "u", "c")
    await screen.until(lambda: "more iterations to within 1%" in said(screen))
    form = await setup(screen)
    assert form.query_one("#begin", Input).value == "the beginning"
    assert "2/(λmin+λmax)" in str(form.query_one(".offers", Static).render())
    await screen.press("ctrl+r", "7")
    assert form.query_one("#learning_rate", Input).value == "7", "not a part of the offer"
    await screen.press("ctrl+r", "enter")
    await screen.until(lambda: 0.4999 <= screen.problem.learning_rate <= 0.5)
    await screen.until(lambda: not screen.busy)
    await screen.press("c")
    assert len(screen.experiment.branch.steps) == screen.run.state.iteration == 100
    await screen.until(lambda: "✓ within 1%: " in said(screen))


async def test_the_rate_on_offer_converges_at_once(open_app: Open, tmp_path: Path) -> None:
    async with open_app(Problem(target=100), (80, 24)) as screen:
        await standardised(screen, tmp_path / "ravine.csv")
        assert "in the data's own units dist = 2·speed + 5" in said(screen)
        table = screen.app.query_one(GradientTable).text
        assert "own units" in table
        assert "dist = 2·speed + 5" in table
        await screen.press("B")
        await screen.until(lambda: isinstance(screen.app.screen, BranchScreen))
        options = screen.app.screen.query_one(OptionList).options
        rows = [str(option.prompt).split() for option in options]
        assert [row[-4] for row in rows] == ["–", "–", "1"], "iterations to within 1%"


async def test_ravine_and_bowl_are_drawn_in_the_datas_own_units(
    open_app: Open, tmp_path: Path
) -> None:
    async with open_app(Problem(target=100), (80, 24)) as screen:
        await standardised(screen, tmp_path / "ravine.csv")
        await screen.press("3")
        pane = screen.app.query_one(ChartPane)
        drawn = pane.query_one(ChartDeck)
        await screen.until(lambda: "fitted 2.000·speed + 5.00" in drawn.picture.text)
        assert " 90 " in drawn.picture.text.splitlines()[-1], "speed, not standardised"
        pane.chart = Chart.SURFACE
        await screen.until(lambda: "Unscaled: condition 3e+06" in drawn.picture.text)
        assert "Standardised: condition 1" in drawn.picture.text
        await screen.press("a")
        await screen.until(lambda: "along λ 2" in drawn.picture.text)
        await screen.press("u")
        assert screen.experiment.branch.name == "main"
        assert not screen.problem.source.standardise  # type: ignore[union-attr]
        assert len(screen.experiment.branches) == 3
        pane.chart = Chart.LOSS
        await screen.press("d")
        await screen.until(lambda: "J - J*" in drawn.picture.text)
