"""The same place in a run of a changed script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recording.records import Recording
from engine.script.recorder import record_source
from tests.tui.script.long_run import long_run
from tui.script.player import Player
from tui.script.position import Position
from tui.script.same_place import same_place

LOOP = """\
import torch
w = torch.tensor(1.0, requires_grad=True)
for i in range(3):
    loss = 3 * w * w
    loss.backward()
    w.grad = None
print("end")
"""


def ran(source: str) -> Recording:
    return record_source(source, "script")


ORIGINAL = ran(LOOP)
ADDED = ran(LOOP.replace("    loss.back", "    twice = 2 * loss\n    loss.back"))
SHORTER = ran(LOOP.replace("    w.grad = None\n", ""))
DEEPER = ran(LOOP.replace("3 * w * w", "3 * w * w + w"))
FAILS = ran(LOOP.replace("loss.backward()", "loss.back()"))


def line_at(recording: Recording, position: Position) -> str:
    lines = recording.source.splitlines()
    return lines[recording.moments[position.lines - 1].line - 1] if position.lines else ""


@given(st.integers(0, len(ORIGINAL.moments)), st.none() | st.integers(1, 2))
def test_in_the_same_script_it_is_the_same_position(lines: int, nodes: int | None) -> None:
    inside = lines and ORIGINAL.moments[lines - 1].backward is not None
    here = Position(lines, nodes if inside else None)
    assert same_place(Player(ORIGINAL, here), ORIGINAL) == here


@given(st.integers(1, len(ORIGINAL.moments)), st.sampled_from([ADDED, DEEPER]))
def test_it_is_the_same_line_in_the_same_pass(lines: int, other: Recording) -> None:
    there = same_place(Player(ORIGINAL, Position(lines)), other)
    texts = line_at(ORIGINAL, Position(lines)), line_at(other, there)
    assert texts[0] == texts[1] or "loss = " in texts[1]
    numbers = ORIGINAL.moments[lines - 1].number, other.moments[there.lines - 1].number
    assert numbers[0] == numbers[1]


def test_a_line_that_is_gone_leads_to_the_one_before_it() -> None:
    here = next(i for i, m in enumerate(ORIGINAL.moments, 1) if m.line == 6)
    there = same_place(Player(ORIGINAL, Position(here)), SHORTER)
    assert line_at(SHORTER, there) in ("    loss.backward()", "for i in range(3):")


def test_inside_a_pass_it_is_the_same_node() -> None:
    lines = next(i for i, m in enumerate(ORIGINAL.moments, 1) if m.backward is not None)
    here = Player(ORIGINAL, Position(lines, 2))
    there = Player(DEEPER, same_place(here, DEEPER))
    ops = [player.latest_node(after_last=False) for player in (here, there)]
    assert here.graph is not None
    assert there.graph is not None
    assert ops[0] is not None
    assert ops[1] is not None
    assert here.graph.nodes[ops[0]].op == there.graph.nodes[ops[1]].op == "MulBackward0"


@pytest.mark.parametrize("lines", [0, 1, 9, len(ORIGINAL.moments)])
def test_a_run_that_failed_early_is_looked_at_where_it_came_to(lines: int) -> None:
    there = same_place(Player(ORIGINAL, Position(lines)), FAILS)
    assert 0 <= there.lines <= len(FAILS.moments)
    assert (there.lines == 0) == (lines == 0)


def test_in_a_long_run_it_is_the_same_pass() -> None:
    one, other = long_run(deep=(0, 1, 2, 4, 8)), long_run(deep=(0, 1, 2, 4))
    lines = len(one.moments) - 2
    assert one.moments[lines - 1].number == 8
    there = same_place(Player(one, Position(lines)), other)
    assert other.moments[there.lines - 1].number == 4


def test_without_a_recording_it_is_the_beginning() -> None:
    assert same_place(Player(), ORIGINAL) == Position()
