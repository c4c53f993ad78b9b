"""The Train and the Chart tab on the run of a script."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import opened, paragraphs
from tests.tui.script.long_run import SOURCE, long_run
from tests.tui.script.passes.scalars import scalars
from tui.chart.chart_view import ChartView
from tui.chart.export_dialog import ExportScreen
from tui.graph.pane import GraphPane
from tui.graph.subjects.loader import Recorders
from tui.run.loss_strip import LABEL, WIDEST, LossStrip
from tui.script.subject import Script
from tui.train.leaf_table import LeafTable

LOSSES = [1.0 / (n + 1) for n in range(17)] + [math.nan] * 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "long.py"
    path.write_text(SOURCE)
    return path


def with_scalars(*leaves: str) -> Recorders:
    run = long_run()
    table = scalars(LOSSES, leaves, broken=17)
    table.deep = run.passes.deep
    return Recorders(script=lambda _, **__: replace(run, passes=table))


def shown(screen: Screen) -> str:
    """The pass that the tab in front says it shows."""
    names = {"train": "#pass-status", "chart": "#pass-chart-status"}
    return str(screen.app.query_one(names[screen.tab]).render())


async def test_three_tabs_are_at_one_pass(open_app: Open, path: Path) -> None:
    async with open_app(recorders=with_scalars("w", "b"), size=(120, 40)) as screen:
        await opened(screen, Script(path))
        await screen.press("2")
        await screen.until(lambda: "pass 19 of 20 · i 19" in shown(screen))
        await screen.press("N", "N", "N", "N", "N")
        await screen.until(lambda: "pass 14 of 20" in shown(screen))
        assert "no lines, enter: those of 8" in shown(screen)
        assert "since 13" in str(screen.app.query_one("#pass-loss-label").render())
        await screen.press("3")
        await screen.until(lambda: "pass 14 of 20" in shown(screen))
        await screen.press("left_square_bracket")
        await screen.until(lambda: "pass 8 of 20" in shown(screen))
        await screen.press("enter")
        await screen.until(lambda: screen.tab == "graph")
        await screen.until(lambda: screen.bench.script_run and screen.bench.script_run.number == 8)
        strip = screen.app.query_one(GraphPane).query_one(LossStrip)
        await screen.until(lambda: strip.size.width)
        painted = "".join(segment.text for segment in strip.render_line(0))
        wide = min((strip.size.width - LABEL) // len(LOSSES), WIDEST)
        drawn = len(painted[LABEL:].strip())
        assert drawn == len(LOSSES) * wide, "drawn in the room that there is now"
        await screen.press("2", "n", "n", "enter")
        await screen.until(lambda: "pass 10 has no lines; this is 8" in paragraphs(screen))
        assert screen.bench.script_run
        assert screen.bench.script_run.here == 10, "where the other tabs stay"


async def test_broken_numbers_are_found_and_marked(open_app: Open, path: Path) -> None:
    async with open_app(recorders=with_scalars("w", "b"), size=(120, 40)) as screen:
        await opened(screen, Script(path))
        await screen.press("2", "exclamation_mark")
        await screen.until(lambda: "pass 17 of 20" in shown(screen))
        assert "! 2 of 2 leaves" in str(screen.app.query_one("#pass-gradient-label").render())


@pytest.mark.parametrize(("leaves", "size"), [(2, (80, 24)), (40, (80, 24)), (2, (120, 40))])
async def test_the_losses_have_the_rows_that_the_leaves_leave(
    open_app: Open, path: Path, leaves: int, size: tuple[int, int]
) -> None:
    names = [f"w{number}" for number in range(leaves)]
    async with open_app(recorders=with_scalars(*names), size=size) as screen:
        await opened(screen, Script(path))
        await screen.press("2")
        losses, table = screen.app.query_one("#pass-losses"), screen.app.query_one(LeafTable)
        await screen.until(lambda: losses.size.height > (1 if leaves == 2 else 0))
        await screen.pilot.pause()
        if leaves == 2:
            assert table.size.height >= 2, "none of them is hidden"
            assert losses.size.height > size[1] // 3
        else:
            assert losses.size.height == 1
        await screen.pilot.resize_terminal(80, 14)
        await screen.until(lambda: losses.size.height == (2 if leaves == 2 else 1))
        assert table.size.height >= 2


async def test_charts_are_chosen_and_drawn(open_app: Open, path: Path) -> None:
    async with open_app(recorders=with_scalars("w", "b"), size=(120, 40)) as screen:
        await opened(screen, Script(path))

        def drawn() -> str:
            return screen.app.query_one("#pass-charts").query(ChartView).first().picture.text

        await screen.press("3")
        await screen.until(lambda: "Loss" in drawn())
        assert "not finite first at pass 17" in drawn()
        await screen.press("5")
        await screen.until(lambda: "Gradient norms" in drawn())
        await screen.press("v", "v")
        await screen.until(lambda: "usual 1e-3" in drawn())
        screen.command("Chart: Parameter norms")
        await screen.until(lambda: "Parameter norms" in drawn())
        await screen.press("e")
        await screen.until(lambda: isinstance(screen.app.screen, ExportScreen))


async def test_a_lesson_brings_its_own_run_back(open_app: Open, path: Path) -> None:
    async with open_app(recorders=with_scalars("w"), size=(120, 40)) as screen:
        pane = await opened(screen, Script(path))
        await screen.press("2")
        await screen.until(lambda: "pass 19" in shown(screen))
        await screen.press("1")
        pane.opener.open("backward")
        await screen.until(lambda: screen.bench.script_run is None)
        await screen.press("2")
        await screen.until(lambda: screen.app.query_one("#train").display)


async def test_a_script_without_a_pass_says_so(open_app: Open, path: Path) -> None:
    run = replace(long_run(()), passes=scalars([]))
    record = Recorders(script=lambda _, **__: replace(run, moments=long_run(after=3).moments[-3:]))
    async with open_app(recorders=record, size=(120, 40)) as screen:
        await opened(screen, Script(path))
        await screen.press("2")
        message = screen.app.query_one("ScriptTrainPane #no-passes")
        await screen.until(lambda: "no backward pass" in str(message.render()))


async def test_another_script_does_not_take_over_the_cursor(open_app: Open, path: Path) -> None:
    other = path.with_name("other.py")
    other.write_text(SOURCE)
    async with open_app(recorders=with_scalars("w"), size=(120, 40)) as screen:
        pane = await opened(screen, Script(path))
        await screen.press("2", "r")
        await screen.until(lambda: "pass 0 of 20" in shown(screen))
        pane.opener.open_subject(Script(other))
        await screen.until(lambda: "other.py  pass 19 of 20" in shown(screen))
