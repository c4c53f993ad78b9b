from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    IN_PROCESS,
    heading,
    lesson,
    opened,
    selected,
    stand,
)
from tui.diagram.box_view import BoxView
from tui.graph.first_keys import invitation
from tui.script import position
from tui.script.breakpoints import Breakpoints
from tui.script.source_view import SourceView
from tui.script.subject import Script


async def test_who_comes_for_the_first_time_is_told_what_to_press(open_app: Open) -> None:
    async with open_app() as screen:
        view = screen.app.query_one(BoxView)
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
    rows = [
        "".join(span.text for span in row)
        for row in invitation({"step('next')": "f5", "help": "?"})
    ]
    assert rows[2:] == ["f5  runs the next line: watch the graph grow", " ?  all keys"]


async def test_keys_with_nothing_to_do_say_so(open_app: Open) -> None:
    async with open_app() as screen:
        await lesson(screen, "backward")
        await screen.press("f", "full_stop")
        said = screen.messages
        assert said == ["in no backward pass: s goes into one", "nothing is found: / searches"]


async def test_c_stops_at_breakpoints_on_lines_and_nodes(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, 4)
        await screen.press("b")
        source = screen.app.query_one(SourceView)
        recording = pane.state.recording
        assert recording is not None
        line = position.current_line(recording, pane.player.position)
        assert line is not None
        assert source.text.splitlines()[line - 1].startswith("●▶")
        await screen.press("r", "c")
        assert position.current_line(recording, pane.player.position) == line
        await screen.press("B")
        assert "●" in screen.app.query_one(BoxView).text
        assert selected(screen).title == "Add"
        await stand(screen, 4)
        await screen.press("c")
        assert pane.player.position.nodes is not None
        assert selected(screen).title == "Add"
        await screen.press("B")
        assert "●" not in screen.app.query_one(BoxView).text


async def test_breakpoints_stay_with_the_file_they_were_set_in(
    open_app: Open, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(net.parent)
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(net))
        await screen.press("r", "n", "b", "c", "B")
        breakpoints = pane.player.breakpoints
        assert (len(breakpoints.lines), len(breakpoints.nodes)) == (1, 1)
        await lesson(screen, "backward")
        assert pane.player.breakpoints == Breakpoints()
        assert "●" not in screen.app.query_one(SourceView).text
        await opened(screen, Script(Path("net.py")))
        assert pane.player.breakpoints == breakpoints
        line = min(breakpoints.lines)
        assert screen.app.query_one(SourceView).text.splitlines()[line.line - 1].startswith("●")
