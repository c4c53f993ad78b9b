"""The ranks of a run for JSON: each of them, what they made of the gradients, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import file_name
from engine.ranks.rank_fault import RankFault
from engine.ranks.reductions import Reduction, Share
from engine.recording.records import Recording
from tui.cli.printing.json_output import json_number, json_value
from tui.cli.printing.output import Json


def ranks_document(
    run: DistributedRun, rank: int, reductions: Iterable[Reduction], faults: Iterable[RankFault]
) -> dict[str, Json]:
    """Return which rank is shown, all ranks, `reductions` of the pass, and `faults`."""
    recordings = ((rank, one) for rank, one in enumerate(run.ranks) if one is not None)
    return {
        "rank": rank,
        "world_size": run.world_size,
        "ranks": [_rank(each, one) for each, one in recordings],
        "reductions": [_reduction(one) for one in reductions],
        "faults": [fault_document(one) for one in faults],
        "run_notes": list(run.notes),
    }


def fault_document(one: RankFault) -> dict[str, Json]:
    """Return one fault, with the fields of any other finding and its ranks and parameters."""
    return {
        "kind": one.kind,
        "ranks": list(one.ranks),
        "parameters": list(one.leaves),
        "file": one.file or None,
        "line": one.line or None,
        "pass": one.number,
        "passes": one.passes,
        "what": one.what,
        "why": one.why,
        "instead": one.instead,
    }


def _rank(rank: int, recording: Recording) -> Json:
    place, error, reached = recording.place, recording.error, recording.collective
    return {
        "rank": rank,
        "host": place.host if place is not None else "",
        "device": place.device if place is not None else "",
        "backend": place.backend if place is not None else "",
        "ending": recording.ending,
        "error": None if error is None else str(error),
        "passes": recording.passes.count,
        "collective": None
        if reached is None
        else {
            "operation": reached.operation,
            "pass": reached.number_of_pass,
            "file": file_name(recording, reached.file),
            "line": reached.line,
            "ended": reached.ended,
        },
        "notes": list(recording.notes),
    }


def _reduction(one: Reduction) -> Json:
    bucket = one.bucket
    return {
        "leaf": one.leaf,
        "reducer": one.reducer or None,
        "operation": one.operation,
        "bucket": None
        if bucket is None
        else {"leaves": list(bucket.leaves), "bytes": bucket.bytes},
        "shares": [_share(share) for share in one.shares],
        "expected": json_value(one.expected),
        "weighted": json_value(one.weighted),
        "error": _number(one.error),
        "factor": _number(one.factor),
        "accumulated": one.accumulated,
    }


def _share(share: Share) -> Json:
    return {
        "rank": share.rank,
        "local": json_value(share.local),
        "local_norm": _number(share.local_norm),
        "grad": json_value(share.made),
        "grad_norm": _number(share.made_norm),
        "samples": share.samples,
    }


def _number(number: float | None) -> Json:
    return None if number is None else json_number(number)
