"""Sessions whose data have moved or changed: looked at until the data are found, never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.widgets import Input, Static

from engine.data.source import Table
from engine.data.table_cache import read_table
from engine.data.table_difference import difference
from engine.sessions.session import Session
from engine.sessions.storage import autosave_path, load, save
from engine.training.advance import advance, begin
from engine.training.branches import Experiment, experiment, replace_current
from engine.training.fork import fork
from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tests.tui.session.other_data import read_others
from tui.app.app import LinregApp
from tui.cli.start.resume import resumed
from tui.kit.paragraphs import Paragraphs
from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen
from tui.run.messages import ExperimentChanged
from tui.script.source_view import SourceView
from tui.session.resumed import Resumed
from tui.train.pane import TrainPane

ROWS = "1,2\n2,3\n3,5\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Data that a session in the autosave has learned from on two branches."""
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + ROWS)
    found = grown(experiment(begin(Problem(read_table(path), target=200))), 5)
    rate = replace(found.branch.run.problem, learning_rate=0.02)
    save(autosave_path(), Session(grown(fork(found, rate), 8)))
    read_others(tmp_path)
    return path


def grown(found: Experiment, until: int) -> Experiment:
    *_, run = advance(found.branch.run, until)
    return replace_current(found, run)


async def asked(screen: Screen) -> str:
    """What the prompt for the data says, once it is there."""
    await screen.until(lambda: isinstance(screen.app.screen, PromptScreen) and not screen.busy)
    await screen.until(lambda: screen.app.screen.query(".about"))
    return str(screen.app.screen.query_one(".about", Static).render())


async def answer(screen: Screen, path: Path) -> None:
    screen.app.screen.query_one(Input).value = str(path)
    await screen.pilot.press("enter")


async def test_moved_data_are_asked_for_and_found_for_all_branches(
    open_app: Open, data: Path, tmp_path: Path
) -> None:
    moved, before = data.rename(tmp_path / "moved.csv"), autosave_path().read_bytes()
    async with open_app(resumed=resumed(None)) as screen:
        there = await asked(screen)
        assert f"cannot read points.csv: No such file or directory; looked at {data}" in there
        assert screen.app.screen.query_one(Input).value == str(data)
        await answer(screen, tmp_path / "none.csv")
        await screen.until(lambda: isinstance(screen.app.screen, PromptScreen))
        await screen.until(lambda: screen.app.screen.query_one(Input).value.endswith("none.csv"))
        assert "cannot read none.csv" in await asked(screen)
        await screen.press("escape", "2", "left", "left")

        assert [branch.run.state.iteration for branch in screen.experiment.branches] == [5, 8]
        assert screen.cursor == 6, "what was kept can be looked at"
        pane = screen.bench.query_one(TrainPane)
        assert f"looked at {data}" in pane.query_one("#train-stopped", Paragraphs).text
        for key in ("n", "space", "plus"):
            screen.app.clear_notifications()
            await screen.press(key)
            assert screen.said.startswith("nothing moves: cannot read points.csv")
            assert screen.run.state.iteration == 8
        screen.app.save_session()
        assert autosave_path().read_bytes() == before

        await screen.press("F")
        await asked(screen)
        await answer(screen, moved)
        await screen.until(lambda: screen.bench.state.theory is not None and not screen.busy)
        sources = {branch.run.problem.source for branch in screen.experiment.branches}
        assert sources == {read_table(moved)}
        await screen.press("n")
        assert screen.run.state.iteration == 9
        screen.app.save_session()
    assert load(autosave_path()).experiment.branch.run.state.iteration == 9


async def test_of_other_data_it_is_said_how_they_differ_and_a_branch_can_start_anew_on_them(
    open_app: Open, data: Path
) -> None:
    data.write_text("x,y\n" + 2 * ROWS)
    async with open_app(resumed=resumed(None)) as screen:
        assert "points.csv has changed since it was read: 3 rows more than then" in (
            await asked(screen)
        )
        await answer(screen, data)
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("enter")
        await screen.until(lambda: screen.bench.state.theory is not None and not screen.busy)
        *_, new = screen.experiment.branches
        assert (new.run.problem.points, new.run.state.iteration) == (6, 0)
        assert [branch.run.state.iteration for branch in screen.experiment.branches] == [5, 8, 0]
        await screen.press("2", "n")
        assert screen.run.state.iteration == 1
        loop = screen.bench.query_one("#loop", SourceView)
        assert "backward()" in loop.source

        screen.bench.post_message(ExperimentChanged(replace(screen.experiment, current=1)))
        await screen.until(lambda: screen.run.state.iteration == 8 and not screen.busy)
        await screen.press("n")
        assert screen.run.state.iteration == 8, "that branch has lost its data as before"
        assert "nothing moves" in screen.said
        assert "backward()" not in loop.source


async def test_at_the_start_a_session_whose_data_are_not_waited_for_is_looked_at(
    data: Path,
) -> None:
    assert data.exists()
    app, go_on = LinregApp(resumed=Resumed(load(autosave_path()), None)), Event()

    def slow(_name: str, tell: Callable[[str], object]) -> Callable[[int, int | None], None]:
        def progress(done: int, total: int | None) -> None:
            tell(f"{done} of {total}")
            go_on.wait()

        return progress

    app.bench.trainer.progress = slow
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.reading)
        await pilot.press("escape")
        go_on.set()
        assert "the reading of its data was stopped" in await asked(screen)
        assert screen.run.state.iteration == 8
        await pilot.press("enter")
        await screen.until(lambda: screen.bench.state.theory is not None and not screen.busy)


async def test_an_autosave_that_cannot_be_loaded_is_kept_under_another_name(
    open_app: Open,
) -> None:
    autosave_path().write_text('{"format":"linreg-tui session","version":9}')
    async with open_app(Problem(target=200)) as screen:
        await screen.press("2", "n")
        screen.app.save_session()
    aside = autosave_path().with_name("autosave-kept-1.json")
    assert aside.read_text() == '{"format":"linreg-tui session","version":9}'
    assert "saved by a newer linreg-tui" in screen.app.last_words
    assert f"it is kept as {aside}" in screen.app.last_words
    assert load(autosave_path()).experiment.branch.run.state.iteration == 1


def test_in_what_a_table_differs() -> None:
    table = Table("/a.csv", "y", ("x",), 3, "one")
    changes: dict[str, dict[str, Any]] = {
        "": {"path": "/b.csv"},
        "1 row more than then": {"points": 4, "fingerprint": "two"},
        "2 rows fewer than then": {"points": 1, "fingerprint": "two"},
        "as many rows as then, but other content": {"fingerprint": "two"},
        "the same content, but read in another way": {"dropped": 1},
    }
    for words, change in changes.items():
        assert difference(table, replace(table, **change)) == words
