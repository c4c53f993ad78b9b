"""The main screens as text: nothing on them changes without somebody having looked at it.

`LINREG_UPDATE_PICTURES=1 python -m pytest tests/tui/app/test_pictures.py` draws them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from difflib import unified_diff
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from engine.autograd.graph import Backward
from engine.recording.records import Recording
from engine.training.problem import Problem
from tests.engine.ranks.hand_made import run, saved
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import opened
from tui.graph.pane import GraphPane
from tui.graph.subjects.loader import Recorders, record_lesson
from tui.script.subject import SavedRun

UPDATE = "LINREG_UPDATE_PICTURES"
FOLDER = Path(__file__).with_name("pictures")
CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
STILL = 50
"""So many looks in a row, longer than a frame, must find the same before it is a picture."""
FACTS = re.compile(r" *torch [\d.]+[^ ·]* · cpu · float32 · \d+ threads?")
"""What the machine is, with the room to its left."""
ROUNDING = re.compile(r"\d(?= ulp)|\d\.\d+e-1\d")
"""What the processor's rounding decides."""


@pytest.fixture(autouse=True)
def painted_always(every_frame: None) -> None:
    """See what lies behind a dialog."""


def timeless(*arguments: Any, **options: Any) -> Recording:
    """Record a lesson as if its nodes took no time: on a busy machine they take what is shown."""
    recording = record_lesson(*arguments, **options)
    passes = tuple(_untimed(backward) for backward in recording.backwards)
    return replace(recording, backwards=passes)


def _untimed(backward: Backward) -> Backward:
    gradients = tuple(replace(gradient, seconds=None) for gradient in backward.gradients)
    return replace(backward, gradients=gradients)


def painted(screen: Screen) -> str:
    """What is on the screen, without what differs from machine to machine."""
    strips = screen.app.screen._compositor.render_strips()
    text = "\n".join(strip.text.rstrip() for strip in strips) + "\n"
    text = ROUNDING.sub(lambda found: "?" * len(found[0]), text)
    return FACTS.sub(lambda found: "torch and its facts".rjust(len(found[0])), text)


async def tour(screen: Screen, ranks: Path) -> AsyncIterator[str]:
    """Through the app, naming each screen that is worth a picture; `ranks` is a run of several."""
    pane = screen.app.query_one(GraphPane)
    await screen.until(lambda: pane.state.recording)
    yield "graph-start"
    while pane.player.position.nodes != 3:
        await screen.press("s")
    yield "graph-inside-backward"
    await screen.press("v")
    yield "graph-rails"
    await screen.press("v", "P", "s")
    yield "graph-predict"
    await screen.press("escape", "P", "c")
    yield "graph-end"
    await screen.press("2")
    yield "train-start"
    await screen.press("s", "s", "s", "s", "s")
    yield "train-inside-backward"
    await screen.press("c")
    yield "train-trained"
    await screen.press("3")
    yield "chart-fit"
    await screen.press("5")
    yield "chart-loss"
    await screen.press("7")
    yield "chart-surface"
    await screen.press("question_mark")
    yield "help"
    await screen.press("escape", "2", "p")
    yield "setup"
    await screen.press("escape", "plus", "n", "B")
    yield "branches"
    await screen.press("escape", "1")
    await opened(screen, SavedRun(ranks))
    await screen.press("S", "S")
    yield "ranks-all-reduce"
    await screen.press("R", "R", "S")
    yield "ranks-side-by-side"
    await screen.press("2")
    yield "ranks-train"
    await screen.press("3")
    yield "ranks-chart"


async def still(screen: Screen) -> str:
    """The screen once nothing on it changes any more."""
    seen, looks = "", 0

    def same() -> bool:
        nonlocal seen, looks
        now = painted(screen)
        looks = looks + 1 if now == seen else 0
        seen = now
        return looks >= STILL

    await screen.until(same)
    return seen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: "{}x{}".format(*size))
async def test_the_screens_are_as_in_their_pictures(
    open_app: Open, size: tuple[int, int], tmp_path: Path
) -> None:
    if UPDATE in os.environ:
        refuse_another_textual()
    wrong: list[str] = []
    recorders = Recorders(lesson=timeless)
    async with open_app(Problem(target=60), size=size, recorders=recorders) as screen:
        async for name in tour(screen, saved(tmp_path / "ranks", run())):
            file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
            if UPDATE in os.environ:
                file.write_text(await still(screen))
            else:
                wrong += await differences(screen, file)
    if wrong:
        pytest.fail(
            "\n".join(wrong) + "\n\nIf that is as it should be, draw the pictures anew:\n"
            f"{UPDATE}=1 python -m pytest tests/tui/app/test_pictures.py",
            pytrace=False,
        )


async def differences(screen: Screen, file: Path) -> list[str]:
    """The lines in which the screen, once it is still, differs from its picture."""
    expected = file.read_text()
    if painted(screen) != expected and (seen := await still(screen)) != expected:
        before, now = expected.splitlines(), seen.splitlines()
        return list(unified_diff(before, now, file.name, "the screen", n=0, lineterm=""))
    return []


def refuse_another_textual() -> None:
    """Pictures are drawn with the version that the tests are pinned to."""
    found = re.search(r"^textual==(\S+)$", CONSTRAINTS.read_text(), re.MULTILINE)
    if found and found[1] != version("textual"):
        pytest.fail(f"pictures are of textual {found[1]}, this is {version('textual')}")
