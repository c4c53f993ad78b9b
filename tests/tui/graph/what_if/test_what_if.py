"""Another gradient into a node: the run that follows, with the ghost of the original."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from textual.widgets import Input

from engine.recording.pass_plan import EVERYTHING
from engine.recording.records import Recording
from engine.script.recorder import record
from tests.forks.forks import RecordForked
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import (
    IN_PROCESS,
    heading,
    lesson,
    opened,
    pane_of,
    paragraphs,
    selected,
    stand,
)
from tests.tui.graph.what_if.asking import ask, graph_heading, nudge, problem, suppose
from tui.diagram.box_view import BoxView
from tui.diagram.node_details import NodeDetails
from tui.graph.subjects.growth import Cancelled, Grown
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.graph.subjects.loader import Recorders
from tui.graph.tensor_table import TensorTable
from tui.inspect_tensor import live_tensor
from tui.script.source_view import SourceView
from tui.script.subject import SavedRun, Script

BACKWARD = 8
"""Lines behind once the first pass of the worked example has run."""


async def at_pow(screen: Screen) -> None:
    """Stand inside the worked example's pass, at Pow."""
    await lesson(screen, "backward")
    await stand(screen, BACKWARD, 3)
    assert selected(screen).title == "Pow"


async def test_a_gradient_twice_as_large_is_followed_down_to_grad(open_app: Open) -> None:
    async with open_app(size=(200, 50)) as screen:
        await at_pow(screen)
        await suppose(screen, "*2")
        pane, details = pane_of(screen), screen.app.query_one(NodeDetails)
        assert graph_heading(screen).endswith("what if: gradient into Pow × 2")
        assert "✓ the same run up to this change" in paragraphs(screen)
        assert "[1.5 1.5]" in details.text
        assert "was [[0.75, 0.75], [0.75, 0.75]]" in details.text
        assert "was" in screen.app.query_one(BoxView).text
        assert (pane.player.position.lines, pane.player.position.nodes) == (BACKWARD, 3)
        assert selected(screen).title == "Pow"
        await screen.press("n")
        assert "x.grad = [[6, 9], [12, 15]]  (was [[3, 4.5], [6, 7.5]])" in (
            screen.app.query_one(SourceView).text
        )
        scope = screen.app.query_one(TensorTable).text.splitlines()
        assert [line.strip() for line in scope[2:4]] == [
            "grad [[6, 9], [12, 15]]",
            "≠ grad was [[3, 4.5], [6, 7.5]]",
        ]


async def test_backspace_is_back_in_the_original_exactly(open_app: Open) -> None:
    async with open_app() as screen:
        await at_pow(screen)
        pane = pane_of(screen)
        before, details = pane.player, screen.app.query_one(NodeDetails).text
        await suppose(screen, "0")
        assert pane.player.recording is not before.recording
        await screen.press("n", "n", "n", "b", "backspace")
        assert pane.player.recording is before.recording
        assert pane.player.position == before.position
        assert pane.state.original is None
        assert pane.state.supposed is None
        assert pane.player.breakpoints.lines, "breakpoints are the user's, whatever is supposed"
        assert selected(screen).title == "Pow"
        assert screen.app.query_one(NodeDetails).text == details
        assert paragraphs(screen) == ""
        assert "what if" not in graph_heading(screen)


async def test_the_update_moves_half_as_far(open_app: Open) -> None:
    async with open_app(size=(200, 50)) as screen:
        pane = await lesson(screen, "linear_regression")
        moments = pane.player.recording.moments if pane.player.recording else ()
        passes = [i for i, one in enumerate(moments, 1) if one.backward is not None]
        await stand(screen, passes[0])
        await suppose(screen, "*0.5")
        await stand(screen, passes[0] + 3)
        one, other = (
            next(t for t in player.scope.tensors if t.name == "w").value.numbers[0]
            for player in (pane.player, pane.player.twin or pane.player)
        )
        start = moments[passes[0] - 1]
        w = next(t for t in start.tensors if t.name == "w").value.numbers[0]
        assert (one - w) * 2 == pytest.approx(other - w, rel=1e-4)
        numbers = [f"{float(number.real):.4g}" for number in (one, other)]
        assert f"w = [[{numbers[0]}]]  (was [[{numbers[1]}]])" in (
            screen.app.query_one(SourceView).text
        )


async def test_a_second_one_takes_the_place_of_the_first(open_app: Open) -> None:
    async with open_app() as screen:
        await at_pow(screen)
        pane = pane_of(screen)
        before = pane.player
        await suppose(screen, "*2")
        await screen.press("W")
        await screen.until(lambda: isinstance(screen.app.focused, Input))
        shown = "\n".join(str(one.render()) for one in screen.app.screen.query(".about"))
        assert "[0.75 0.75]" in shown, "the gradient is the original's"
        assert "in place of  what if: gradient into Pow × 2" in shown
        await screen.press("escape")
        await suppose(screen, "[[1, 0], [0, 1]]")
        assert graph_heading(screen).endswith("gradient into Pow = [[1, 0], [0, 1]]")
        assert "[1 0]" in screen.app.query_one(NodeDetails).text
        await screen.press("backspace")
        assert pane.player.recording is before.recording


async def test_what_does_not_fit_is_said_and_the_dialog_stays(open_app: Open) -> None:
    async with open_app() as screen:
        await at_pow(screen)
        await ask(screen, "W", "[1, 2]")
        assert problem(screen) == "this is 2, the gradient is 2×2"
        await screen.press("escape")
        assert pane_of(screen).state.original is None


async def test_where_nothing_can_be_supposed_one_line_says_why(open_app: Open) -> None:
    async with open_app(notifications=True) as screen:
        pane = await lesson(screen, "backward")
        await screen.press("W", "backspace")
        assert screen.messages == [
            "nothing has gone backward through this graph yet: s goes into a pass",
            "nothing is supposed: this is the original",
        ]
        pane.opener.open(YOUR_RUN)
        await screen.press("W")
        await screen.until(lambda: len(screen.messages) == 3)
        assert screen.messages[-1].startswith("the shared run is no script")


async def test_a_live_tensor_cannot_be_run_again(open_app: Open) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    async with open_app(subject=live_tensor(loss, {"w": w}), notifications=True) as screen:
        pane = pane_of(screen)
        await screen.until(lambda: pane.state.recording is not None)
        await screen.press("n", "W")
        await screen.until(lambda: screen.messages)
        assert screen.messages == [
            "a live tensor cannot be run again: open its program as a script"
        ]
    assert w.grad is None


async def test_a_model_runs_again_in_its_process_with_another_gradient_or_weight(
    open_app: Open, net: Path, forked: Recorders
) -> None:
    async with open_app(recorders=forked) as screen:
        pane = await opened(screen, Script(net, ("2",)))
        before = pane.player
        await screen.press("home")
        await suppose(screen, "*3")
        assert "✓ the same run" in paragraphs(screen)
        original = next(t for t in before.scope.tensors if t.grad is not None)
        changed = next(t for t in pane.player.scope.tensors if t.name == original.name)
        assert original.grad is not None and changed.grad is not None
        assert changed.grad.numbers[0] == pytest.approx(3 * float(original.grad.numbers[0].real))
        await screen.press("backspace")
        assert pane.player.recording is before.recording
        assert pane.graph is not None
        weights = [node.id for node in pane.graph.leaves if (node.name or "").endswith("weight")]
        pane.graph_widget.selected = weights[0]
        await nudge(screen, "plus")
        assert "loss moved by" in paragraphs(screen)
        assert re.search(r"weight\[0, 0\] [+-] ", graph_heading(screen))


async def test_another_run_is_not_passed_off_as_the_same(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "dice.py"
    path.write_text(
        "import random, torch\n"
        "torch.manual_seed(random.randrange(1 << 40))\n"
        "x = torch.rand(3, requires_grad=True)\n"
        "y = (x * x).sum()\n"
        "y.backward()\n"
    )
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        await suppose(screen, "*2")
        assert "⚠ not the same run: line 3: x " in paragraphs(screen)


async def test_a_recording_in_a_file_is_run_again_where_it_says_how(
    open_app: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_forked: RecordForked,
    forked: Recorders,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.py").write_text(
        "import torch\nx = torch.ones(2, requires_grad=True)\ny = (x * x).sum()\ny.backward()\n"
    )
    record_forked(Path("s.py"), plan=EVERYTHING, keep=tmp_path / "run")
    async with open_app(recorders=forked, notifications=True) as screen:
        pane = await opened(screen, SavedRun(tmp_path / "run"))
        await suppose(screen, "0")
        assert "x.grad = [0, 0]  (was [2, 2])" in screen.app.query_one(SourceView).text
        await screen.press("backspace")
        assert "x.grad = [2, 2]" in screen.app.query_one(SourceView).text
        Path("s.py").unlink()
        await ask_in_vain(screen)
        assert "s.py is not there to be run again" in screen.messages[-1]
        assert pane.state.original is None


async def ask_in_vain(screen: Screen) -> None:
    count = len(screen.messages)
    await screen.press("W")
    await screen.until(lambda: len(screen.messages) > count)


async def test_a_run_that_fails_the_second_time_leaves_the_original(
    open_app: Open, net: Path
) -> None:
    def once(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        recording = record(script.path)
        if script.change is None:
            return recording
        return replace(recording, moments=recording.moments[:2], ending="error")

    async with open_app(recorders=Recorders(script=once), notifications=True) as screen:
        pane = await opened(screen, Script(net))
        before = pane.player
        await ask(screen, "W", "0")
        await screen.until(lambda: screen.messages)
        assert screen.messages == ["run again, the script did not come to this line: error"]
        assert pane.player is before
        assert not pane.state.replaying


async def test_escape_stops_it_while_it_runs(open_app: Open, net: Path) -> None:
    waits = threading.Event()

    def slow(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        while script.change is not None and not cancelled():
            waits.wait(0.01)
        return record(script.path)

    async with open_app(recorders=Recorders(script=slow)) as screen:
        pane = await opened(screen, Script(net))
        before = pane.player
        await ask(screen, "W", "0")
        await screen.until(lambda: "what if: gradient into" in heading(screen))
        await screen.press("escape")
        await screen.until(lambda: not pane.state.replaying)
        assert pane.player is before


async def test_another_lesson_forgets_what_was_supposed(open_app: Open) -> None:
    async with open_app() as screen:
        await at_pow(screen)
        await suppose(screen, "*2")
        pane = await lesson(screen, "forgot_zero")
        assert pane.state.supposed is None
        assert pane.state.original is None
        assert pane.player.beside is None
        assert "what if" not in graph_heading(screen)


async def test_what_grows_meanwhile_leaves_who_has_moved_where_he_is(
    open_app: Open, net: Path
) -> None:
    goes_on = threading.Event()

    def grows(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        recording = record(script.path, change=script.change)
        if script.change is not None:
            grown(replace(recording, ending="running"))
            while not goes_on.wait(0.01) and not cancelled():
                pass
        return recording

    async with open_app(recorders=Recorders(script=grows)) as screen:
        pane = await opened(screen, Script(net))
        await suppose(screen, "*2")
        await screen.press("N")
        here, words = pane.player.position, graph_heading(screen)
        goes_on.set()
        await screen.until(lambda: pane.state.recording and pane.state.recording.ending == "end")
        assert (pane.player.position, graph_heading(screen)) == (here, words)
        assert pane.state.original is not None


async def test_of_a_changed_text_the_changed_one_is_the_original(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "s.py"
    text = "import torch\nx = torch.ones(2, requires_grad=True)\ny = (x * 3).sum()\ny.backward()\n"
    path.write_text(text)
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(path))
        first = pane.player
        version = Script(path, source=text.replace("* 3", "* 5"))
        pane.opener.open_version(version, first)
        await screen.until(lambda: pane.state.recording not in (None, first.recording))
        await screen.pilot.pause()
        changed = pane.player
        await suppose(screen, "*2")
        assert "x.grad = [10, 10]  (was [5, 5])" in screen.app.query_one(SourceView).text
        await screen.press("O")
        assert pane.player.recording is changed.recording
        assert pane.state.original is first
