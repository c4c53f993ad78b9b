"""Sessions from elsewhere: another machine, other data, another program."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from engine.data.source import Table
from engine.data.table_cache import read_table
from engine.sessions.lock import Lock
from engine.sessions.session import Session
from engine.sessions.storage import load, save
from engine.training.advance import advance, begin
from engine.training.branches import experiment
from engine.training.breakpoints import parse
from engine.training.problem import Problem
from engine.training.run import Run
from tests.tui.conftest import Open, Screen, opened
from tests.tui.session.other_data import read_others
from tui.cli.start.resume import resumed
from tui.config.errors import UsageError
from tui.run.messages import ExperimentChanged

PROBLEM = Problem(target=200)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a state folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def open_app() -> Open:
    """A context that runs the app where there is no GPU."""
    return partial(opened, devices=lambda: 0)


def trained(problem: Problem = PROBLEM, iterations: int = 5) -> Run:
    *_, run = advance(begin(problem), iterations)
    return run


def elsewhere(path: Path, iterations: int = 5) -> Run:
    """Saves a session of a machine with a GPU."""
    run = trained(iterations=iterations) if iterations else begin(PROBLEM)
    run = replace(run, problem=replace(PROBLEM, device="cuda:1"))
    save(path, Session(experiment(run), (parse("i=7"),), 20.0))
    return run


def test_where_nothing_was_kept_the_line_says_so_and_what_opens_a_file() -> None:
    with pytest.raises(UsageError, match="no session was kept on quitting so far; --resume FILE"):
        resumed(None)


async def open_session(screen: Screen, path: Path) -> None:
    screen.app.clear_notifications()
    screen.app.commands.sessions.open_file(path)
    await screen.until(lambda: screen.said or screen.app.commands.session_file.path == path)
    await screen.until(lambda: not screen.busy)


@pytest.mark.parametrize("at_start", [True, False])
async def test_a_device_that_is_absent_is_left_for_the_cpu(
    open_app: Open, tmp_path: Path, at_start: bool
) -> None:
    path = tmp_path / "gpu.json"
    run = elsewhere(path)
    before = path.read_bytes()
    async with open_app(PROBLEM, resumed=resumed(path) if at_start else None) as screen:
        if not at_start:
            await open_session(screen, path)
        assert screen.said == (
            "cuda:1 is not available here: it goes on on cpu, on a branch of its own"
        )
        found = screen.experiment
        assert found is not None
        there, here = found.branches
        assert (there.run.problem.device, here.run.problem.device) == ("cuda:1", "cpu")
        assert there.run.state == here.run.state == run.state
        assert path.read_bytes() == before, "only saving writes"

        await screen.press("2", "n")
        assert screen.run.state == trained(iterations=6).state
        screen.bench.post_message(ExperimentChanged(replace(found, current=0)))
        await screen.until(lambda: "no CUDA device is available here" in screen.said)
        assert screen.problem.device == "cpu"

        screen.app.save_session()
        there, here = load(path).experiment.branches
        assert (there.run.state, here.run.state.iteration) == (run.state, 6)


async def test_what_has_not_begun_needs_no_branch_for_another_device(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "gpu.json"
    elsewhere(path, iterations=0)
    async with open_app(PROBLEM) as screen:
        await open_session(screen, path)
        assert screen.said == "cuda:1 is not available here: it goes on on cpu"
        assert [branch.run.problem for branch in screen.experiment.branches] == [PROBLEM]


async def test_where_the_first_problem_cannot_be_there_is_the_reference_run(
    open_app: Open, tmp_path: Path
) -> None:
    lost = Table(str(tmp_path / "lost.csv"), "y", ("x",), 9, "fingerprint")
    async with open_app(replace(PROBLEM, source=lost)) as screen:
        assert "cannot read lost.csv" in screen.said
        assert screen.problem == Problem()
        await screen.press("2", "n")


@pytest.fixture
def of_data(tmp_path: Path) -> Path:
    """A session of data in a file, none of which is in memory."""
    data = tmp_path / "points.csv"
    data.write_text("x,y\n" + "1,2\n2,3\n" * 1000)
    path = tmp_path / "data.json"
    run = trained(replace(PROBLEM, source=read_table(data)))
    save(path, Session(experiment(run), (parse("i=7"),), 20.0))
    read_others(tmp_path)
    return path


async def test_a_session_with_data_opens_with_its_breakpoints_and_pace(
    open_app: Open, of_data: Path
) -> None:
    async with open_app(PROBLEM) as screen:
        await open_session(screen, of_data)
        assert screen.problem.points == 2000
        assert (screen.breakpoints, screen.pace) == ((parse("i=7"),), 20.0)
        assert screen.app.commands.session_file.path == of_data


async def test_reading_the_data_of_a_session_can_be_stopped(open_app: Open, of_data: Path) -> None:
    go_on = threading.Event()

    def slow(_name: str, tell: Callable[[str], object]) -> Callable[[int, int | None], None]:
        def progress(done: int, total: int | None) -> None:
            tell(f"{done} of {total}")
            go_on.wait()

        return progress

    async with open_app(PROBLEM) as screen:
        screen.bench.trainer.progress = slow
        before = screen.experiment
        screen.app.commands.sessions.open_file(of_data)
        await screen.until(lambda: " of 8" in screen.reading)
        await screen.pilot.press("escape")
        assert (screen.busy, screen.reading) == ("", "")
        go_on.set()
        await screen.press("2", "n")
        assert before is not None
        assert screen.problem == before.branch.run.problem
        assert screen.app.commands.session_file.path is None


async def test_a_session_of_another_program_does_not_go_into_this_programs_file(
    open_app: Open, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.json", tmp_path / "other.json"
    save(own, Session(experiment(trained(iterations=3))))
    save(other, Session(experiment(trained(iterations=9))))
    async with open_app(PROBLEM) as screen:
        await open_session(screen, own)
        with Lock(other):
            await open_session(screen, other)
            await screen.until(lambda: "read only" in screen.said)
            assert screen.run.state.iteration == 9
            screen.app.save_session()
    assert load(own).experiment.branch.run.state.iteration == 3
