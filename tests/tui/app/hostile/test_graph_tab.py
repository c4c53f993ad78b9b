"""Hostile text in the Graph tab: recordings, their nodes, what cannot be opened, a search."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from textual.widgets import Input

from engine.ranks.rank_fault import RankFault
from engine.recording.gradient_ledger import Entry, LeafLedger
from engine.rules.local_rule import LocalRule
from tests.hostile import PAYLOADS, unsafe
from tests.tui.app.hostile.conftest import ROOMY, Looked, Tour, typed
from tests.tui.conftest import Open, Screen
from tests.tui.hostile_records import ONE, ranks, recording
from tui.diagram.layout.box_text import Detail, boxes
from tui.diagram.node_details import Known, NodeDetails
from tui.graph.messages import RanksRecorded
from tui.graph.pane import GraphPane
from tui.script.player import Player
from tui.script.position import Position
from tui.script.rank_lens import SeenRun
from tui.script.subject import Script

LOST_LEAF, FAILED = Position(4), Position(5)
"""In the hostile recording."""


def pane_of(screen: Screen) -> GraphPane:
    return screen.app.screen_stack[0].query_one(GraphPane)


async def test_a_recording(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, pane = Tour(screen, looked), pane_of(screen)
        details = screen.app.query_one(NodeDetails)
        await screen.until(lambda: pane.state.recording)
        for kind, payload in PAYLOADS.items():
            pane.opener.go(Player(recording(payload), LOST_LEAF))
            await tour.see(kind, payload, "#advice", "#node")
            pane.opener.go(pane.player.at(FAILED))
            positions = ("#source", "#advice", "#tensors", "BoxView")
            await tour.see(kind, payload, *positions, "#drawing-heading", "#node-heading")
            pane.graph_widget.action_fold_all()  # which turns to the rails
            await tour.see(kind, payload, "RailView")
            pane.graph_widget.action_fold_all()
            await tour.see(kind, payload, "RailView")
            pane.action_tensors()
            await tour.see(kind, payload, "#tensors")
            pane.action_tensors()
            pane.graph_widget.action_switch()
            details.show_node(known(payload))
            await tour.see(kind, payload, "#node")
        assert not tour.wrong


async def test_a_run_of_ranks(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, pane = Tour(screen, looked), pane_of(screen)
        await screen.until(lambda: pane.state.recording)
        for kind in ("title", "closing markup", "long"):
            payload = PAYLOADS[kind]
            seen = SeenRun(ranks(payload), (fault(payload),))
            pane.opener.take(RanksRecorded(pane.state.key, seen))
            pane.opener.go(pane.player.at(LOST_LEAF))
            pane.graph_widget.selected = 4  # the all-reduce
            await tour.see(kind, payload, "#advice")
            pane.action_rank()
            pane.action_rank()
            pane.graph_widget.action_switch()
            await tour.see(kind, payload, "RailView")
            pane.graph_widget.action_switch()
            pane.moves.not_finite()
            await tour.see(kind, payload)
        assert not tour.wrong


def fault(text: str) -> RankFault:
    """Something wrong between ranks, of which one is not there."""
    return RankFault("parameters drift", (5, 9_999), (text,), 0, text, text, text, 1, 3, text)


def known(text: str) -> Known:
    """A node with a rule and a ledger."""
    node, *_ = recording(text).graphs[0].nodes
    rule = LocalRule(0, text, text, None, ONE, None, text)
    entry = Entry("added", 0, 1, None, ONE, ONE, 1)
    return Known(
        node, recording(text).backwards[0].gradients[0], (rule,), LeafLedger(text, (entry,))
    )


@pytest.mark.parametrize("detail", get_args(Detail))
def test_a_box_in_any_detail(detail: Detail) -> None:
    for payload in PAYLOADS.values():
        backward = recording(payload).backwards[0]
        passed = {gradient.node: gradient for gradient in backward.gradients}
        for box in boxes(backward.graph, passed, len(passed), detail):
            assert not any(unsafe(line.text) for line in box.lines)


async def test_a_file_that_cannot_be_opened(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, pane = Tour(screen, looked), pane_of(screen)
        for kind, payload in PAYLOADS.items():
            name = payload[:200].replace("/", "∕")
            pane.opener.open_subject(Script(Path(name)))
            await screen.until(lambda: pane.state.refused)
            await tour.see(kind, name, "#source-heading", "#lessons", "#advice")
        assert not tour.wrong


async def test_a_search(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("slash")
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            screen.app.query_one("SearchBar Input", Input).value = payload[:8]
            await tour.see(kind, payload[:8], *typed(payload), "SearchBar .count")
        assert not tour.wrong
