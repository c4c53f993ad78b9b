"""Everything that is wrong with a run: what its recorder found, and what its lines tell.

Torch-free, and only what is decided: a hint that may be harmless is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.recording.explanations.mistakes import (
    explain_error,
    explain_write,
    explanation_of,
    lost_leaves,
)
from engine.recording.findings import Finding
from engine.recording.records import Recording


def problems(recording: Recording, looked_at: Iterable[int]) -> list[Finding]:
    """Return what is wrong, each thing once, by the place in the source, the error last.

    `looked_at` are the indices of the moments whose lines may tell something.
    """
    found = [
        replace(one, instead=explanation_of(recording, one).instead)
        for one in recording.findings
        if not one.is_error
    ]
    found += _of_lines(recording, looked_at)
    found.sort(key=lambda one: (one.file, one.line))
    once: dict[tuple[str, int, int], Finding] = {}
    for one in found:
        once.setdefault((one.kind, one.file, one.line), one)
    return [*once.values(), *_error(recording)]


def _of_lines(recording: Recording, looked_at: Iterable[int]) -> Iterator[Finding]:
    for index in looked_at:
        moment = recording.moments[index]
        where = {"file": moment.file, "number": moment.number, "moment": index}
        for write in moment.silent:
            if write.harmful:
                one = explain_write(write)
                yield Finding(
                    "silent write", one.what, one.why, one.instead, line=write.line, **where
                )
        if index:
            for one in lost_leaves(recording, index):
                yield Finding(
                    "lost leaf", one.what, one.why, one.instead, line=moment.line, **where
                )


def _error(recording: Recording) -> Iterator[Finding]:
    error = recording.error
    if error is None:
        return
    known = explain_error(recording)
    found = [one for one in recording.findings if one.is_error]
    last = max(len(recording.moments) - 1, 0)
    number = recording.moments[last].number if len(recording.moments) else 0
    if known is not None and found and found[-1].what == known.what:
        yield found[-1]
        return
    yield Finding(
        "error",
        str(error) if known is None else known.what,
        "" if known is None else known.why,
        "" if known is None else known.instead,
        line=error.line,
        file=error.file,
        number=number,
        moment=last,
    )
