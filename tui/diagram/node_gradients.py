"""What backward did at a node, as rows: the gradient in, the rule, the gradient out, and `.grad`.

Of a panel with few rows these come first and on as few lines as they fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from engine.autograd.graph import NodeGradient
from engine.autograd.values import Value
from engine.recording.gradient_ledger import Entry, LeafLedger
from engine.rules.local_rule import INPUTS_LIMIT, LocalRule
from tui.kit.spans import Row, Span
from tui.kit.text import safe, tail
from tui.script.ghosts import was_text, with_ghost
from tui.script.nothing_yet import LOADING
from tui.script.value_text import short, value_lines

EVENTS = {
    "zeroed": "filled with zeros",
    "cleared": "set to None",
    "changed": "changed by hand",
    "reduced": "reduced over the ranks",
}
MATCHES = Span("✓ matches autograd", "faint")
NO_RULE = "no rule known, as autograd made it"


class Room(NamedTuple):
    """How wide rows may be, and whether there are so few that each must count."""

    width: int
    tight: bool = False


def leaf_rows(gradient: NodeGradient, was: NodeGradient, room: Room) -> Iterator[Row]:
    """What arrived at a leaf, and its `.grad` before and after; `was` before any change."""
    arrived = gradient.incoming[0], was.incoming[0]
    yield from compared_rows("gradient that arrived", *arrived, "gradient", room)
    yield from compared_rows(".grad before", gradient.grad_before, was.grad_before, "value", room)
    yield from compared_rows(".grad after", gradient.grad_after, was.grad_after, "gradient", room)


def gradient_rows(
    gradient: NodeGradient,
    was: NodeGradient,
    rules: Sequence[LocalRule] | None,
    inputs: Sequence[str],
    room: Room,
) -> Iterator[Row]:
    """The gradient in, and for each of the `inputs`, by their names, rule and gradient out.

    `rules` is None while they cannot be evaluated yet; `was` are the gradients before any change.
    """
    several = len(gradient.incoming) > 1
    for number, incoming in enumerate(gradient.incoming):
        label = f"gradient in (g) of output {number}" if several else "gradient in (g)"
        if incoming is not None:
            came = incoming, was.incoming[number]
            yield from compared_rows(label, *came, "gradient", room, brief="g in")
    by_input = {rule.input: rule for rule in rules or ()}
    for index, outgoing in enumerate(gradient.outgoing[:INPUTS_LIMIT]):
        if outgoing is None:
            continue
        if not room.tight:
            yield ()
        rule = by_input.get(index)
        to = f"to {safe(inputs[index])}: "
        if rule is None:
            yield (Span(to + (LOADING if rules is None else NO_RULE), "faint"),)
            out = outgoing, was.outgoing[index]
            yield from compared_rows("gradient out", *out, "gradient", room, brief="out")
        else:
            yield from _ruled(rule, to, outgoing, was.outgoing[index], room)
    more = len(gradient.outgoing) - INPUTS_LIMIT
    if more > 0:
        yield ()
        yield (Span(f"and {more:,} more inputs", "faint"),)


def _ruled(
    rule: LocalRule, to: str, outgoing: Value, was: Value | None, room: Room
) -> Iterator[Row]:
    """A gradient out with its rule, and whether the rule is what autograd did."""
    yield from _formula(rule, to, room)
    out = list(compared_rows("gradient out", outgoing, was, "gradient", room, brief="out"))
    if rule.agrees:
        beside = sum(cell_len(span.text) for span in out[-1]) + 2 + cell_len(MATCHES.text)
        if beside <= room.width:
            out[-1] = (*out[-1], Span("  "), MATCHES)
        else:
            out.append((MATCHES,))
    yield from out
    if rule.agrees is False:
        yield (Span("✗ something else went out: by a hook?", "error"),)
        yield from value_rows("by the rule", rule.predicted, "error", room)
    yield from ((Span(line, "faint"),) for line in wrapped(rule.note, room.width))


def _formula(rule: LocalRule, to: str, room: Room) -> Iterator[Row]:
    """The rule in symbols and in numbers, on one line where both fit and lines are few."""
    symbols, numbers = safe(rule.symbols), f"= {safe(rule.numbers)}"
    if room.tight and cell_len(to) + cell_len(symbols) + 1 + cell_len(numbers) <= room.width:
        yield Span(to, "faint"), Span(symbols, "op title"), Span(f" {numbers}")
        return
    if cell_len(to) + cell_len(symbols) <= room.width:
        yield Span(to, "faint"), Span(symbols, "op title")
    else:
        yield from ((Span(line, "faint"),) for line in wrapped(to.rstrip(), room.width))
        yield from ((Span(line, "op title"),) for line in wrapped(symbols, room.width))
    if symbols != numbers.removeprefix("= "):
        yield from ((Span(line),) for line in wrapped(numbers, room.width))


def ledger_rows(ledger: LeafLedger, width: int) -> Iterator[Row]:
    """Line by line what came into `.grad`, and what took it away."""
    yield ()
    title = "what happened to "
    yield (Span(title + tail(f"{safe(ledger.name)}.grad", width - cell_len(title)), "title"),)
    for entry in ledger.entries:
        yield from _entry(entry, width)
    if ledger.since_cleared > 1:
        words = f"⚠ {ledger.since_cleared} passes added up, never zeroed"
        yield from ((Span(line, "warning"),) for line in wrapped(words, width))


def _entry(entry: Entry, width: int) -> Iterator[Row]:
    where = f"line {entry.line}  "
    if entry.number is not None:
        words, value = f"pass {entry.number - 1:,} added", entry.added
    else:
        words, value = EVENTS[entry.event], None
    changes = [(mark, shown) for mark, shown in ((" ", value), (" → ", entry.after)) if shown]
    room = width - sum(map(cell_len, (where, words, *(mark for mark, _ in changes))))
    texts = [short(shown, width - 4) for _, shown in changes]
    if sum(map(cell_len, texts)) <= room:
        spans = [
            Span(mark + text, "gradient") for (mark, _), text in zip(changes, texts, strict=True)
        ]
        yield (Span(where, "faint"), Span(words), *spans)
        return
    yield (Span(where, "faint"), Span(words))
    for (mark, _), text in zip(changes, texts, strict=True):
        yield (Span(f"  {mark.strip() or '+'} ", "faint"), Span(text, "gradient"))


def compared_rows(
    label: str,
    value: Value | None,
    was: Value | None,
    role: str,
    room: Room,
    *,
    brief: str = "",
) -> Iterator[Row]:
    """A value, and what it was before something was changed, where that is written differently."""
    *above, last = value_rows(label, value, role, room, brief=brief)
    yield from above
    if not above:
        yield from with_ghost(last, value, was, room.width)
        return
    yield last
    if ghost := was_text(value, was, room.width - 2):
        yield (Span("  " + ghost, "ghost"),)


def value_rows(
    label: str, value: Value | None, role: str, room: Room, *, brief: str = ""
) -> Iterator[Row]:
    """A value beside its label, or its `brief` one, where it fits on one line; else below it."""
    lines = value_lines(value, room.width - 2)
    if room.tight and value is not None:
        lines = [short(value, room.width - cell_len(brief or label) - 2)]
    for beside in (label, brief) if brief else (label,):
        if len(lines) == 1 and cell_len(beside) + 2 + cell_len(lines[0]) <= room.width:
            yield (Span(beside + "  ", "faint"), Span(lines[0], role))
            return
    yield (Span(label, "faint"),)
    for line in lines:
        yield (Span("  " + line, role),)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at its spaces, and words wider than `width` cells inside."""
    lines: list[str] = []
    for word in safe(text).split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        elif word:
            lines += chop_cells(word, width)
    return lines
