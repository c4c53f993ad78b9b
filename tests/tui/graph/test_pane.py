from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch
from textual.widgets import Input

from engine.autograd.capture import NoGraphError
from engine.autograd.graph import Node
from engine.lessons import LESSONS
from engine.script.recorder import record
from engine.script.subprocess_recorder import record_isolated
from tests.tui.conftest import Open, Screen
from tui import inspect
from tui.app.app import LinregApp
from tui.app.workbench import Workbench
from tui.graph.box_view import GraphView
from tui.graph.first_keys import invitation
from tui.graph.lesson_list import LessonList
from tui.graph.node_details import NodeDetails
from tui.graph.pane import GraphPane
from tui.graph.rail_view import RailsView
from tui.graph.search_bar import SearchBar
from tui.graph.tensor_table import TensorTable
from tui.inspect_tensor import live_tensor
from tui.kit.heading import Heading
from tui.kit.paragraphs import Paragraphs
from tui.script import position
from tui.script.breakpoints import Stops
from tui.script.position import Position
from tui.script.source_view import SourceView
from tui.script.subject import Script, Subject

NET = """\
import sys
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(3)))
scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
loss = (model(torch.ones(2, 2)) * scale).log().sum()
loss.backward()
"""


def pane_of(screen: Screen) -> GraphPane:
    return screen.app.screen_stack[0].query_one(GraphPane)


def selected(screen: Screen) -> Node:
    pane = pane_of(screen)
    assert pane.graph is not None
    assert pane.selected is not None
    return pane.graph.nodes[pane.selected]


def advice(screen: Screen) -> str:
    strip = screen.app.query_one("#advice", Paragraphs)
    return str(strip.render()) if strip.has_class("-some") else ""


def heading(screen: Screen) -> str:
    return str(screen.app.query_one("#source-heading", Heading).render())


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts that harm nobody need no process of their own, which takes its time to start."""
    monkeypatch.setattr("engine.script.subprocess_recorder.record_isolated", record)


async def lesson(screen: Screen, key: str) -> GraphPane:
    """Open a lesson and wait until it has run."""
    pane = pane_of(screen)
    before = pane.recording
    pane.open(key)
    await screen.until(lambda: pane.recording is not None and pane.recording is not before)
    await screen.pilot.pause()
    return pane


async def stand(screen: Screen, lines: int, nodes: int | None = None) -> None:
    """Go to a place at once; the keys that lead there are tested elsewhere."""
    pane_of(screen).place = Position(lines, nodes)
    await screen.pilot.pause()


async def opened(screen: Screen, subject: Subject) -> GraphPane:
    """Open something of one's own and wait until it is recorded or refused."""
    pane = pane_of(screen)
    pane.recording = None
    pane.open_subject(subject)
    await screen.until(lambda: pane.recording is not None or pane.refused)
    await screen.pilot.pause()
    return pane


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


async def test_who_comes_for_the_first_time_is_told_what_to_press(open_app: Open) -> None:
    async with open_app() as screen:
        view = screen.app.query_one(GraphView)
        await screen.until(lambda: "n  runs the next line" in view.text)
        assert "N S  go back" in view.text
        await screen.press("n", "n")
        assert "?  all keys" in view.text
        await screen.press("n")
        assert "leaf" in view.text
        assert "all keys" not in view.text
        await screen.press("c")
        assert "step 16 of 16 · the end" in heading(screen)


def test_keys_that_were_given_away_are_shown_as_they_are() -> None:
    rows = ["".join(span.text for span in row) for row in invitation({"line": "f5", "help": "?"})]
    assert rows[2:] == ["f5  runs the next line: watch the graph grow", " ?  all keys"]


async def test_v_turns_boxes_into_rails_and_keeps_the_selection(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 8)
        await screen.press("left")
        before = selected(screen).title
        assert not pane.drawing.has_class("-rails")
        await screen.press("v")
        assert pane.drawing.has_class("-rails")
        assert selected(screen).title == before
        rails = screen.app.query_one(RailsView)
        await screen.until(lambda: rails.text)
        rows = rails.text.splitlines()
        assert [row.split()[1] for row in rows] == ["Mean", "Mul", "Pow", "Add", "leaf"]
        await screen.press("v")
        assert not pane.drawing.has_class("-rails")
        assert selected(screen).title == before


async def test_rails_show_gradients_as_they_arrive_and_keys_walk_rows(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 8, 2)
        await screen.press("v")
        rails = screen.app.query_one(RailsView)
        await screen.until(lambda: rails.text)
        rows = rails.text.splitlines()
        assert rows[0].split()[-1] == "1"
        assert ".25" in rows[1]
        assert ".25" not in rows[2]
        await screen.press("home", "down")
        assert selected(screen).title == "Mul"
        await screen.press("end")
        assert selected(screen).name == "x"
        await screen.press("k", "pageup")
        assert selected(screen).title == "Mean"


async def test_keys_jump_along_edges(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "linear_regression")
        await stand(screen, 9)
        await screen.press("g")
        screen.app.screen.query_one(Input).value = "Add"
        await screen.press("enter")
        assert selected(screen).title == "Add"
        await screen.press("i")
        assert selected(screen).title == "Mm"
        await screen.press("I")
        assert selected(screen).name == "b", "the other input"
        await screen.press("u")
        assert selected(screen).title == "Add"


async def test_search_finds_while_it_is_typed_and_escape_leaves_it(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "linear_regression")
        await stand(screen, 10)
        await screen.press("slash", *"po")
        bar = screen.app.query_one(SearchBar)
        assert bar.has_class("-open")
        assert selected(screen).title == "Pow"
        assert "1 of 1" in str(bar.query_one(".count").render())
        await screen.press("enter")
        assert pane.has_focus
        await screen.press("slash", *"w")
        await screen.press("enter", "full_stop")
        assert pane.words == "w"
        assert len(pane.hits) > 1
        first = pane.selected
        await screen.press("full_stop", "comma")
        assert pane.selected == first
        await screen.press("escape")
        assert not bar.has_class("-open")
        assert pane.hits == ()


async def test_search_that_finds_nothing_says_so(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 8)
        await screen.press("slash", *"zz")
        assert "no zz" in str(screen.app.query_one(SearchBar).query_one(".count").render())


async def test_c_stops_at_breakpoints_on_lines_and_nodes(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 4)
        await screen.press("b")
        source = screen.app.query_one(SourceView)
        recording = pane.recording
        assert recording is not None
        line = position.current_line(recording, pane.place)
        assert line is not None
        assert source.text.splitlines()[line - 1].startswith("●▶")
        await screen.press("r", "c")
        assert position.current_line(recording, pane.place) == line
        await screen.press("B")
        assert "●" in screen.app.query_one(GraphView).text
        assert selected(screen).title == "Add"
        await stand(screen, 4)
        await screen.press("c")
        assert pane.place.nodes is not None
        assert selected(screen).title == "Add"
        await screen.press("B")
        assert "●" not in screen.app.query_one(GraphView).text


async def test_breakpoints_stay_with_the_file_they_were_set_in(
    open_app: Open, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(net.parent)
    async with open_app() as screen:
        pane = await opened(screen, Script(net))
        await screen.press("r", "n", "b", "c", "B")
        stops = pane.stops
        assert (len(stops.lines), len(stops.nodes)) == (1, 1)
        await lesson(screen, "backward")
        assert pane.stops == Stops()
        assert "●" not in screen.app.query_one(SourceView).text
        await opened(screen, Script(Path("net.py")))
        assert pane.stops == stops
        line = min(stops.lines)
        assert screen.app.query_one(SourceView).text.splitlines()[line - 1].startswith("●")


async def test_room_for_gradients_is_there_before_backward(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await stand(screen, 6)
        view = screen.app.query_one(GraphView)
        before = view.text.splitlines()
        await stand(screen, 8, 1)
        assert "∂" in view.text
        frames = [[line.find("╔"), line.find("┏")] for line in view.text.splitlines()]
        assert frames == [[line.find("╔"), line.find("┏")] for line in before], "nothing moved"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_lesson_s_graph_fits_on_the_screen(
    open_app: Open, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as screen:
        view = screen.app.query_one(GraphView)
        for one in LESSONS:
            pane = await lesson(screen, one.key)
            assert pane.recording is not None
            for lines in range(len(pane.recording.moments)):
                pane.place = Position(lines + 1)
                picture = view.picture
                assert picture.width <= view.size.width, (one.key, lines)
                assert picture.height <= view.size.height, (one.key, lines)


async def test_a_leaf_shows_its_ledger(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "forgot_zero")
        await screen.press("c", "left")
        details = screen.app.query_one(NodeDetails)
        assert "what happened to w.grad" in details.text
        assert "backward 2 added 3 → 6" in details.text
        assert "set to None" in details.text


async def test_a_rule_that_agrees_says_so_quietly(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await screen.press("c")
        assert "✓ as autograd" in screen.app.query_one(NodeDetails).text


async def test_a_mistake_is_explained_below_the_source(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "not_scalar")
        recording = pane.recording
        assert recording is not None
        wrong = next(i for i, m in enumerate(recording.moments, 1) if m.error is not None)
        await stand(screen, wrong)
        assert "several elements" in advice(screen)
        await screen.press("N")
        assert advice(screen) == ""


async def test_lessons_and_mistakes_are_apart(open_app: Open) -> None:
    async with open_app(size=(160, 50)) as screen:
        lessons = screen.app.query_one(LessonList)
        texts = [str(option.prompt) for option in lessons.options]
        gap = texts.index("── mistakes ──")
        assert texts.index("linear regression") < gap < texts.index("forgot to zero")
        assert lessons.options[gap].disabled


async def test_o_brings_the_list_to_the_front_and_enter_opens(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await screen.press("o")
        widget, _ = screen.app.screen.get_widget_at(6, 6)
        assert isinstance(widget, LessonList)
        await screen.press("down", "enter")
        await screen.until(lambda: pane.recording and pane.recording.name == "data_and_numpy.py")
        assert pane.has_focus
        widget, _ = screen.app.screen.get_widget_at(6, 6)
        assert not isinstance(widget, LessonList)


async def test_m_shows_every_fact_of_the_tensors_in_columns(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "data_and_numpy")
        await stand(screen, 4)
        await screen.press("m")
        table = screen.app.query_one(TensorTable)
        await screen.until(lambda: "requires_grad" in table.text)
        title, *rows = table.text.splitlines()
        assert "shares memory with" in title
        assert rows[0].split()[:6] == ["a", "float32", "3", "cpu", "yes", "yes"]
        await screen.press("escape")
        await screen.until(lambda: "requires_grad" not in table.text)


async def test_a_file_of_ones_own_opens_after_its_last_pass(open_app: Open, net: Path) -> None:
    async with open_app() as screen:
        pane = await opened(screen, Script(net))
        assert pane._pass.arrived > 0
        assert selected(screen).name == "loss"
        await screen.press("Z")
        rails = screen.app.query_one(RailsView)
        await screen.until(lambda: "model.0 · " in rails.text)
        assert "Addmm" not in rails.text
        await screen.press("end", "z")
        await screen.until(lambda: "Addmm" in rails.text)
        assert "model.0 · " not in rails.text
        assert "model.1 · " in rails.text


async def test_the_first_gradient_that_is_not_finite_is_one_key_away(
    open_app: Open, net: Path
) -> None:
    async with open_app() as screen:
        await opened(screen, Script(net, ("0",)))
        await screen.press("exclamation_mark")
        assert selected(screen).title == "Log"


async def test_what_is_no_script_has_a_clear_state(open_app: Open, tmp_path: Path) -> None:
    binary = tmp_path / "binary.py"
    binary.write_bytes(bytes(range(256)))
    async with open_app() as screen:
        for path, words in (
            (tmp_path / "gone.py", "does not exist"),
            (tmp_path, "is a directory; a Python file is needed"),
            (binary, "is not Python source text"),
        ):
            await opened(screen, Script(path))
            assert "cannot open" in advice(screen)
            assert words in advice(screen)


BAD = {
    "raise ValueError('oh')": "✗ ValueError: oh",
    "import sys; sys.exit(3)": "■ the script ended itself here",
    "input('who? ')": "✗ EOFError: EOF when reading a line",
    "print('x' * 2_000_000)": "■ it printed more than 1 MB",
    "y = 1": "■ no tensor in this script",
    "import torch; y = torch.ones(2)": "■ no tensor that requires grad in this script",
    "": "■ no tensor in this script",
    "while True: x = 1": "■ stopped here: the script runs more lines than are recorded",
}


async def test_what_is_wrong_with_a_script_is_said(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "engine.script.subprocess_recorder.record_isolated", partial(record, limit=100)
    )
    async with open_app() as screen:
        for number, (source, words) in enumerate(BAD.items()):
            path = tmp_path / f"bad{number}.py"
            path.write_text(source)
            await opened(screen, Script(path))
            assert words in advice(screen)
            assert source in screen.app.query_one(SourceView).text


async def test_a_script_does_not_wait_for_torch(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workbench, "_load", lambda bench: None)
    app = LinregApp(subject=Script(net))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot)
        await screen.until(lambda: pane_of(screen).recording)
        await pilot.pause()
        assert selected(screen).title == "Sum"
        assert not screen.bench.ready


async def test_a_script_that_takes_its_process_down_keeps_what_it_did(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.script.subprocess_recorder.record_isolated", record_isolated)
    path = tmp_path / "down.py"
    path.write_text(
        "import os, threading, time, torch\nx = torch.ones(2, requires_grad=True)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "(x * 2).sum().backward()\nos.write(1, b'x' * 5_000_000)\nos.abort()\n"
    )
    async with open_app() as screen:
        pane = await opened(screen, Script(path))
        assert selected(screen).title == "Sum"
        assert "✗ further on, line 6: SIGABRT: the process was killed" in advice(screen)
        await screen.press("c")
        assert advice(screen).startswith("✗ SIGABRT: the process was killed by signal 6")
        assert pane.graph is not None


async def test_a_syntax_error_has_a_clear_state(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("x = 1\ny = = 2\n")
    async with open_app() as screen:
        await opened(screen, Script(path))
        assert "line 2, column 5" in advice(screen)
        assert advice(screen).endswith("  y = = 2\n      ^")
        assert "y = = 2" in screen.app.query_one(SourceView).text


async def test_a_recording_that_never_ends_can_be_cancelled(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text("import torch, time\nx = torch.ones(2)\nwhile True:\n    time.sleep(0.01)\n")
    async with open_app() as screen:
        pane = pane_of(screen)
        pane.open_subject(Script(path))
        await screen.until(lambda: pane.awaited)
        assert "while True" in screen.app.query_one(SourceView).text
        await screen.press("escape")
        await screen.until(lambda: pane.recording is not None and pane.recording.ending != "end")
        assert pane.awaited == ""


LARGE = """\
import torch

model = torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(400)))
big = torch.ones(300, 300)
loss = (model(torch.ones(1, 2)).sum() * big).sum()
"""


async def test_a_large_graph_says_what_of_it_was_not_read(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    path.write_text(LARGE)
    async with open_app() as screen:
        pane = await opened(screen, Script(path))
        assert pane.graph is not None
        assert len(pane.graph.nodes) > 1_000
        details = screen.app.query_one(NodeDetails)
        await screen.press("home", "down")
        assert selected(screen).title == "Mul"
        assert "saved other  300×300\n  not read in so large a graph" in details.text
        await screen.press("end")
        assert selected(screen).name == "model.0.weight"
        table = screen.app.query_one(TensorTable)
        assert "… and 736 more tensors in scope" in table.text


async def test_of_a_large_live_graph_the_node_looked_at_is_read(open_app: Open) -> None:
    x = torch.full((2,), 2.0, requires_grad=True)
    y = x
    for _ in range(1_001):
        y = y * 1.0
    loss = (y.sin().sum() * torch.ones(300, 300)).sum()
    async with open_app(subject=live_tensor(loss, {"x": x})) as screen:
        pane = pane_of(screen)
        await screen.until(lambda: pane.recording is not None)
        await screen.press("home", "down")
        details = screen.app.query_one(NodeDetails)
        assert "mean 1  norm 300" in details.text
        await screen.press("down", "down")
        assert selected(screen).title == "Sin"
        assert "saved self  [2, 2]" in details.text
        await screen.press("down", "down")
        assert "output  not kept by autograd" in details.text


async def test_a_path_can_be_typed(open_app: Open, net: Path) -> None:
    async with open_app() as screen:
        pane = pane_of(screen)
        pane.action_open_file()
        await screen.pilot.pause()
        prompt = screen.app.screen.query_one(Input)
        prompt.value = str(net.with_name("gone.py"))
        await screen.press("enter")
        assert "does not exist" in str(screen.app.screen.query_one(".problem").render())
        prompt.value = str(net)
        await screen.press("enter")
        await screen.until(lambda: pane.recording and pane.recording.name == "net.py")
        assert "net.py" in [str(o.prompt) for o in screen.app.query_one(LessonList).options]


async def test_a_live_tensor_is_walked_without_changing_it(open_app: Open) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    subject = live_tensor(loss, {"w": w, "loss": loss})
    async with open_app(subject=subject) as screen:
        pane = pane_of(screen)
        await screen.until(lambda: pane.recording is not None)
        await screen.pilot.pause()
        assert selected(screen).name == "loss"
        await screen.press("s", "s", "s")
        assert selected(screen).name == "w"
        assert "[2, 4]" in screen.app.query_one(NodeDetails).text
    assert w.grad is None
    torch.autograd.backward(loss)  # the graph is still whole
    assert w.grad is not None


def test_inspect_knows_the_caller_s_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    w = torch.ones(2, requires_grad=True)
    seen: dict[str, object] = {}
    monkeypatch.setattr("tui.inspect_tensor.look", lambda tensor, scope: seen.update(scope))
    inspect(w.sum())
    assert seen["w"] is w


def test_a_tensor_without_a_graph_is_refused() -> None:
    with pytest.raises(NoGraphError):
        live_tensor(torch.ones(2), {})
