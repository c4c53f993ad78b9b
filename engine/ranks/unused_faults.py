"""Parameters that the pass of one rank, or of all, does not reach, while others are reduced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place
from engine.ranks.rank_fault import RankFault, leaves_text, ranks_text
from engine.ranks.same_pass import Together, common_passes
from engine.ranks.standing import standings
from engine.recording.rank_records import RankPass, Reducer

WRAPPED: Reducer = "DistributedDataParallel"
PASSES = 10
"""Parameters that no pass of so many reaches are used by none, whatever comes."""
EVERYWHERE = (
    "Let the loss depend on all parameters, or freeze the others by `requires_grad_(False)` before "
    "the model is wrapped."
)
UPDATED = "Let the loss depend on all parameters, or leave the others out of the optimizer."
SOMEWHERE = (
    "Let the loss of every rank depend on all parameters, if only by `+ 0 * p.sum()`, or wrap the "
    "model with `find_unused_parameters=True` where this is meant."
)


@dataclass(slots=True)
class _Unreached:
    """Leaves that the same ranks did not reach."""

    reducer: Reducer
    leaves: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def unused_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield what some ranks did not reach, then what none did, one fault for the same ranks."""
    some: dict[tuple[int, ...], _Unreached] = {}
    nobody: dict[str, list[int]] = {}
    reached: set[str] = set()
    expected: set[str] = set()
    wrapped = False
    for number, passes in common_passes(run, least=1 if _is_broken(run) else 2):
        reducer: Reducer = next((one.reducer for one in passes.values() if one.reducer), "")
        if not reducer or reducer == "DTensor":
            continue
        wrapped = wrapped or reducer == WRAPPED
        awaited = set().union(*map(_awaited, passes.values()))
        expected |= awaited
        for leaf, without in _without(passes).items():
            if len(without) < len(passes):
                reached.add(leaf)
            elif len(passes) > 1:
                nobody.setdefault(leaf, []).append(number)
                continue
            elif leaf not in awaited:
                continue
            if without:
                _note(some.setdefault(without, _Unreached(reducer)), leaf, number)
    for ranks, unreached in some.items():
        yield _on_some(run, ranks, unreached)
    certain = _is_certain(run)
    leaves = [one for one in nobody if one not in reached and (certain or one in expected)]
    if leaves:
        yield _on_all(run, leaves, nobody[leaves[0]], wrapped=wrapped)


def _awaited(one: RankPass) -> set[str]:
    """The leaves without a gradient that are to be reduced together with others that have one."""
    with_one = {gradient.leaf for gradient in one.gradients if gradient.local_norm is not None}
    together = (set(bucket.leaves) for bucket in one.buckets)
    return {leaf for bucket in together if bucket & with_one for leaf in bucket - with_one}


def _is_broken(run: DistributedRun) -> bool:
    """Whether a rank has ended while others wait: they will never record the pass that it did."""
    everyone = standings(run)
    return any(one.state != "running" for one in everyone) and any(
        one.waits_in is not None for one in everyone
    )


def _note(one: _Unreached, leaf: str, number: int) -> None:
    if leaf not in one.leaves:
        one.leaves.append(leaf)
    if number not in one.numbers[-1:]:
        one.numbers.append(number)


def _without(passes: Together) -> dict[str, tuple[int, ...]]:
    """By leaf, the ranks whose own pass did not reach it."""
    found: dict[str, list[int]] = {}
    for rank, one in passes.items():
        for gradient in one.gradients:
            ranks = found.setdefault(gradient.leaf, [])
            if gradient.local_norm is None:
                ranks.append(rank)
    return {leaf: tuple(ranks) for leaf, ranks in found.items()}


def _is_certain(run: DistributedRun) -> bool:
    """Whether the run is over, or so long that what was not used so far is not used."""
    recordings = [run.ranks[rank] for rank in run.present]
    return all(
        one is not None and (one.ending != "running" or len(one.rank_passes) >= PASSES)
        for one in recordings
    )


def _on_some(run: DistributedRun, ranks: Sequence[int], one: _Unreached) -> RankFault:
    number = one.numbers[0]
    names, file_line = leaves_text(one.leaves), backward_place(run, ranks[0], number)
    verb = "gets" if len(one.leaves) == 1 else "get"
    what = f"{names} {verb} no gradient on {ranks_text(ranks)} in pass {number:,}."
    if one.reducer == WRAPPED:
        why = (
            f"The others wait for one, or with `find_unused_parameters=True` the mean over all "
            f"{run.world_size} ranks takes it for zero."
        )
    else:
        why = "The others do give one: an all_reduce that only some ranks call never returns."
    return RankFault(
        "unused",
        tuple(ranks),
        tuple(one.leaves),
        number,
        what,
        why,
        SOMEWHERE,
        len(one.numbers),
        file_line[1],
        file_line[0],
    )


def _on_all(
    run: DistributedRun, leaves: Sequence[str], numbers: Sequence[int], *, wrapped: bool
) -> RankFault:
    file, line = backward_place(run, run.present[0], numbers[0])
    verb = "gets" if len(leaves) == 1 else "get"
    what = f"{leaves_text(leaves)} {verb} no gradient on any rank, in any pass."
    them = "it" if len(leaves) == 1 else "them"
    waits = f", and {WRAPPED} waits for {them} all the same" if wrapped else ""
    why = f"No loss depends on {them}{waits}."
    return RankFault(
        "unused",
        tuple(run.present),
        tuple(leaves),
        numbers[0],
        what,
        why,
        EVERYWHERE if wrapped else UPDATED,
        len(numbers),
        line,
        file,
    )
