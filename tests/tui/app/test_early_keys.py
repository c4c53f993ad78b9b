"""Keys that are typed while torch loads are kept, and what moves nothing says why."""

from __future__ import annotations

from asyncio import Future, sleep
from threading import Event

from textual.events import Key
from textual.widgets import Static

from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.app.app import LinregApp
from tui.app.load_engine import load_engine
from tui.graph.pane import GraphPane
from tui.kit.heading import Heading
from tui.kit.question import QuestionScreen
from tui.script.source_view import SourceView


async def test_steps_typed_before_torch_is_there_are_done_once_it_is() -> None:
    go_on = Event()

    def slow(problem: Problem, /, *, own_process: bool, lessons: bool) -> str:
        go_on.wait(60)
        return load_engine(problem, own_process=own_process, lessons=lessons)

    app = LinregApp(Problem(target=100))
    app.bench.load_engine = slow
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        pane = app.query_one(GraphPane)
        await pilot.press("n", "n", "n", "N", "2", "n", "n")
        late = Key("n", "n")
        late.time -= 1
        app.post_message(late)
        await pilot.pause()
        assert pane.state.recording is None
        assert screen.bench.state.run is None
        go_on.set()
        await screen.until(lambda: pane.state.recording is not None)
        assert pane.player.position.lines == 2
        await screen.until(lambda: screen.bench.state.run is not None and not screen.busy)
        await screen.until(lambda: screen.run.state.iteration == 3 and not screen.busy)


async def test_a_key_typed_after_a_tab_is_asked_for_waits_for_that_tab() -> None:
    app = LinregApp(Problem(target=100))
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(Key("2", "2"))
        while app.bench.tab != "train":
            await sleep(0)
        app.post_message(Key("n", "n"))
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.state.run is not None and not screen.busy)
        await screen.until(lambda: screen.run.state.iteration == 1)
        assert app.query_one(GraphPane).player.position.lines == 0


async def test_what_is_typed_behind_q_goes_nowhere_and_keeps_nobody() -> None:
    app = LinregApp(Problem(target=100))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in "q2n":
            app.post_message(Key(key, key))
        while app.is_running:
            await sleep(0)
        assert app.bench.tab == "graph"
    assert pilot.app.return_code == 0


async def test_keys_may_come_at_the_very_moment_at_which_a_tab_is_made() -> None:
    app = LinregApp(Problem(target=100))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        app.bench.tab = "train"
        while app.focused is None or app.focused.id != "train":
            await sleep(0)
        for _ in range(20):
            app.post_message(Key("m", "m"))
            app.post_message(Key("pagedown", None))
            await sleep(0)
        await screen.prepared()
        await screen.press("n")
        assert screen.run.state.iteration == 1
        assert app.query_one("#train").has_focus
        assert "1 of 100" in str(app.query_one("#status", Static).render())


async def test_at_the_end_of_a_script_run_and_play_say_why_nothing_moves(open_app: Open) -> None:
    async with open_app() as screen:
        await screen.until(lambda: screen.app.query_one(GraphPane).state.recording)
        await screen.press("c")
        assert screen.messages == []
        await screen.press("c")
        assert screen.messages == ["at the end of the script: N goes back, r starts again"]
        screen.app.clear_notifications()
        await screen.press("space")
        assert len(screen.messages) == 1
        assert not screen.app.query_one(GraphPane).state.playing


async def test_at_the_target_run_and_play_say_why_nothing_moves(open_app: Open) -> None:
    async with open_app(Problem(target=20), size=(80, 24), notifications=True) as screen:
        await screen.press("2", "c")
        await screen.until(lambda: screen.run.state.iteration == 20 and not screen.busy)
        for key in ("c", "space"):
            screen.app.clear_notifications()
            await screen.press(key)
            assert screen.messages == [
                "at the target of 20 iterations: g goes further, r starts anew"
            ]
        await screen.until(lambda: screen.app.screen.query("Toast"))
        tabs = len(" 1 Graph  2 Train  3 Chart ")
        await screen.until(lambda: screen.app.screen.query("Toast").last().region.x > tabs)
        assert screen.run.state.iteration == 20


async def test_beyond_the_target_g_asks(open_app: Open) -> None:
    async with open_app(Problem(target=20)) as screen:
        await screen.press("2", "g", "3", "0", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("escape")
        assert screen.run.state.iteration == 0
        await screen.press("g", "3", "0", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("enter")
        await screen.until(lambda: screen.run.state.iteration == 30)


async def test_the_heading_shows_what_has_the_keys(open_app: Open) -> None:
    async with open_app() as screen:

        def marked() -> list[str]:
            return [one.id or "" for one in screen.app.query(Heading) if one.focused]

        assert marked() == []
        await screen.press("tab")
        assert isinstance(screen.app.focused, SourceView)
        assert marked() == ["source-heading"]
        assert str(screen.app.query_one("#source-heading", Heading).render()).startswith("▌")
        await screen.press("shift+tab")
        assert marked() == []


async def test_a_question_is_answered_by_its_keys(open_app: Open) -> None:
    async with open_app() as screen:
        for key, quits, answer in (
            ("enter", False, True),
            ("y", False, True),
            ("n", False, False),
            ("escape", False, False),
            ("q", False, False),
            ("q", True, True),
        ):
            question = QuestionScreen("sure?", "\x1b[31mwords", "goes", "stays", quits=quits)
            answered: Future[bool | None] = Future()
            screen.app.push_screen(question, answered.set_result)
            await screen.press(key)
            assert await answered == answer


async def test_a_key_typed_right_behind_the_setup_is_for_the_run_that_comes_of_it(
    open_app: Open,
) -> None:
    async with open_app(Problem(target=100)) as screen:
        await screen.press("2", "n", "p")
        await screen.press("ctrl+r")
        form = screen.app.screen
        screen.send("enter")
        while screen.app.screen is form:
            await sleep(0)
        screen.send("c")
        await screen.until(lambda: screen.problem.learning_rate != 0.01)
        await screen.until(lambda: screen.run.state.iteration == 100 and not screen.busy)
        (first, second) = screen.experiment.branches
        assert (first.furthest.state.iteration, second.furthest.state.iteration) == (1, 100)
