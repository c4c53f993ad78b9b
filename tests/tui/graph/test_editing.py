"""Changing a lesson or a script in place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import IN_PROCESS, heading, lesson, opened, pane_of, selected, stand
from tui.diagram.box_view import BoxView
from tui.diagram.node_details import NodeDetails
from tui.graph.edit.editor import Editor, EditorPane
from tui.graph.edit.syntax_check import problem_in
from tui.graph.pane import GraphPane
from tui.graph.tensor_table import TensorTable
from tui.kit.heading import Heading
from tui.kit.question import QuestionScreen
from tui.script.position import Position
from tui.script.source_view import SourceView
from tui.script.subject import Script


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


def versions(state_home: Path) -> list[str]:
    return [path.read_text() for path in state_home.rglob("versions/*.py")]


def editor(screen: Screen) -> Editor:
    return screen.app.screen_stack[0].query_one(Editor)


async def edit(screen: Screen, key: str = "enter") -> Editor:
    """Press a key that opens the editor, and wait until it has the keys."""
    await screen.press(key)
    await screen.until(
        lambda: screen.app.query(EditorPane) and screen.app.focused is editor(screen)
    )
    return editor(screen)


async def changed(screen: Screen, old: str, new: str) -> GraphPane:
    """Replace some words of what is open, run it, and wait until it is recorded."""
    pane = pane_of(screen)
    text = (await edit(screen)).text
    assert old in text
    editor(screen).text = text.replace(old, new)
    await screen.press("ctrl+r")
    await screen.until(
        lambda: (
            pane.state.original is not None
            and pane.state.recording is not pane.state.original.recording
            and not pane.state.awaited
        )
    )
    await screen.pilot.pause()
    return pane


async def test_a_changed_lesson_runs_to_the_same_place_with_what_differs(
    open_app: Open, state_home: Path
) -> None:
    told: list[str] = []
    ways = replace(IN_PROCESS, get_ready=lambda: told.append("get ready"))
    async with open_app(recorders=ways) as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 8, 3)
        assert selected(screen).title == "Pow"
        await changed(screen, "3 * y**2", "4 * y**2")
        assert told == ["get ready"], "a process has been told while the text was changed"
        assert pane.player.position == Position(8, 3)
        assert selected(screen).title == "Pow"
        assert pane.has_focus
        source = screen.app.query_one(SourceView)
        assert source.text.splitlines()[8].startswith("+")
        drawing = str(screen.app.query_one("#drawing-heading", Heading).render())
        assert "differs at 3 of 5 nodes" in drawing
        assert screen.app.query_one(BoxView).text.count("≠") == 3
        assert "≠ gradient in was 2×2  all 0.75" in screen.app.query_one(NodeDetails).text
        table = screen.app.query_one(TensorTable).text
        assert "out  54  ≠ was 40.5" in table
        assert "your version of backward" in heading(screen)
        await screen.until(lambda: versions(state_home))
        assert "4 * y**2" in versions(state_home)[0]


async def test_the_original_is_one_key_away_and_so_is_the_version(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        original = pane.state.recording
        await stand(screen, 6)
        await changed(screen, "y = x + 2\n", "y = x + 2\nextra = y * 2\n")
        assert pane.player.position == Position(7)
        await screen.press("n", "O")
        assert (pane.state.key, pane.state.recording) == ("backward", original)
        assert pane.player.position == Position(7)
        assert "≠" not in screen.app.query_one(BoxView).text
        assert "O changed" in heading(screen)
        await screen.press("O")
        assert pane.player.position == Position(8)
        assert pane.state.original is not None
        assert "O original" in heading(screen)


async def test_a_text_that_is_no_python_is_said_at_its_line_and_nothing_runs(
    open_app: Open,
) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        before = pane.state
        await edit(screen)
        editor(screen).text = "import torch\nx = (\ny = 2\n"
        await screen.press("ctrl+s")
        await screen.until(lambda: editor(screen).problem is not None)
        assert editor(screen).cursor_location[0] == 1
        assert "✗ '(' was never closed" in editor(screen).get_line(1).plain
        assert pane.state is before
        await screen.press("a")
        await screen.until(lambda: editor(screen).problem is None)
        assert editor(screen).get_line(1).plain == "x = a("


async def test_an_error_of_the_version_is_shown_as_that_of_any_script(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 3)
        await changed(screen, "y = x + 2", "y = x + 2 / 0")
        recording = pane.state.recording
        assert recording is not None
        assert "ZeroDivisionError" in str(recording.error)
        assert pane.player.position == Position(3)


async def test_escape_keeps_the_text_and_runs_nothing(open_app: Open, state_home: Path) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 4)
        await edit(screen)
        assert editor(screen).cursor_location == (8, 0)
        await screen.press("#", "/", "?", "q", "escape")
        assert pane.has_focus
        assert pane.state.original is None
        await screen.until(lambda: versions(state_home))
        assert "#/?qz = 3 * y**2" in versions(state_home)[0]
        await edit(screen, "E")
        assert "#/?qz" in editor(screen).text
        assert editor(screen).cursor_location == (0, 0)
        await screen.press("ctrl+o")
        assert "#/?qz" not in editor(screen).text
        await screen.press("escape")
        await screen.until(lambda: not versions(state_home))


async def test_a_version_outlives_the_program(open_app: Open, state_home: Path) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        await edit(screen)
        await screen.press("#", "escape")
        await screen.until(lambda: versions(state_home))
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "requires_grad")
        screen.command("Your version of backward")
        await screen.until(
            lambda: (
                pane.state.original is not None
                and not pane.state.awaited
                and pane.state.recording is not pane.state.original.recording
            )
        )
        assert "your version of backward" in heading(screen)


async def test_what_stands_in_the_editor_at_the_end_is_kept(
    open_app: Open, state_home: Path
) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        await edit(screen, "E")
        await screen.press("#")
    assert versions(state_home)[0].startswith("##")


async def test_a_script_of_ones_own_is_changed_beside_its_file(
    open_app: Open, tmp_path: Path
) -> None:
    (tmp_path / "helper.py").write_text("factor = 3.0\n")
    path = tmp_path / "mine.py"
    text = (
        "import sys\nimport torch\nfrom helper import factor\n"
        "w = torch.tensor(2.0, requires_grad=True)\nloss = factor * w\nloss.backward()\n"
        "print(sys.argv[1:], w.grad.item())\n"
    )
    path.write_text(text)
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(path, ("a",)))
        await changed(screen, "factor * w", "factor * w * w")
        recording = pane.state.recording
        assert recording is not None
        assert recording.output == "['a'] 12.0\n"
        assert path.read_text() == text
        screen.command("Save your version as")
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        prompt = screen.app.focused
        assert isinstance(prompt, Input)
        prompt.value = str(path)
        await screen.press("enter")
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("escape")
        assert path.read_text() == text
        screen.command("Save your version as")
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        assert isinstance(screen.app.focused, Input)
        screen.app.focused.value = str(tmp_path / "other.py")
        await screen.press("enter")
        await screen.until((tmp_path / "other.py").exists)
        assert (tmp_path / "other.py").read_text() == text.replace("* w", "* w * w")


async def test_run_with_the_text_of_the_original_it_is_the_original(
    open_app: Open, state_home: Path
) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        await changed(screen, "3 * y**2", "4 * y**2")
        await edit(screen)
        await screen.press("ctrl+o", "ctrl+r")
        await screen.until(lambda: pane.state.key == "backward")
        await screen.until(lambda: not versions(state_home))
        await screen.press("O")
        assert pane.state.key == "backward"


@pytest.mark.parametrize(
    ("text", "line"), [("x = 1\n", None), ("x = 1\nreturn 2\n", 2), ("\0", 1), ("(" * 999, 1)]
)
def test_what_python_cannot_read(text: str, line: int | None) -> None:
    problem = problem_in(text)
    assert (problem.line if problem else None) == line


async def test_another_lesson_leaves_the_editor_and_its_text_is_kept(
    open_app: Open, state_home: Path
) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        await edit(screen)
        await screen.press("#")
        await lesson(screen, "requires_grad")
        await screen.until(lambda: not pane.has_class("-editing"))
        assert pane.has_focus
        await screen.until(lambda: versions(state_home))
        await edit(screen)
        assert "#" in editor(screen).text
        assert "which were computed" not in editor(screen).text
        assert "requires_grad and grad_fn" in editor(screen).text


async def test_without_the_keys_the_editor_stays_until_escape(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await lesson(screen, "backward")
        await edit(screen)
        await screen.press("#")
        pane.focus()
        await edit(screen)
        assert "#" in editor(screen).text.splitlines()[1]
        pane.focus()
        await screen.press("escape")
        assert not pane.has_class("-editing")


async def test_a_text_that_is_only_looked_at_is_no_version(
    open_app: Open, tmp_path: Path, state_home: Path
) -> None:
    path = tmp_path / "old.py"
    path.write_text("import torch\n\x0c\nx = torch.ones(2)  # \u2028\ny = x + 1")
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        await edit(screen)
        await screen.press("escape")
        assert pane_of(screen).edits.now.versions.text(str(path)) is None


async def test_python_has_colours_where_tree_sitter_is(open_app: Open) -> None:
    pytest.importorskip("tree_sitter_python", reason="the extra syntax is not installed")
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        shown = await edit(screen, "E")
        assert shown.language == "python"
        for theme in ("linreg-light", "linreg-dark"):
            screen.app.theme = theme
            await screen.pilot.pause()
            line = shown.render_line(1)
            assert next(iter(line)).style is not None
            keyword = next(part.style for part in line if part.text == "import")
            assert keyword is not None
            assert keyword.color is not None
            assert keyword.color.name == screen.app.theme_variables["secondary"].lower()
