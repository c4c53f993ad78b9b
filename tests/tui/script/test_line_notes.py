"""What stands beside a line: what it changed, and what of it belongs to an earlier round."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.recording.records import Recording
from engine.script.recorder import record
from tui.script.line_notes import line_notes, printed
from tui.script.position import Position

LOOP = """\
import torch
w = torch.tensor(1.0, requires_grad=True)
for epoch in range(3):
    loss = w * (epoch + 1)
    loss.backward()
    if epoch == 1:
        k = w * 5
    w.grad = None
last = w + 1
"""


def recorded(tmp_path: Path, text: str) -> Recording:
    path = tmp_path / "script.py"
    path.write_text(text)
    return record(path)


def after(recording: Recording, line: int, time: int = 1) -> Position:
    """The position after a line was executed for the so many-th time."""
    done = [i for i, moment in enumerate(recording.moments) if moment.line == line]
    return Position(done[time - 1] + 1)


def test_a_note_says_what_the_line_changed(tmp_path: Path) -> None:
    recording = recorded(
        tmp_path,
        "import torch\nx = torch.ones(2)\nx.requires_grad_()\n"
        "(2 * x).sum().backward()\nx.grad = None\nx.requires_grad_(False)\nx = x * 1\n",
    )
    end = Position(len(recording.moments))
    notes = {line: note.text for line, note in line_notes(recording, end).items()}
    assert notes[3] == "x.requires_grad = True"
    assert notes[4] == "x.grad = [2, 2]"
    assert notes[5] == "x.grad = None"
    assert notes[6] == "x.requires_grad = False"
    assert notes[7] == "x = [1, 1]"


def test_notes_of_an_earlier_round_are_dimmed_with_their_round(tmp_path: Path) -> None:
    recording = recorded(tmp_path, LOOP)
    notes = line_notes(recording, after(recording, 4, time=2))
    assert (notes[4].text, notes[4].role) == ("loss = 2", "note")
    assert (notes[5].text, notes[5].role) == ("w.grad = 1  · epoch 0", "past")
    assert notes[8].role == "past"
    assert notes[2].role == "note"


def test_after_the_loop_its_last_round_is_not_dimmed(tmp_path: Path) -> None:
    recording = recorded(tmp_path, LOOP)
    notes = line_notes(recording, Position(len(recording.moments)))
    assert notes[8].text == "w.grad = None"
    assert {notes[line].role for line in (2, 4, 8, 9)} == {"note"}
    assert notes[7].role == "past"


def test_notes_of_an_earlier_call_are_dimmed(tmp_path: Path) -> None:
    recording = recorded(
        tmp_path,
        "import torch\ndef f(a):\n    b = a * 2\n    c = b + 1\n    return c\n"
        "x = torch.ones(1)\nf(x)\nf(x * 3)\n",
    )
    notes = line_notes(recording, after(recording, 3, time=2))
    assert notes[3].text == "a = [3]  b = [6]"
    assert notes[4].role == "past"
    assert notes[6].role == "note"


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("one\n", "one"),
        ("tensor([[1.],\n        [2.]])\n", "tensor([[1.], ␊ [2.]])"),
        ("".join(f"step {n}\n" for n in range(1200)), "step 1199  (of 1,200 lines)"),
        ("Sequential(\n  (0): ReLU()\n  (1): ReLU()\n)\n", "(1): ReLU()  (of 4 lines)"),
    ],
)
def test_of_many_printed_lines_the_last_is_shown(output: str, shown: str) -> None:
    assert printed(output) == shown
