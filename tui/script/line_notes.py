"""What stands beside the lines of a script: what each made, printed or raised, at a position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from operator import itemgetter

from engine.autograd.values import TensorView
from engine.recording.records import Moment, Recording
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.position import Position, backward_at
from tui.script.value_text import short
from tui.script.windows import reach

COMPARED = ("note", "gradient", "output")
"""Roles of notes that say numbers."""
FEW = 3
"""So many printed lines are shown whole."""
WIDTH = 60
"""The longest note; the view cuts it to the room there is."""


def line_notes(recording: Recording, position: Position, file: int = 0) -> Mapping[int, Span]:
    """For every line of a file that has run, a note of the last time it did, where there is one.

    Lines that ran before passes without lines have none: what they made may have changed since.
    """
    moments, start = recording.moments, reach(recording, position.lines)
    latest = {
        moment.line: index
        for index in range(start, position.lines)
        if (moment := moments[index]).file == file
    }
    found = {
        line: _note(moments[index], moments[index - 1] if index > start else None)
        for line, index in latest.items()
    }
    for line in _of_earlier_rounds(recording, latest, position.lines):
        found[line] = _dimmed(found[line], moments[latest[line]])
    notes = {line: Span(safe(note.text), note.role) for line, note in found.items() if note.text}
    backward = backward_at(recording, position)
    if backward is not None and position.nodes is not None:
        moment = moments[position.lines - 1]
        if moment.file == file:
            total = len(backward.gradients)
            notes[moment.line] = Span(f"node {position.nodes} of {total}", "gradient")
    return notes


def _of_earlier_rounds(
    recording: Recording, latest: Mapping[int, int], lines: int
) -> Iterator[int]:
    """The lines whose last time lies in a round of a loop, or a call, before the current one.

    After such a line the same function has gone on at a line above it, and not to leave the loop.
    """
    lowest: dict[tuple[int, int, str], float] = {}
    done = lines
    for line, index in sorted(latest.items(), key=itemgetter(1), reverse=True):
        for k in range(index + 1, done):
            frame = _frame(recording.moments[k])
            lowest[frame] = min(lowest.get(frame, inf), _goes_on_from(recording, k))
        done = index + 1
        if lowest.get(_frame(recording.moments[index]), inf) <= line:
            yield line


def _frame(moment: Moment) -> tuple[int, int, str]:
    return moment.file, moment.depth, moment.function


def _goes_on_from(recording: Recording, index: int) -> float:
    """The first line of what a line belongs to; of a loop's head that leaves it, what follows."""
    if index + 1 >= len(recording.moments):
        return inf
    head, after = recording.moments[index], recording.moments[index + 1]
    return max(head.line, after.line) if after.depth <= head.depth else head.line


def _dimmed(note: Span, moment: Moment) -> Span:
    """A note of an earlier round, with the loop variables that it had."""
    which = "".join(f"  · {name} {value}" for name, value in moment.variables)
    return Span(f"{note.text}{which}", "past") if note.text else note


def compared(notes: Mapping[int, Span], before: Mapping[int, Span]) -> Mapping[int, Span]:
    """Return notes that say what they were before something was changed, where they differ."""
    return {line: _beside(note, before.get(line)) for line, note in notes.items()}


def _beside(note: Span, before: Span | None) -> Span:
    if before is None or before.text == note.text or note.role not in COMPARED:
        return note
    name, equals, rest = before.text.partition(" = ")
    same = equals and " = " not in rest and note.text.startswith(name + equals)
    return Span(f"{note.text}  (was {rest if same else before.text})", note.role)


def _note(moment: Moment, before: Moment | None) -> Span:
    """What one line did, with texts of the script as they are; empty where there is nothing."""
    if moment.error is not None:
        return Span(f"✗ {moment.error}", "error")
    if moment.silent:
        names = ", ".join(dict.fromkeys(write.name for write in moment.silent))
        harm = ": gradients are wrong" if any(write.harmful for write in moment.silent) else ""
        return Span(f"⚠ silent write to {names}{harm}", "warning")
    if moment.output.strip():
        return Span(f"› {printed(moment.output)}", "output")
    changed = [tensor for tensor in moment.tensors if tensor.name in moment.changed]
    if moment.backward is not None:
        changed = [tensor for tensor in changed if tensor.grad is not None]
        texts = [f"{t.name}.grad = {short(t.grad, WIDTH // max(len(changed), 1))}" for t in changed]
        return Span("  ".join(texts), "gradient")
    earlier = {tensor.name: tensor for tensor in before.tensors} if before else {}
    # What the line bound comes before what it changed inside a model, as a norm's statistics.
    shown = sorted(changed, key=lambda tensor: not tensor.name.isidentifier())[:2]
    return Span("  ".join(_made(tensor, earlier.get(tensor.name)) for tensor in shown), "note")


def printed(output: str) -> str:
    """What was printed, in one line: of many lines the last that says something."""
    lines = [line.strip() for line in output.split("\n") if line.strip()]
    if len(lines) <= FEW:
        return " ␊ ".join(lines)
    last = next((line for line in reversed(lines) if any(map(str.isalnum, line))), lines[-1])
    return f"{last}  (of {len(lines):,} lines)"


def _made(tensor: TensorView, before: TensorView | None) -> str:
    """What is new of it: where its value is as it was, its `.grad` or its flag."""
    if before is not None and tensor.value == before.value:
        if tensor.grad != before.grad:
            grad = short(tensor.grad, WIDTH) if tensor.grad else "None"
            return f"{tensor.name}.grad = {grad}"
        if tensor.requires_grad != before.requires_grad:
            return f"{tensor.name}.requires_grad = {tensor.requires_grad}"
    return f"{tensor.name} = {short(tensor.value, WIDTH)}"
