"""Going from pass to pass of a script's run, while it is recorded and after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from engine.recording.records import Recording
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import (
    IN_PROCESS,
    heading,
    opened,
    pane_of,
    paragraphs,
    selected,
)
from tests.tui.script.long_run import LINES, SOURCE, long_run, losses, saved
from tui.graph.subjects.growth import PACE_SECONDS, Cancelled, Grown, Growth
from tui.graph.subjects.loader import Recorders
from tui.kit.heading import Heading
from tui.kit.question import QuestionScreen
from tui.run.loss_strip import LABEL, WIDEST, LossStrip
from tui.script.passes.script_run import PassWanted
from tui.script.source_view import SourceView
from tui.script.subject import SavedRun, Script


def recorders(run: Callable[[Script], Recording]) -> Recorders:
    """What records nothing, and gives what a test has made."""

    def record(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        return run(script)

    return Recorders(script=record)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "long.py"
    path.write_text(SOURCE)
    return path


async def go_to(screen: Screen, text: str) -> None:
    await screen.press("g")
    await screen.until(lambda: isinstance(screen.app.focused, Input))
    screen.app.screen.query_one(Input).value = text
    await screen.press("enter")


async def test_brackets_go_from_pass_to_pass(open_app: Open, path: Path) -> None:
    async with open_app(recorders=recorders(lambda _: long_run())) as screen:
        pane = await opened(screen, Script(path))
        assert heading(screen).endswith("pass 16 of 20 · i 16 · step 2 of 4 ─")
        await screen.press("left_square_bracket")
        assert "pass 8 of 20" in heading(screen)
        await screen.press("left_square_bracket", "left_square_bracket", "right_square_bracket")
        assert "pass 4 of 20" in heading(screen)
        assert pane.player.backward_pass.arrived == 2


async def test_a_tall_screen_has_the_losses_of_all_passes(open_app: Open, path: Path) -> None:
    async with open_app(recorders=recorders(lambda _: long_run()), size=(120, 40)) as screen:
        pane = await opened(screen, Script(path))
        strip = pane.query_one(LossStrip)
        run = long_run()
        label, bars = strip.text.split("  ", 1)
        assert strip.display
        assert label == f"loss {run.passes.loss(16):.4g}"
        wide = (strip.size.width - LABEL) // run.passes.count
        assert 1 < wide <= WIDEST
        assert len(bars.strip()) == run.passes.count * wide


async def test_other_tabs_see_the_cursor_and_move_it(open_app: Open, path: Path) -> None:
    async with open_app(recorders=recorders(lambda _: long_run())) as screen:
        pane = await opened(screen, Script(path))
        await screen.until(lambda: screen.bench.script_run is not None)
        assert screen.bench.script_run is not None
        assert screen.bench.script_run.number == 16
        pane.post_message(PassWanted(7))
        await screen.until(lambda: screen.bench.script_run and screen.bench.script_run.number == 4)
        assert screen.bench.script_run.here == 7
        pane.opener.open("backward")
        await screen.until(lambda: screen.bench.script_run is None)


async def test_g_goes_to_a_pass_or_runs_the_script_again_for_it(open_app: Open, path: Path) -> None:
    def run(script: Script) -> Recording:
        wanted = [int(one.bound) for one in script.plan.when]
        return long_run(sorted({0, 1, 2, 4, 8, 16, *wanted}))

    async with open_app(recorders=recorders(run)) as screen:
        pane = await opened(screen, Script(path))
        await go_to(screen, "4")
        assert "pass 4 of 20" in heading(screen)
        await go_to(screen, "20")
        assert "from 0 to 19" in str(screen.app.screen.query_one(".problem").render())
        await screen.press("escape")
        await go_to(screen, "11")
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("enter")
        await screen.until(lambda: "pass 11 of 20" in heading(screen))
        assert "✓ the same run up to pass 11" in paragraphs(screen)
        await screen.press("left_square_bracket")
        assert "the same run" not in paragraphs(screen)
        assert pane.player.window is not None
        assert pane.player.window.number == 8


async def test_a_replay_that_is_another_run_says_where_it_differs(
    open_app: Open, path: Path
) -> None:
    def run(script: Script) -> Recording:
        if not script.plan.when:
            return long_run()
        return long_run((0, 11), losses=[1.0 / (n + 1 + (n > 5)) for n in range(20)])

    async with open_app(recorders=recorders(run)) as screen:
        await opened(screen, Script(path))
        await go_to(screen, "11")
        await screen.until(lambda: isinstance(screen.app.screen, QuestionScreen))
        await screen.press("enter")
        await screen.until(lambda: "pass 11 of 20" in heading(screen))
        assert "first differs at pass 6: loss 0.142857 then, 0.125 now" in paragraphs(screen)


async def test_the_first_loss_that_is_not_finite_is_one_key_away(
    open_app: Open, path: Path
) -> None:
    def run(script: Script) -> Recording:
        return long_run(losses=losses(20, 7))

    async with open_app(recorders=recorders(run), notifications=True) as screen:
        await opened(screen, Script(path))
        await screen.press("exclamation_mark")
        assert "pass 4 of 20" in heading(screen)
        (said,) = screen.notes
        assert "the loss is inf first at pass 7, which has no lines" in said.message


async def test_a_recording_that_grows_leaves_who_has_moved_where_he_is(
    open_app: Open, path: Path
) -> None:
    steps = [threading.Event() for _ in range(3)]

    def record(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        for count, step in zip((2, 3, 5), steps, strict=True):
            grown(long_run((0, 1, 2, 4, 8)[:count], 20, ending="running"))
            while not step.wait(0.02) and not cancelled():
                pass
        return long_run()

    async with open_app(recorders=Recorders(script=record)) as screen:
        pane = pane_of(screen)
        pane.opener.open_subject(Script(path))
        await screen.until(lambda: "pass 1 of 20 …" in heading(screen))
        steps[0].set()
        await screen.until(lambda: "pass 2 of 20 …" in heading(screen))
        await screen.press("N")
        here = pane.player.position
        steps[1].set()
        await screen.until(
            lambda: pane.state.recording and len(pane.state.recording.moments) == 5 * LINES
        )
        assert pane.player.position == here
        steps[2].set()
        await screen.until(lambda: not pane.state.awaited)
        assert pane.player.position == here


async def test_a_step_into_another_file_shows_that_file(open_app: Open, path: Path) -> None:
    run = long_run()
    moments = [run.moments[index] for index in range(len(run.moments))]
    moments[2] = replace(moments[2], file=1, line=1)
    async with open_app(recorders=recorders(lambda _: replace(run, moments=moments))) as screen:
        pane = await opened(screen, Script(path))
        pane.opener.go(pane.player.at(replace(pane.player.position, lines=2)))
        await screen.pilot.pause()
        assert screen.app.query_one(SourceView).source == "x\n"
        title = str(screen.app.query_one("#source-heading", Heading).render())
        assert title.startswith("─ long.py · net.py")
        await screen.press("b")
        assert screen.app.query_one(SourceView).text.startswith("●")
        await screen.press("n")
        assert screen.app.query_one(SourceView).source == SOURCE
        assert "●" not in screen.app.query_one(SourceView).text


async def test_a_recording_in_a_file_opens_at_a_pass(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "run"
    saved(path, range(5), "end")
    async with open_app() as screen:
        pane = await opened(screen, SavedRun(path, 3))
        assert "pass 3 of 5" in heading(screen)
        assert screen.app.query_one(SourceView).source == SOURCE
        await go_to(screen, "4")
        assert "pass 4 of 5" in heading(screen)
        pane.opener.open("backward")
        await screen.until(
            lambda: pane.state.recording and pane.state.recording.name == "backward.py"
        )


async def test_what_is_no_recording_is_refused(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_text("no recording")
    async with open_app() as screen:
        await opened(screen, SavedRun(path))
        assert "cannot open: " in paragraphs(screen)


def test_states_of_a_growing_recording_come_at_a_pace_and_none_stays_behind() -> None:
    shown: list[Recording] = []
    now = 0.0
    growth = Growth(shown.append, lambda: now)
    states = [long_run(range(n), n) for n in range(1, 4)]
    growth.take(states[0])
    growth.take(states[1])
    growth.take(states[2])
    assert shown == [states[0]]
    now = PACE_SECONDS
    assert growth.looked_at(lambda: True)()
    assert shown == [states[0], states[2]]
    growth.take(states[1], at_once=True)
    assert shown[-1] is states[1]


NAN = """
import torch
w = torch.tensor([4.0, 1.0], requires_grad=True)
for i in range(5):
    root = torch.sqrt(w)
    loss = root.sum()
    loss.backward()
    with torch.no_grad():
        w -= torch.tensor([1.0, 1.0])
        w.clamp_(min=0.0)
        w.grad = None
"""


async def test_the_first_cause_is_gone_to_from_anywhere(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "nan.py"
    path.write_text(NAN)
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(path))
        await screen.press("r", "n", "n", "exclamation_mark")
        await screen.pilot.pause()
        assert pane.player.window is not None
        assert pane.player.window.number == 1, "w is 0 in the second pass"
        assert selected(screen).op == "SqrtBackward0"
        assert "sqrt at 0, where its derivative is ∞" in paragraphs(screen)
