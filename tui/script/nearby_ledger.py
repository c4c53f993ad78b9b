"""What came into every leaf's `.grad` and went, as far back as the lines follow one another."""

from __future__ import annotations

from dataclasses import replace

from engine.recording.gradient_ledger import LeafLedger, ledger
from engine.recording.records import Recording
from tui.script.windows import reach


def nearby_ledger(recording: Recording, index: int) -> tuple[LeafLedger, ...]:
    """Return the ledgers up to and with a moment, without what lies before a gap or far back.

    Passes keep their numbers, and entries the index of their moment.
    """
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
