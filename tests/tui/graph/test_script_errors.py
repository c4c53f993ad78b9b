from __future__ import annotations

from pathlib import Path

from engine.recording.records import Recording
from engine.script.recorder import record
from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    IN_PROCESS,
    lesson,
    opened,
    paragraphs,
    selected,
    stand,
)
from tui.diagram.node_details import NodeDetails
from tui.graph.subjects.growth import Cancelled, Grown
from tui.graph.subjects.loader import Recorders
from tui.script.source_view import SourceView
from tui.script.subject import Script


async def test_a_mistake_is_explained_below_the_source(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "not_scalar")
        recording = pane.state.recording
        assert recording is not None
        wrong = next(i for i, m in enumerate(recording.moments, 1) if m.error is not None)
        await stand(screen, wrong)
        assert "several elements" in paragraphs(screen)
        await screen.press("N")
        assert paragraphs(screen) == ""


async def test_what_is_no_script_has_a_clear_state(open_app: Open, tmp_path: Path) -> None:
    binary = tmp_path / "binary.py"
    binary.write_bytes(bytes(range(256)))
    async with open_app(recorders=IN_PROCESS) as screen:
        for path, words in (
            (tmp_path / "gone.py", "does not exist"),
            (tmp_path, "is a directory; a Python file is needed"),
            (binary, "is not Python source text"),
        ):
            await opened(screen, Script(path))
            assert "cannot open" in paragraphs(screen)
            assert words in paragraphs(screen)


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


async def test_what_is_wrong_with_a_script_is_shown(open_app: Open, tmp_path: Path) -> None:
    def limited(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        return record(script.path, limit=100, cancelled=cancelled)

    recorders = Recorders(script=limited)
    async with open_app(recorders=recorders) as screen:
        for number, (source, words) in enumerate(BAD.items()):
            path = tmp_path / f"bad{number}.py"
            path.write_text(source)
            await opened(screen, Script(path))
            assert words in paragraphs(screen)
            assert source in screen.app.query_one(SourceView).text


async def test_a_script_that_takes_its_process_down_keeps_what_it_did(
    open_app: Open, tmp_path: Path, forked: Recorders
) -> None:
    path = tmp_path / "down.py"
    path.write_text(
        "import os, threading, time, torch\nx = torch.ones(2, requires_grad=True)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "(x * 2).sum().backward()\nos.write(1, b'x' * 5_000_000)\nos.abort()\n"
    )
    async with open_app(recorders=forked) as screen:
        pane = await opened(screen, Script(path))
        assert selected(screen).title == "Sum"
        assert "✗ further on, line 6: SIGABRT: the process was killed" in paragraphs(screen)
        await screen.press("c")
        assert paragraphs(screen).startswith("✗ SIGABRT: the process was killed by signal 6")
        assert pane.graph is not None


async def test_a_syntax_error_has_a_clear_state(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("x = 1\ny = = 2\n")
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        assert "line 2, column 5" in paragraphs(screen)
        assert paragraphs(screen).endswith("  y = = 2\n      ^")
        assert "y = = 2" in screen.app.query_one(SourceView).text


FAILS = """
import torch
w = torch.ones(2, requires_grad=True)
s = torch.sigmoid(w)
t = s * 3
s += 1
loss = (t + s).sum()
loss.backward()
"""


async def test_the_node_that_failed_is_named_and_all_words_are_a_key_away(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "fails.py"
    path.write_text(FAILS)
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        await screen.press("c")
        assert "`s += 1`, line 6, changed s in place" in paragraphs(screen)
        assert "failed" in str(screen.app.query_one("#drawing-heading").render())
        assert selected(screen).op == "SigmoidBackward0"
        details = screen.app.query_one(NodeDetails)
        assert "backward failed here" in details.text
        await screen.press("a")
        text = str(screen.app.screen.query_one("Static").render())
        assert "anomaly detection" in text.replace("\n", " ")
        await screen.press("escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)


async def test_where_nothing_is_wrong_that_is_said(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await screen.press("a")
        (said,) = screen.notes
        assert said.message == "nothing is wrong as far as this run has come"
