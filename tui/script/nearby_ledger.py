"""What came into every leaf's `.grad` and went, as far back as the lines follow one another."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from engine.ranks.drawn_reductions import Reduced
from engine.recording.gradient_ledger import Entry, LeafLedger, alike, ledger
from engine.recording.records import Recording
from tui.script.windows import reach


@lru_cache(maxsize=1)
def nearby_ledger(recording: Recording, index: int) -> tuple[LeafLedger, ...]:
    """Return the ledgers up to and with a moment, without what lies before a gap or far back.

    Passes keep their numbers, and entries the index of their moment.
    """
    return tuple(_with_reductions(one, recording) for one in _nearby(recording, index))


def _nearby(recording: Recording, index: int) -> tuple[LeafLedger, ...]:
    start = reach(recording, index + 1)
    if not start:
        return ledger(recording, index)
    moments = list(recording.moments[start : index + 1])
    ran = [(one.backward, one.number) for one in moments if one.backward is not None]
    if not ran:
        return ()
    (base, number), (last, _) = ran[0], ran[-1]
    near = replace(
        recording,
        moments=[
            one if one.backward is None else replace(one, backward=one.backward - base)
            for one in moments
        ],
        backwards=recording.backwards[base : last + 1],
    )
    return tuple(_moved(one, start, number) for one in ledger(near, len(moments) - 1))


def _with_reductions(one: LeafLedger, recording: Recording) -> LeafLedger:
    """A ledger in which what the ranks have made of a gradient is not taken for a change."""
    entries = tuple(
        replace(entry, event="reduced") if _is_reduced(entry, one.name, recording) else entry
        for entry in one.entries
    )
    return LeafLedger(one.name, entries)


def _is_reduced(entry: Entry, leaf: str, recording: Recording) -> bool:
    if entry.event != "changed" or recording.place is None:
        return False
    backward = recording.moments[entry.moment].backward
    gradients = () if backward is None else recording.backwards[backward].gradients
    return any(
        isinstance(one, Reduced) and one.leaf == leaf and alike(one.grad_after, entry.after)
        for one in gradients
    )


def _moved(one: LeafLedger, moments: int, passes: int) -> LeafLedger:
    entries = (
        replace(
            entry,
            moment=entry.moment + moments,
            number=None if entry.number is None else entry.number + passes,
        )
        for entry in one.entries
    )
    return LeafLedger(one.name, tuple(entries))
