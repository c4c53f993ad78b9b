"""A rank that died: the first one, as torchrun ends the others for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place, file_name
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.ranks.standing import Standing, standings

MEMORY = "Look whether memory ran out, in `dmesg` or the job's log: the kernel kills so."
AT_ONCE = 1.0
"""Within so many seconds those end whom the death of another one ends at once."""
MESSAGE = 200
"""So many characters of an error are said here; all of it stands in the recording."""


def death_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield one fault for the rank that died first, or for all that died of the same error."""
    everyone = standings(run)
    dead = sorted((one for one in everyone if one.state == "dead"), key=_time)
    if dead:
        first = min((one for one in dead if _time(one) <= _time(dead[0]) + AT_ONCE), key=_is_later)
        same = [one for one in dead if one is first or _same(one, first)]
        yield _fault(run, sorted(same, key=lambda one: one.rank), everyone)
        return
    stopped = sorted((one for one in everyone if one.state == "stopped"), key=_time)
    lost = [one for one in everyone if one.state == "lost"]
    if stopped and lost and _time(stopped[0]) < min(map(_time, lost)):
        yield _fault(run, stopped[:1], everyone)


def _time(one: Standing) -> float:
    """When it ended; one that could not say so comes last: it may have been ended for another."""
    return math.inf if one.recording.ended is None else one.recording.ended


def _is_later(one: Standing) -> tuple[bool, bool]:
    """Of two that ended at once, whether this one most likely failed for the other.

    A process that is killed is seen a little later than its peers see their connection closed.
    `SIGABRT` is what the libraries of collectives end a process by that has lost the others.
    """
    error = one.recording.error
    killed = error is None or (error.type.startswith("SIG") and error.type != "SIGABRT")
    return not killed, one.waits_in is not None


def _same(one: Standing, other: Standing) -> bool:
    return one.recording.error is not None and one.recording.error == other.recording.error


def _fault(
    run: DistributedRun, dead: Sequence[Standing], everyone: Sequence[Standing]
) -> RankFault:
    first = dead[0]
    error = first.recording.error
    ranks = tuple(one.rank for one in dead)
    who = ranks_text(ranks).capitalize()
    file, line = backward_place(run, first.rank, first.number)
    look = f"Begin with {ranks_text(ranks[:1])}: what the others say came of that."
    if error is None:
        what = f"{who} ended {first.pass_text} without a word: its process was killed."
        look = MEMORY
    elif error.type.startswith("SIG"):
        what, look = f"{who} was killed by {error.type} {first.pass_text}.", MEMORY
    else:
        what = f"{who} died {first.pass_text}: {_first_sentence(str(error))}"
    if error is not None and (error.line > 1 or not error.type.startswith("SIG")):
        file, line = file_name(first.recording, error.file), error.line
    return RankFault(
        "died", ranks, (), first.number, what, _consequences(dead, everyone), look, 1, line, file
    )


def _first_sentence(text: str) -> str:
    """What an error says first: torch goes on with what it may have come of, and how to ask."""
    first = text.strip().partition("\n")[0].partition(". ")[0].rstrip(".")
    return f"{first[:MESSAGE].rstrip()}{'…' if len(first) > MESSAGE else ''}."


def _consequences(dead: Sequence[Standing], everyone: Sequence[Standing]) -> str:
    others = [one for one in everyone if one not in dead]
    waiting = [one for one in others if one.waits_in is not None]
    ended = [one.rank for one in others if one.state in ("stopped", "lost")]
    alive = [one.rank for one in others if one.state == "running"]
    if not waiting:
        return _fate(ended, "ended for it") + (_fate(alive, "still running") if not ended else "")
    one, ranks = waiting[0], [each.rank for each in waiting]
    verb = "waits" if one.state == "running" else "waited"
    more = f", {ranks_text(ranks[1:])} too" if ranks[1:] else ""
    until = ""
    if ranks == ended:
        until, ended = f", until {'they were' if ranks[1:] else 'it was'} ended for it", []
    fate = _fate(ended, "ended for it")
    return f"Rank {one.rank} {verb} {one.waiting_text}{more}{until}.{' ' * bool(fate)}{fate}"


def _fate(ranks: Sequence[int], what: str) -> str:
    if not ranks:
        return ""
    verb = ("is" if len(ranks) == 1 else "are") if what.startswith("still") else "was"
    verb = "were" if verb == "was" and len(ranks) > 1 else verb
    return f"{ranks_text(ranks).capitalize()} {verb} {what}."
