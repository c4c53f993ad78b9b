from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from textual.widgets import Static

from engine.data.source import Table
from engine.sessions.lock import Lock
from engine.sessions.storage import autosave_path, load
from engine.training.problem import Problem
from tests.engine.sessions.examples import trained
from tests.tui.conftest import Open, Screen
from tui.app.app import LinregApp
from tui.app.load_engine import load_engine
from tui.kit.question import QuestionScreen
from tui.run.data_dialog import DataScreen
from tui.run.messages import SessionLoaded

PROBLEM = Problem(target=200)


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


async def answer(screen: Screen, text: str) -> None:
    """Type over what the prompt suggests."""
    await screen.press("ctrl+a", "backspace")
    screen.app.screen.query_one("Input").value = text  # type: ignore[attr-defined]
    await screen.press("enter")


async def test_ctrl_s_asks_for_a_file_once_and_saves_the_exact_state(
    open_app: Open, tmp_path: Path
) -> None:
    path, another = tmp_path / "run.json", tmp_path / "notes.txt"
    another.write_text("somebody's own")
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "n", "ctrl+s")
        await answer(screen, str(another))
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("escape")
        assert another.read_text() == "somebody's own"
        assert screen.app.commands.session_file.path is None
        await screen.press("ctrl+s")
        await answer(screen, str(path))
        await screen.until(path.exists)
        await screen.press("n", "ctrl+s")
        await screen.until(lambda: load(path).experiment.branch.run.state.iteration == 3)
        assert load(path).experiment.branch.run.state == screen.run.state


async def test_an_opened_session_goes_on_where_it_was(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "n", "plus", "n", "ctrl+s")
        await answer(screen, str(path))
        await screen.until(path.exists)
        screen.app.commands.session_file.release()
        state = screen.run.state
    async with open_app() as screen:
        screen.command("Open session")
        await screen.pilot.pause()
        await answer(screen, str(path))
        await screen.until(lambda: screen.run and screen.run.state == state)
        assert len(screen.experiment.branches) == 2
        assert screen.problem.learning_rate == 0.02


async def test_a_damaged_session_is_one_line_and_what_there_was_stays(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"format": "linreg-tui session", "vers')
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        screen.command("Open session")
        await screen.pilot.pause()
        await answer(screen, str(path))
        await screen.until(lambda: "damaged" in screen.said)
        assert screen.run.state.iteration == 1


async def test_a_session_that_another_program_has_open_can_be_read(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "ctrl+s")
        await answer(screen, str(path))
        await screen.until(path.exists)
        screen.app.commands.session_file.release()
    with Lock(path):
        async with open_app() as screen:
            screen.command("Open session")
            await screen.pilot.pause()
            await answer(screen, str(path))
            await screen.until(lambda: "read only" in screen.said)
            assert screen.app.commands.session_file.path is None


async def test_leaving_saves_what_was_trained(open_app: Open, state_folder: Path) -> None:
    async with open_app(PROBLEM) as screen:
        screen.app.save_session()
        assert not autosave_path().exists(), "nothing was trained"
        await screen.press("2", "n", "n")
        screen.app.save_session()
    assert autosave_path().is_relative_to(state_folder)
    assert load(autosave_path()).experiment.branch.run.state.iteration == 2


async def test_data_from_a_file_are_learned_on_a_branch(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("height,name,weight\n1,a,3\n2,b,5\n3,c,7\n")
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        screen.command("Open data")
        await screen.pilot.pause()
        await answer(screen, str(path))
        await screen.until(lambda: isinstance(screen.problem.source, Table))
        await screen.until(lambda: not screen.busy)
        assert screen.theory.w == pytest.approx((2.0,))
        assert screen.theory.b == pytest.approx(1.0)
        assert "without name" in screen.said


async def test_bad_data_are_one_line_and_what_there_was_stays(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n1,oops\n")
    async with open_app(PROBLEM) as screen:
        screen.command("Open data")
        await screen.pilot.pause()
        await answer(screen, str(path))
        line = 'points.csv:3: column "y": "oops" is not a number'
        # In the form that asks again: the first may still be there.
        await screen.until(
            lambda: any(
                line in str(problem.render())
                for problem in screen.app.screen.query(".problem").results(Static)
            )
        )
        assert isinstance(screen.app.screen, DataScreen)
        assert screen.problem == PROBLEM


async def test_the_history_is_exported_as_csv(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("somebody's own")
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n", "n", "n")
        for key in ("escape", "enter"):
            assert path.read_text() == "somebody's own"
            screen.app.action_export_history()
            await screen.pilot.pause()
            await answer(screen, str(path))
            await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
            await screen.press(key)
        await screen.until(lambda: "exported to" in screen.said)
    heading, *rows = path.read_text().splitlines()
    assert heading == "iteration,loss,w,b,grad_w,grad_b"
    assert [row.split(",")[0] for row in rows] == ["0", "1", "2"]


async def test_the_graph_is_exported_for_graphviz(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "graph.dot"
    async with open_app(PROBLEM) as screen:
        await screen.press("e")
        assert "no graph yet" in screen.said
        await screen.press("n", "n", "n", "n", "e")
        await answer(screen, str(path))
        await screen.until(path.exists)
        assert f"exported to {path}" in screen.said
    assert path.read_text().startswith("digraph autograd {")
    assert "Add → y" in path.read_text()


async def test_a_session_that_is_opened_before_torch_is_there_is_gone_on_with() -> None:
    go_on, saved = Event(), trained()

    def slow(problem: Problem, /, **how: bool) -> str:
        go_on.wait()
        return load_engine(problem, own_process=False, lessons=False)

    app = LinregApp()
    app.bench.load_engine = slow
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        app.bench.post_message(SessionLoaded(saved, None))
        await pilot.pause()
        assert not screen.bench.ready
        assert screen.bench.state.experiment is None
        go_on.set()
        await screen.prepared()
        assert screen.run.state.iteration == saved.experiment.branch.run.state.iteration > 0
