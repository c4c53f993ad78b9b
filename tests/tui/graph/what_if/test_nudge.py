"""One element of a leaf a little larger or smaller, and how far the root moves."""

from __future__ import annotations

from pathlib import Path

from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import IN_PROCESS, lesson, opened, pane_of, paragraphs, stand
from tests.tui.graph.what_if.asking import ask, graph_heading, nudge, problem
from tui.graph.tensor_table import TensorTable
from tui.script.subject import Script

BACKWARD = 8
"""Lines behind once the first pass of the worked example has run."""


async def at_x(screen: Screen) -> None:
    """Stand after the worked example's pass, at its leaf."""
    await lesson(screen, "backward")
    await stand(screen, BACKWARD)
    await screen.press("end")


async def test_plus_shows_the_finite_difference_beside_autograd(open_app: Open) -> None:
    async with open_app() as screen:
        await at_x(screen)
        await nudge(screen, "plus")
        said = paragraphs(screen)
        assert "out moved by 0.0300751 · autograd says grad · ε = 0.03" in said
        assert "finite difference 3.00751 · autograd 3 · 0.0075 apart" in said
        assert "curvature: the rule is exact only in the limit" in said
        assert graph_heading(screen).endswith("nudged: x[0, 0] + 0.01")
        assert "out  40.53  ≠ was 40.5" in screen.app.query_one(TensorTable).text


async def test_presses_add_up_and_as_many_back_are_the_original(open_app: Open) -> None:
    async with open_app() as screen:
        await at_x(screen)
        pane = pane_of(screen)
        before = pane.player
        await nudge(screen, "plus", "plus", "plus")
        assert graph_heading(screen).endswith("x[0, 0] + 0.03")
        assert "grad · ε = 0.09" in paragraphs(screen)
        await nudge(screen, "minus", "minus", "minus")
        assert pane.player.recording is before.recording
        assert pane.state.original is None
        await nudge(screen, "minus")
        assert graph_heading(screen).endswith("x[0, 0] - 0.01")
        await screen.press("backspace")
        assert pane.player.position == before.position
        assert pane.player.recording is before.recording


async def test_another_element_and_another_epsilon(open_app: Open) -> None:
    async with open_app(notifications=True) as screen:
        await at_x(screen)
        await ask(screen, "x", "[2, 0]")
        assert problem(screen) == "no such element: the leaf is 2×2, counted from 0"
        await screen.press("escape")
        await ask(screen, "x", "[1, 1] 0.5")
        assert screen.messages == ["+ and - nudge x[1, 1] by 0.5"]
        await nudge(screen, "plus")
        assert "out moved by 3.9375 · autograd says grad · ε = 3.75" in paragraphs(screen)
        assert graph_heading(screen).endswith("x[1, 1] + 0.5")


async def test_only_a_leaf_is_nudged(open_app: Open) -> None:
    async with open_app(notifications=True) as screen:
        await at_x(screen)
        await screen.press("home", "plus", "x")
        await screen.until(lambda: len(screen.messages) == 2)
        assert set(screen.messages) == {"+ and - nudge a leaf: select one, in a double frame"}
        assert pane_of(screen).state.original is None


async def test_a_script_that_differs_from_run_to_run_is_not_compared(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "dice.py"
    path.write_text(
        "import random, torch\n"
        "x = torch.ones(3, requires_grad=True)\n"
        "y = (x * random.random()).sum()\n"
        "y.backward()\n"
    )
    async with open_app(recorders=IN_PROCESS, notifications=True) as screen:
        pane = await opened(screen, Script(path))
        await screen.press("end", "plus")
        await screen.until(lambda: screen.messages)
        assert screen.messages[0].startswith("each run is another one, so nothing follows: line 3")
        assert pane.state.original is None
