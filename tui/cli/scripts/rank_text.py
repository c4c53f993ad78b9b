"""What the ranks made of their gradients as a table, and what is wrong between them as lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from engine.autograd.values import Value, number_text
from engine.plurals import counted
from engine.ranks.averages import distance, norm
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.parameter_faults import norms_text
from engine.ranks.rank_fault import RankFault, percent, ranks_text
from engine.ranks.reductions import EQUAL, Reduction, Share
from engine.recording.rank_records import Bucket
from tui.cli.printing.table import Column, table
from tui.kit.text import safe, size_text
from tui.script.value_text import short, whole_lines

RANKS = 4
"""Of so many ranks each has a column; of more those of the smallest and the largest gradient."""
CELLS = 40
"""Cells of a column of numbers, at most."""
NOTHING = "none"
"""Stands where a pass did not reach a leaf, or nothing is known."""


def reduction_lines(
    run: DistributedRun, number: int, reductions: Sequence[Reduction], rank: int, width: int
) -> Iterator[str]:
    """Yield what the ranks made of the gradients of a pass: heading, table, what to know of it."""
    over = counted(run.world_size, "rank")
    if not reductions:
        yield f"what {over} made of the gradients of pass {number:,} was not recorded"
        return
    yield _heading(run, number, reductions, rank)
    yield from table(list(_columns(reductions, rank)), width)
    shown = {share.rank for one in reductions for share in one.shares}
    if without := [rank for rank in range(run.world_size) if rank not in shown]:
        yield f"{ranks_text(without).capitalize()} recorded nothing of pass {number:,}"
    yield from _remarks(reductions)


def fault_line(fault: RankFault) -> str:
    """Return one fault as compilers write them: the place, what is wrong, why, and the remedy."""
    place = f"{fault.file}:{fault.line}: " if fault.line else ""
    lasted = f" Seen in {counted(fault.passes, 'pass', 'passes')}." if fault.passes > 1 else ""
    words = " ".join(filter(None, (fault.what + lasted, fault.why)))
    instead = f" → {fault.instead}" if fault.instead else ""
    return safe(f"{place}{words}{instead}")


def _heading(run: DistributedRun, number: int, reductions: Sequence[Reduction], rank: int) -> str:
    over = counted(run.world_size, "rank")
    reduced = [one for one in reductions if one.reducer]
    if not reduced:
        text = f"pass {number:,} on {over}: nothing was reduced over the ranks"
        other = _reduced_pass(run, rank)
        return text if other is None else f"{text}; in --pass {other} it was"
    parts = [f"{reduced[0].operation} over {over} by {reduced[0].reducer}"]
    if buckets := _buckets(reductions):
        size = size_text(sum(bucket.bytes for bucket in buckets))
        parts.append(f"{counted(len(buckets), 'bucket')}, {size}")
    recording = run.ranks[rank]
    if recording is not None and recording.place is not None and recording.place.backend:
        parts.append(recording.place.backend)
    return safe(" · ".join(parts))


def _reduced_pass(run: DistributedRun, rank: int) -> int | None:
    """The last pass that can be shown and in which gradients were reduced; None without one."""
    recording = run.ranks[rank]
    if recording is None:
        return None
    reduced = {one.number for one in recording.rank_passes if one.reducer}
    return max((one.number for one in recording.passes.deep if one.number in reduced), default=None)


def _columns(reductions: Sequence[Reduction], rank: int) -> Iterator[Column]:
    names = [safe(one.leaf) for one in reductions]
    yield Column.names("leaf", names, names)
    yield from _of_ranks(reductions, rank, ("rank", "norms of all"), _local, _local_norm)
    if any(one.reducer for one in reductions):
        yield from _of_all(reductions)
    elif not _are_kept(reductions):
        yield from _of_ranks(reductions, rank, (".grad", ".grad of all"), _own, _own_norm)
    if any(one.weighted is not None for one in reductions):
        yield _numbers("weighted", [_value(one.weighted) for one in reductions])
        errors = (one.error for one in reductions)
        yield Column.of("off", ["" if one is None else percent(one) for one in errors])
    buckets = _buckets(reductions)
    if len(buckets) > 1:
        yield Column.of("bucket", [_bucket(one, buckets) for one in reductions])


def _of_ranks(
    reductions: Sequence[Reduction],
    rank: int,
    headings: tuple[str, str],
    written: Callable[[Share | None], Callable[[int], str]],
    size: Callable[[Share], float | None],
) -> Iterator[Column]:
    """What each rank has, in a column of its own; of many ranks that of `rank` and the norms."""
    ranks = sorted({share.rank for one in reductions for share in one.shares})
    of_one, of_all = headings
    for each in ranks if len(ranks) <= RANKS else [rank]:
        yield _numbers(f"{of_one} {each}", [written(_of(one, each)) for one in reductions])
    if len(ranks) > RANKS:
        yield Column.of(of_all, [_range(one, size) for one in reductions])


def _of_all(reductions: Sequence[Reduction]) -> Iterator[Column]:
    """What the reduction makes of them, and what then stood in `.grad` on every rank."""
    known = [one for one in reductions if one.expected is not None]
    heading = known[0].operation if known else ""
    if known and all(one.as_expected for one in known):
        yield _numbers(f"{heading} = .grad", [_made(one) for one in reductions])
        return
    if known:
        yield _numbers(heading, [_value(one.expected) for one in reductions])
    yield _numbers(".grad", [_made(one) for one in reductions])


def _remarks(reductions: Sequence[Reduction]) -> Iterator[str]:
    """What must be known to understand the numbers."""
    if not any(one.reducer for one in reductions) and _are_kept(reductions):
        yield "each rank has its own in .grad"
    samples = {share.rank: share.samples for share in reductions[0].shares}
    known = {rank: count for rank, count in samples.items() if count is not None}
    if len(set(known.values())) > 1:
        counts = ", ".join(f"{count:,}" for count in list(known.values())[:8])
        more = ", …" if len(known) > 8 else ""
        yield f"samples by rank: {counts}{more}; weighted = sum of n·local / sum of n"
    if before := max(one.accumulated for one in reductions):
        passes = counted(before, "pass", "passes")
        yield f"local gradients with those of {passes} before that nothing reduced"
    if apart := [text for one in reductions if one.reducer and (text := _differs(one))]:
        more = f", and so {len(apart) - 1} more" if apart[1:] else ""
        yield safe(f"{apart[0]}{more}")
    factors = [one for one in reductions if one.factor is not None]
    other = [one for one in factors if abs((one.factor or 0) - 1) > EQUAL]
    if other:
        times = number_text(other[0].factor or 0)
        yield f".grad is {times} times that: it was clipped or unscaled after the reduction"
    if not all(one.whole for one in reductions):
        yield "of large tensors norms, or a corner: their numbers are not in the recordings"


def _numbers(heading: str, texts: Sequence[Callable[[int], str]]) -> Column:
    return Column.cut(heading, lambda width: [text(width) for text in texts], CELLS)


def _local(share: Share | None) -> Callable[[int], str]:
    if share is None or (share.local is None and share.local_norm is None):
        return lambda _: NOTHING
    return _value(share.local, share.local_norm)


def _own(share: Share | None) -> Callable[[int], str]:
    if share is None or (share.made is None and share.made_norm is None):
        return lambda _: NOTHING
    return _value(share.made, share.made_norm)


def _local_norm(share: Share) -> float | None:
    return share.local_norm


def _own_norm(share: Share) -> float | None:
    return share.made_norm


def _are_kept(reductions: Sequence[Reduction]) -> bool:
    return all(_is_kept(share) for one in reductions for share in one.shares)


def _is_kept(share: Share) -> bool:
    """Whether the local gradient alone stood in `.grad`, to rounding."""
    if share.local_norm is None or share.made_norm is None:
        return share.local_norm == share.made_norm
    if not math.isclose(share.local_norm, share.made_norm, rel_tol=EQUAL):
        return False
    apart = None
    if share.local is not None and share.made is not None:
        apart = distance(share.made, share.local)
    return apart is None or apart < EQUAL


def _made(one: Reduction) -> Callable[[int], str]:
    norms = [share.made_norm for share in one.shares if share.made_norm is not None]
    return _value(one.made, norms[0] if norms else None)


def _differs(one: Reduction) -> str:
    """Return on which ranks `.grad` has which norm, where those differ; empty where none does."""
    if len(one.classes) < 2:
        return ""
    norms = {share.rank: share.made_norm for share in one.shares}
    return f"{one.leaf}.grad is not the same on all ranks: {norms_text(norms)}"


def _value(value: Value | None, size: float | None = None) -> Callable[[int], str]:
    """All numbers where they fit, else their norm: ranks are compared by it, not by a range."""
    if value is not None and value.whole:
        size = norm(value)

    def text(width: int) -> str:
        for digits in (4, 3):
            whole = None if value is None else whole_lines(value, width, digits)
            if whole is not None and len(whole) == 1:
                return whole[0]
        if size is None:
            return "" if value is None else short(value, width)
        words = f"norm {number_text(size)}"
        return words if len(words) <= width else f"|{number_text(size, 3)}|"

    return text


def _range(one: Reduction, size: Callable[[Share], float | None]) -> str:
    """The smallest and the largest norm of what the ranks have, with their ranks."""
    sizes = ((size(share), share.rank) for share in one.shares)
    norms = [(norm, rank) for norm, rank in sizes if norm is not None]
    if not norms:
        return NOTHING
    (small, first), (large, last) = min(norms), max(norms)
    without = len(one.shares) - len(norms)
    none = f", {NOTHING} {without}" if without else ""
    return f"{number_text(small, 3)} r{first} … {number_text(large, 3)} r{last}{none}"


def _of(one: Reduction, rank: int) -> Share | None:
    return next((share for share in one.shares if share.rank == rank), None)


def _buckets(reductions: Sequence[Reduction]) -> list[Bucket]:
    return list(dict.fromkeys(one.bucket for one in reductions if one.bucket is not None))


def _bucket(one: Reduction, buckets: Sequence[Bucket]) -> str:
    if one.bucket is None:
        return NOTHING
    return f"{buckets.index(one.bucket)}, {size_text(one.bucket.bytes)}"


def all_or(ranks: Sequence[int], run: DistributedRun) -> str:
    """Return which ranks, as one says it: `all ranks`, or `rank 1`."""
    return "all ranks" if len(ranks) == run.world_size > 1 else ranks_text(ranks)
