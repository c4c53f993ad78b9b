from __future__ import annotations

import pytest

from engine.recording.records import Recording
from engine.script.recorder import record_source
from tui.script import position
from tui.script.breakpoints import Breakpoints, next_breakpoint
from tui.script.position import Position
from tui.script.scope import scope_at

SOURCE = """\
import torch
w = torch.tensor(2.0, requires_grad=True)
for i in range(2):
    loss = (w * w).exp()
    loss.backward()
print("done")
"""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record_source(SOURCE, "loop")


def lines_of(recording: Recording, breakpoints: Breakpoints) -> list[tuple[int | None, int | None]]:
    """Where `c` stops, again and again: the line, and how many nodes of a pass have run."""
    found, place = [], Position()
    while place != position.end(recording):
        place = next_breakpoint(recording, place, breakpoints)
        found.append((position.current_line(recording, place), place.nodes))
    return found


def test_without_breakpoints_it_runs_to_the_end(recording: Recording) -> None:
    assert next_breakpoint(recording, Position(), Breakpoints()) == position.end(recording)


def test_a_line_is_stopped_at_before_it_runs_every_time(recording: Recording) -> None:
    assert lines_of(recording, Breakpoints().with_line(5)) == [(5, None), (5, None), (None, None)]


def test_a_node_is_stopped_at_in_every_pass_though_its_graph_is_new(recording: Recording) -> None:
    graph = recording.backwards[0].graph
    mul = next(node for node in graph.nodes if node.title == "Mul")
    assert lines_of(recording, Breakpoints().with_node(mul)) == [(5, 2), (5, 2), (None, None)]
    assert Breakpoints().with_node(mul).nodes_of(recording.backwards[1].graph) == {mul.id}


def test_setting_a_breakpoint_twice_clears_it(recording: Recording) -> None:
    node = recording.graphs[-1].nodes[0]
    assert Breakpoints().with_line(5).with_line(5).with_node(node).with_node(node) == Breakpoints()


def test_a_later_pass_keeps_room_and_an_earlier_one_stays(recording: Recording) -> None:
    forward = next(i for i, m in enumerate(recording.moments, 1) if m.line == 4)
    ahead = position.pass_at(recording, Position(forward))
    assert len(ahead.gradients) == 3
    assert ahead.arrived == 0
    assert position.pass_at(recording, Position(forward + 1, 2)).arrived == 2
    after = position.pass_at(recording, Position(forward + 2))
    assert after.arrived == 3, "the line after the pass still shows its gradients"


def test_inside_a_pass_a_leaf_has_its_gradient_once_the_pass_has_come_to_it(
    recording: Recording,
) -> None:
    backward = next(i for i, m in enumerate(recording.moments, 1) if m.backward is not None)

    def grad(place: Position) -> object:
        (w,) = (t for t in scope_at(recording, place).tensors if t.name == "w")
        return None if w.grad is None else round(float(abs(w.grad.numbers[0])), 2)

    assert grad(Position(backward, 2)) is None
    assert grad(Position(backward)) == 218.39


def test_a_file_opens_at_its_last_pass_or_at_a_tensor(recording: Recording) -> None:
    last = position.subject(recording, None)
    moment = position.moment_at(recording, last)
    assert moment is not None
    assert moment.backward == 1
    assert position.current_line(recording, last) is not None
    graph = position.graph_at(recording, position.subject(recording, "loss"))
    assert graph is not None
    assert graph.nodes[0].name == "loss"
    assert position.subject(recording, "nobody").lines > 0
