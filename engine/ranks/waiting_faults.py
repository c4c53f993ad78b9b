"""Ranks that wait for each other in different calls, or for one that does not come.

A collective returns only when every rank has called it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.plurals import counted
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import file_name
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.ranks.standing import BETWEEN_TWO, Standing, standings

PATIENCE = 5.0
"""For so many seconds a rank that still runs may wait in a collective."""
SLOW = 30.0
"""For so many seconds it may wait for one that runs and is in no collective."""
EVENLY = (
    "Give every rank equally many batches (`DistributedSampler`, `drop_last=True`), or run the "
    "loop in `with model.join():`."
)
ALIKE = "Call the same collectives in the same order on all ranks, whatever their data."


def waiting_faults(run: DistributedRun, now: float | None) -> Iterator[RankFault]:
    """Yield one fault where ranks wait for what does not come; none where one has died."""
    everyone = standings(run)
    waiting = [one for one in everyone if _waits(one, now, PATIENCE)]
    if not waiting or any(one.state == "dead" for one in everyone):
        return
    ended = [one for one in everyone if one.state == "ended"]
    if ended:
        yield _for_the_ended(waiting, ended)
    elif len(waiting) == len(everyone) and _never_meet(calls := _calls(waiting)):
        yield _for_each_other(waiting, calls)
    elif slow := [one for one in waiting if _waits(one, now, SLOW)]:
        others = [one for one in everyone if one.waits_in is None and one.state == "running"]
        if others and now is not None:
            yield _for_the_slow(slow, others, now)


def _waits(one: Standing, now: float | None, patience: float) -> bool:
    if one.waits_in is None or one.state == "ended":
        return False
    return one.state != "running" or (now is not None and now - one.waits_in.began > patience)


def _never_meet(calls: Iterable[tuple[str, str, int, int]]) -> bool:
    """Whether calls of all ranks can not be for each other, as a `send` and a `recv` are."""
    operations = [call[0] for call in calls]
    return len(operations) > 1 and not any(BETWEEN_TWO.search(one) for one in operations)


def _calls(waiting: Sequence[Standing]) -> dict[tuple[str, str, int, int], list[Standing]]:
    """The ranks by what they have called: operation, place and pass."""
    found: dict[tuple[str, str, int, int], list[Standing]] = {}
    for one in waiting:
        call = one.waits_in
        assert call is not None
        file = file_name(one.recording, call.file)
        key = (call.operation, file, call.line, call.number_of_pass)
        found.setdefault(key, []).append(one)
    return found


def _for_the_ended(waiting: Sequence[Standing], ended: Sequence[Standing]) -> RankFault:
    one, gone = waiting[0], ended[0]
    others = ranks_text([each.rank for each in waiting[1:]]) if waiting[1:] else ""
    more = f", and {others} too" if others else ""
    verb = "waits" if one.state == "running" else "waited"
    count = counted(gone.number + 1, "pass", "passes")
    verb_ended = "has" if len(ended) == 1 else "have"
    what = (
        f"Rank {one.rank} {verb} {one.waiting_text}{more}; "
        f"{ranks_text([e.rank for e in ended])} {verb_ended} ended after {count}."
    )
    why = "A collective returns only when every rank calls it, and the ranks had not as many steps."
    return _fault(waiting, what, why, EVENLY)


def _for_each_other(
    waiting: Sequence[Standing], calls: dict[tuple[str, str, int, int], list[Standing]]
) -> RankFault:
    parts = [
        f"{ranks_text([one.rank for one in some])} {some[0].waiting_text}"
        for some in calls.values()
    ]
    what = f"The ranks wait for each other in different calls: {'; '.join(parts[:4])}."
    why = "A collective returns only when every rank has called it, so none of these does."
    return _fault(waiting, what, why, ALIKE)


def _for_the_slow(waiting: Sequence[Standing], others: Sequence[Standing], now: float) -> RankFault:
    one = waiting[0]
    seconds = now - (one.waits_in.began if one.waits_in is not None else now)
    last = f"; {ranks_text([others[0].rank])} was last {others[0].waiting_text}"
    what = (
        f"{ranks_text([w.rank for w in waiting]).capitalize()} "
        f"{'waits' if len(waiting) == 1 else 'wait'} for {seconds:.0f} s "
        f"{one.waiting_text}{last}."
    )
    why = f"{ranks_text([o.rank for o in others]).capitalize()} did not get there yet."
    return _fault(waiting, what, why, "See what that rank does there: look at its last line.")


def _fault(waiting: Sequence[Standing], what: str, why: str, instead: str) -> RankFault:
    one = waiting[0]
    call = one.waits_in
    assert call is not None
    ranks = tuple(sorted(each.rank for each in waiting))
    file = file_name(one.recording, call.file)
    return RankFault(
        "waiting", ranks, (), call.number_of_pass, what, why, instead, 1, call.line, file
    )
