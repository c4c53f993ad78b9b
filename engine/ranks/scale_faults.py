"""Scales of GradScaler that differ between the ranks: gradients of different units, averaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.ranks.differing import classes_of, odd_ones
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.ranks.same_pass import common_passes


def scale_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield one fault where ranks scale their losses by different factors in the same pass."""
    different: dict[int, dict[int, float]] = {}
    for number, passes in common_passes(run):
        scales = {rank: one.scale for rank, one in passes.items() if one.scale is not None}
        if any(one.reducer for one in passes.values()) and len(_classes(scales)) > 1:
            different[number] = scales
    if not different:
        return
    number, scales = next(iter(different.items()))
    classes = _classes(scales)
    ranks = odd_ones(classes)
    file, line = backward_place(run, ranks[0], number)
    parts = [f"{scales[one[0]]:,.6g} on {ranks_text(one)}" for one in sorted(classes)]
    yield RankFault(
        "scales differ",
        ranks,
        (),
        number,
        f"In pass {number:,} GradScaler scales the loss by {', '.join(parts)}.",
        "The ranks' gradients are averaged before they are unscaled: those of a larger scale count "
        "for more, and each rank divides by another number.",
        "Make the scaler with the same settings on every rank, call `update` on all in the same "
        "passes, and load its state on all.",
        len(different),
        line,
        file,
    )


def _classes(scales: Mapping[int, float]) -> list[tuple[int, ...]]:
    return classes_of({rank: (0, scale) for rank, scale in scales.items()})
