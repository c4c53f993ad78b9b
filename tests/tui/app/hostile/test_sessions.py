"""Hostile text in a session, and in the names of its columns."""

from __future__ import annotations

from rich.cells import cell_len

from engine.sessions.session import Session
from tests.hostile import PAYLOADS
from tests.tui.app.hostile.conftest import ROOMY, Looked, Tour
from tests.tui.conftest import Open, Screen
from tests.tui.hostile_records import session, single
from tui.chart.figures.kinds import Chart
from tui.chart.pane import ChartPane
from tui.run.messages import SessionLoaded


async def test_a_session(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("2")
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            await load(screen, session(payload[:40]))
            await tour.see(kind, payload[:40], "#status", "#gradients", "#branches")
            await load(screen, session(payload[:40].replace(" ", "_"), "diverged"))
            await tour.see(kind, payload[:40].replace(" ", "_"), "#status", "#train-stopped")
        assert not tour.wrong


async def test_columns_in_charts(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("3")
        screen.app.query_one(ChartPane).chart = Chart.RESIDUALS
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            given = single(payload[:40])
            await load(screen, given)
            (name,) = given.experiment.branch.run.problem.source.feature_names
            places = (
                ("#chart #chart-left", "#chart #chart-right") if len(name) == cell_len(name) else ()
            )
            await screen.until(lambda: screen.points and not screen.busy)
            await tour.see(kind, name, "#chart-status", *places)
        assert not tour.wrong


async def load(screen: Screen, loaded: Session) -> None:
    before = screen.run
    screen.bench.post_message(SessionLoaded(loaded, None))
    await screen.until(lambda: screen.run is not before and not screen.busy)
