"""What tests of the Graph tab do on its screen."""

from __future__ import annotations

from engine.autograd.graph import Node
from engine.recording.records import Recording
from engine.script.recorder import record
from tests.tui.conftest import Screen
from tui.graph.pane import GraphPane
from tui.graph.subjects.growth import Cancelled, Grown
from tui.graph.subjects.loader import Recorders
from tui.kit.heading import Heading
from tui.kit.paragraphs import Paragraphs
from tui.script.position import Position
from tui.script.subject import Script, Subject


def in_process(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
    return record(
        script.path,
        arguments=script.arguments,
        cancelled=cancelled,
        source=script.source,
        change=script.change,
    )


IN_PROCESS = Recorders(script=in_process)
"""Scripts that harm nobody need no process of their own, which takes its time to start."""


def pane_of(screen: Screen) -> GraphPane:
    return screen.app.screen_stack[0].query_one(GraphPane)


def selected(screen: Screen) -> Node:
    pane = pane_of(screen)
    assert pane.graph is not None
    assert pane.graph_widget.selected is not None
    return pane.graph.nodes[pane.graph_widget.selected]


def paragraphs(screen: Screen) -> str:
    return screen.app.query_one("#advice", Paragraphs).text


def heading(screen: Screen) -> str:
    return str(screen.app.query_one("#source-heading", Heading).render())


async def lesson(screen: Screen, key: str) -> GraphPane:
    """Open a lesson and wait until it has run."""
    pane = pane_of(screen)
    before = pane.state.recording
    pane.opener.open(key)
    await screen.until(
        lambda: pane.state.recording is not None and pane.state.recording is not before
    )
    await screen.pilot.pause()
    return pane


async def stand(screen: Screen, lines: int, nodes: int | None = None) -> None:
    """Go to a position at once; the keys that lead there are tested elsewhere."""
    pane = pane_of(screen)
    pane.opener.go(pane.player.at(Position(lines, nodes)))
    await screen.pilot.pause()


async def opened(screen: Screen, subject: Subject) -> GraphPane:
    """Open something of one's own and wait until it is recorded or refused."""
    pane = pane_of(screen)
    before = pane.state.recording
    pane.opener.open_subject(subject)
    await screen.until(
        lambda: (
            (pane.state.recording not in (None, before) and not pane.state.awaited)
            or pane.state.refused
        )
    )
    await screen.pilot.pause()
    return pane
