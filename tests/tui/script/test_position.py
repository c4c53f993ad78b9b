from __future__ import annotations

import pytest

from engine.lessons import find
from engine.recording.records import Recording
from engine.script.recorder import record
from tui.script import position
from tui.script.position import Position


@pytest.fixture(scope="module")
def recording() -> Recording:
    lesson = find("backward")
    assert lesson is not None
    return record(lesson.path)


def walk(recording: Recording) -> list[Position]:
    places = [Position()]
    while places[-1] != position.end(recording):
        places.append(position.next_node(recording, places[-1]))
    return places


def test_walking_by_nodes_visits_every_node_of_every_pass(recording: Recording) -> None:
    inside = [place for place in walk(recording) if place.nodes is not None]
    nodes = sum(len(backward.gradients) for backward in recording.backwards)
    # The last node of a pass is the place after its line.
    assert len(inside) == nodes - len(recording.backwards)


def test_back_is_the_way_there_reversed(recording: Recording) -> None:
    places = walk(recording)
    back = [places[-1]]
    while back[-1] != Position():
        back.append(position.previous_node(recording, back[-1]))
    assert back[::-1] == places


def test_a_line_is_left_for_the_next_one_and_for_the_one_before(recording: Recording) -> None:
    inside = Position(7, 2)
    assert position.next_line(recording, inside) == Position(7)
    assert position.previous_line(recording, inside) == Position(6)
    assert position.next_line(recording, position.end(recording)) == position.end(recording)
    assert position.previous_line(recording, Position()) == Position()


def test_the_current_line_is_the_next_to_run_or_the_pass_that_runs(recording: Recording) -> None:
    line = recording.source.splitlines().index("out.backward()") + 1
    assert position.current_line(recording, Position(7)) == line
    assert position.current_line(recording, Position(8, 2)) == line
    assert position.current_line(recording, position.end(recording)) is None
