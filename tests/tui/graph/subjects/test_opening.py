from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

from textual.widgets import Input
from textual.widgets.option_list import Option

from engine.lessons import LESSONS, find
from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import (
    IN_PROCESS,
    lesson,
    opened,
    pane_of,
    selected,
    stand,
)
from tests.tui.script.long_run import saved
from tui.app.app import LinregApp
from tui.diagram.box_view import BoxView
from tui.diagram.node_details import NodeDetails
from tui.diagram.rail_view import RailView
from tui.graph.subjects.lesson_list import YOUR_RUN, LessonList
from tui.graph.subjects.loader import Recorders
from tui.kit.heading import Heading
from tui.script.position import Position
from tui.script.source_view import SourceView
from tui.script.subject import SavedRun, Script, Subject


async def test_lessons_and_mistakes_are_apart(open_app: Open) -> None:
    async with open_app(size=(160, 50)) as screen:
        lessons = screen.app.query_one(LessonList)
        texts = [str(option.prompt) for option in lessons.options]
        more, gap = texts.index("── more lessons ──"), texts.index("── mistakes ──")
        assert texts.index("linear regression") < more < texts.index("where paths meet") < gap
        assert gap < texts.index("forgot to zero")
        assert lessons.options[gap].disabled


async def test_the_list_in_front_says_what_lessons_show_and_marks_what_is_open(
    open_app: Open,
) -> None:
    async with open_app(size=(80, 24)) as screen:
        pane = await lesson(screen, "vanishing")
        lessons = screen.app.query_one(LessonList)

        def marked() -> Option:
            option = lessons.highlighted_option
            assert option is not None
            return option

        await screen.press("o")
        await screen.until(lambda: "0.25 to the power" in str(marked().prompt))
        await screen.press("down")
        assert marked().id == "gradcheck"
        await screen.press("escape")
        assert marked().id == "vanishing"
        assert pane.state.key == "vanishing"


async def test_the_app_begins_with_the_lesson_that_was_named(open_app: Open) -> None:
    async with open_app(subject=find("jacobian")) as screen:
        pane = pane_of(screen)
        await screen.until(
            lambda: pane.state.recording and pane.state.recording.name == "jacobian.py"
        )
        assert pane.player.position == Position()


async def test_every_lesson_is_a_command_of_the_palette(open_app: Open) -> None:
    async with open_app() as screen:
        titles = [one.title for one in screen.app.get_system_commands(screen.app.screen)]
        kinds = {"lesson": "Lesson", "more": "Lesson", "mistake": "Mistake"}
        assert {f"{kinds[one.group]}: {one.title}" for one in LESSONS} <= set(titles)
        screen.app.action_tab("train")
        screen.command("Mistake: total += loss")
        pane = pane_of(screen)
        await screen.until(
            lambda: pane.state.recording and pane.state.recording.name == "total_loss.py"
        )
        assert screen.tab == "graph"


async def test_o_brings_the_list_to_the_front_and_enter_opens(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await screen.press("o")
        widget, _ = screen.app.screen.get_widget_at(6, 6)
        assert isinstance(widget, LessonList)
        await screen.press("down", "enter")
        await screen.until(
            lambda: pane.state.recording and pane.state.recording.name == "data_and_numpy.py"
        )
        assert pane.has_focus
        widget, _ = screen.app.screen.get_widget_at(6, 6)
        assert not isinstance(widget, LessonList)


async def test_a_file_of_ones_own_opens_after_its_last_pass(open_app: Open, net: Path) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(net))
        assert pane.player.backward_pass.arrived > 0
        assert selected(screen).name == "loss"
        await screen.press("Z")
        rails = screen.app.query_one(RailView)
        await screen.until(lambda: "model.0 · " in rails.text)
        assert "Addmm" not in rails.text
        await screen.press("end", "z")
        await screen.until(lambda: "Addmm" in rails.text)
        assert "model.0 · " not in rails.text
        assert "model.1 · " in rails.text


def without_torch_until(
    there: Event, subject: Subject | None = None, recorders: Recorders | None = None
) -> LinregApp:
    """The app on a subject, where importing torch takes until the event."""

    def slow(problem: Problem, /, **how: bool) -> str:
        there.wait(60)  # a test that fails before it lets go must end too
        return ""

    app = LinregApp(subject=subject, recorders=lambda: recorders or Recorders())
    app.bench.load_engine = slow
    return app


async def test_a_lesson_is_read_and_stepped_through_before_torch_has_loaded() -> None:
    go_on = Event()
    app = without_torch_until(go_on)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        source, heading = app.query_one(SourceView), app.query_one("#source-heading", Heading)
        assert "x = torch.arange(4.0).reshape(2, 2)" in source.text
        assert (heading.title, heading.aside) == ("forward, backward", "loading torch …")
        assert "n  runs the next line" in app.query_one(BoxView).text
        pane_of(screen).opener.open("zeroing")
        await screen.until(lambda: "w.grad.zero_()" in source.text)
        assert heading.title.startswith("what to zero")
        assert not screen.bench.ready
        await screen.press("n")
        go_on.set()
        await screen.until(lambda: pane_of(screen).state.recording)
        await screen.until(lambda: pane_of(screen).player.position.lines == 1)
        assert "step 1 of" in heading.aside


async def test_a_lesson_in_place_of_a_script_waits_for_torch_with_its_text(
    net: Path, forked: Recorders
) -> None:
    go_on = Event()
    app = without_torch_until(go_on, Script(net), forked)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        pane = pane_of(screen)
        await screen.until(lambda: pane.state.recording and not pane.state.awaited)
        pane.opener.open("zeroing")
        assert pane.state.recording is None, "it is none of the lesson"
        await screen.until(lambda: "w.grad.zero_()" in app.query_one(SourceView).text)
        go_on.set()
        await screen.until(lambda: pane.state.recording)


async def test_a_script_does_not_wait_for_torch(net: Path, forked: Recorders) -> None:
    go_on = Event()
    app = without_torch_until(go_on, Script(net), forked)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        await screen.until(
            lambda: pane_of(screen).state.recording and not pane_of(screen).state.awaited
        )
        await pilot.pause()
        assert selected(screen).title == "Sum"
        assert not screen.bench.ready
        go_on.set()


async def test_a_recording_does_not_wait_for_torch_and_its_rules_follow(tmp_path: Path) -> None:
    go_on, path = Event(), tmp_path / "run"
    saved(path, range(5), "end")
    app = without_torch_until(go_on, SavedRun(path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: screen.bench.furnished)
        await screen.until(
            lambda: pane_of(screen).state.recording and not pane_of(screen).state.awaited
        )
        await stand(screen, 2, 1)
        details = app.query_one(NodeDetails)
        assert "to w (left): loading torch …" in details.text
        assert not screen.bench.ready
        go_on.set()
        await screen.until(lambda: "to w (left): g · w" in details.text)
        assert screen.bench.state.run is None, "nobody has looked at it"
        await screen.press("ctrl+s")
        assert screen.messages == ["nothing to save yet: nothing has been trained"]
        pane_of(screen).opener.open(YOUR_RUN)
        await screen.prepared()


async def test_a_recording_that_never_ends_can_be_cancelled(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text("import torch, time\nx = torch.ones(2)\nwhile True:\n    time.sleep(0.01)\n")
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = pane_of(screen)
        pane.opener.open_subject(Script(path))
        await screen.until(lambda: pane.state.awaited)
        assert "while True" in screen.app.query_one(SourceView).text
        await screen.press("escape")
        await screen.until(
            lambda: pane.state.recording is not None and pane.state.recording.ending != "end"
        )
        assert pane.state.awaited == ""


async def test_a_path_can_be_typed_and_a_process_gets_ready_meanwhile(
    open_app: Open, net: Path
) -> None:
    told: list[str] = []
    ways = replace(
        IN_PROCESS,
        get_ready=lambda: told.append("get ready"),
        close=lambda: told.append("close"),
    )
    async with open_app(recorders=ways) as screen:
        pane = pane_of(screen)
        pane.action_open_file()
        await screen.until(lambda: told)
        await screen.pilot.pause()
        prompt = screen.app.screen.query_one(Input)
        prompt.value = str(net.with_name("gone.py"))
        await screen.press("enter")
        assert "does not exist" in str(screen.app.screen.query_one(".problem").render())
        prompt.value = str(net)
        await screen.press("enter")
        await screen.until(lambda: pane.state.recording and pane.state.recording.name == "net.py")
        assert "net.py" in [str(o.prompt) for o in screen.app.query_one(LessonList).options]
    assert told == ["get ready", "close"]
