"""The same position in the recording of the same script with something changed."""

from __future__ import annotations

import pytest

from engine.autograd.values import Value
from engine.recording.records import Recording
from engine.script.interventions import Intervention
from engine.script.recorder import record_source
from tests.tui.script.long_run import LINES, long_run
from tui.kit.spans import Span
from tui.script.beside import counterpart
from tui.script.ghosts import was_text, with_ghost
from tui.script.line_notes import compared
from tui.script.player import Player
from tui.script.position import Position

SOURCE = """\
import torch
x = torch.tensor(3.0, requires_grad=True)
for i in range(2):
    y = x * x
    y.backward()
"""


def run(change: Intervention | None = None) -> Recording:
    return record_source(SOURCE, "script", change=change)


@pytest.mark.parametrize("lines", range(9))
def test_in_another_run_of_the_same_lines_it_is_the_same(lines: int) -> None:
    one, other = run(), run(Intervention(0, 0, "zero"))
    assert counterpart(one, Position(lines), other) == Position(lines)


def test_where_more_passes_have_lines_it_is_further_on() -> None:
    few, many = long_run((0, 4, 8), after=2), long_run((0, 1, 2, 4, 8), after=2)
    assert counterpart(few, Position(LINES + 2, 1), many) == Position(3 * LINES + 2, 1)
    assert counterpart(many, Position(3 * LINES + 2, 1), few) == Position(LINES + 2, 1)
    assert counterpart(few, Position(3 * LINES + 2), many) == Position(5 * LINES + 2)
    assert counterpart(many, Position(LINES + 2), few) is None, "no lines of this pass"


def test_another_way_and_a_line_that_has_not_come_are_none() -> None:
    one = run()
    other = record_source(SOURCE.replace("y = x * x", "y = x * 2\n    z = 1"), "script")
    assert counterpart(one, Position(4), other) == Position(4)
    assert counterpart(one, Position(5), other) is None
    assert counterpart(one, Position(8), record_source("import torch\n", "short")) is None


def test_a_player_knows_what_its_tensors_were() -> None:
    original, changed = run(), run(Intervention(0, 0, "scale", (2.0,)))
    player = Player(changed, Position(5), beside=original)
    assert player.twin is not None
    grads = [next(one.grad for one in p.scope.tensors if one.grad) for p in (player, player.twin)]
    assert [grad.numbers for grad in grads] == [(12.0,), (6.0,)]
    assert Player(changed, Position(5)).twin is None


def value(*numbers: float) -> Value:
    return Value((len(numbers),), "float32", numbers, (len(numbers),))


def test_a_ghost_is_written_where_it_reads_differently() -> None:
    assert was_text(value(2.0), value(1.0), 30) == "was [1]"
    assert was_text(None, value(1.0), 30) == "was [1]"
    assert was_text(value(1.0), None, 30) == "was none"
    assert was_text(value(1.0), value(1.0), 30) == ""
    assert was_text(value(1.00001), value(1.0), 30) == "was [1]", "in more digits"
    assert was_text(value(float("nan")), value(float("nan")), 30) == ""
    assert was_text(value(2.0), value(1.0), 3) == ""
    assert was_text(value(*range(9), 2.0), value(*range(9), 1.0), 17) == "was other numbers"


def test_it_stands_behind_the_value_where_there_is_room_else_below() -> None:
    row = (Span("grad [2]"),)
    one, other = value(2.0), value(1.0)
    assert [[s.text for s in r] for r in with_ghost(row, one, other, 20)] == [
        ["grad [2]", "  (was [1])"]
    ]
    assert [[s.text for s in r] for r in with_ghost(row, one, other, 12)] == [
        ["grad [2]"],
        ["  was [1]"],
    ]


def test_notes_say_what_they_were() -> None:
    now = {
        1: Span("w = 2", "note"),
        2: Span("w = 2  b = 3", "note"),
        3: Span("a = 1", "note"),
        4: Span("✗ boom", "error"),
        5: Span("› 2", "output"),
    }
    before = {
        1: Span("w = 1", "note"),
        2: Span("w = 1  b = 3", "note"),
        3: Span("a = 1", "note"),
        4: Span("w = 1", "note"),
    }
    assert [note.text for note in compared(now, before).values()] == [
        "w = 2  (was 1)",
        "w = 2  b = 3  (was w = 1  b = 3)",
        "a = 1",
        "✗ boom",
        "› 2",
    ]
