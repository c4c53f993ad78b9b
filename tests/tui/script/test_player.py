from __future__ import annotations

from dataclasses import replace

import pytest

from engine.recording.records import Recording
from engine.script.recorder import record_source
from tui.script.player import Player
from tui.script.position import Position

SOURCE = """\
import torch
w = torch.tensor(2.0, requires_grad=True)
loss = (w * w).exp()
loss.backward()
"""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record_source(SOURCE, "script")


def test_without_a_recording_every_step_stays() -> None:
    player = Player()
    for step in (Player.next_line, Player.previous_node, Player.to_breakpoint, Player.restart):
        assert step(player).position == Position()
    assert player.with_line_breakpoint().breakpoints == player.breakpoints
    assert (player.graph, player.current_line, player.at_end) == (None, None, False)


def test_a_step_leaves_the_player_it_was_made_from(recording: Recording) -> None:
    player = Player(recording)
    assert player.next_line().next_line().position == Position(2)
    assert player.position == Position()
    assert player.next_line().previous_line().position == Position()


def test_it_is_nowhere_behind_the_end(recording: Recording) -> None:
    assert Player(recording, Position(1_000)).position == Position(4)
    player = Player(None, Position(1_000))
    assert player.position == Position(1_000), "there may be that much of a run to come"
    assert replace(player, recording=recording).at_end


def test_nodes_of_a_pass_are_stepped_through_and_finished(recording: Recording) -> None:
    inside = Player(recording, Position(3)).next_node().next_node()
    assert inside.position == Position(4, 2)
    assert inside.backward_pass.arrived == 2
    assert inside.previous_node().position == Position(4, 1)
    assert inside.finish().position == Position(4)
    assert inside.finish().at_end


def test_it_runs_to_its_own_breakpoints(recording: Recording) -> None:
    player = Player(recording, Position(2)).with_line_breakpoint()
    assert player.breakpoints.lines_in(0) == {3}
    assert player.restart().to_breakpoint().position == Position(2)
    graph = Player(recording, Position(4)).graph
    assert graph is not None
    stopped = Player(recording).with_node_breakpoint(graph.nodes[1]).to_breakpoint()
    assert stopped.position == Position(4, 2)
    assert stopped.node_breakpoints == {1}


def test_the_node_to_look_at_is_the_one_that_backward_has_just_run(recording: Recording) -> None:
    inside = Player(recording, Position(4, 2))
    assert inside.latest_node(after_last=False) == 1
    assert inside.finish().latest_node(after_last=False) is None
    assert inside.finish().latest_node(after_last=True) == 2
