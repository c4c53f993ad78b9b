"""`linreg-tui check` on a folder of recordings: what is wrong on the ranks, and between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.ranks.rank_fault import RankFault
from engine.ranks.standing import standings
from engine.recording.findings import Finding
from engine.recording.problems import problems
from tui.cli.printing.json_output import write_json
from tui.cli.printing.output import complain
from tui.cli.scripts.finding_lines import finding_document, finding_line
from tui.cli.scripts.graph_report import GOOD, Report, looked_at
from tui.cli.scripts.rank_json import fault_document
from tui.cli.scripts.rank_text import all_or, fault_line
from tui.cli.scripts.ranks import Ranks


@dataclass(frozen=True, slots=True)
class _Shared:
    """What was found on some ranks, in the words of the first."""

    finding: Finding
    about: Report
    ranks: tuple[int, ...]


def check_ranks(ranks: Ranks, form: str) -> int:
    """Print what is wrong on each rank and between them; returns 1 where anything is.

    What several ranks have in common is said once. The error of a rank that failed only because
    another one had died is not said.
    """
    found = list(_shared(ranks))
    if form == "json":
        of_ranks = [
            finding_document(one.finding, one.about) | {"ranks": list(one.ranks)} for one in found
        ]
        write_json([*of_ranks, *(fault_document(one) for one in ranks.faults)])
    else:
        for one in found:
            whose = f"{all_or(one.ranks, ranks.run)}: "
            print(finding_line(one.finding, one.about, whose))
        for fault in ranks.faults:
            print(fault_line(fault))
    _noted(ranks)
    return 1 if found or ranks.faults else _ended(ranks)


def _shared(ranks: Ranks) -> Iterator[_Shared]:
    """Yield what is wrong on ranks, each thing once."""
    said = {rank for one in ranks.faults if one.kind == "died" for rank in one.ranks}
    of_others = _failed_for_others(ranks)
    once: dict[tuple[str, str, int], list[tuple[int, Finding, Report]]] = {}
    for rank, about in ranks.reports.items():
        for one in problems(about.recording, looked_at(about.recording)):
            known = rank in of_others or (rank in said and not one.why)
            if not (one.is_error and known) and not _is_unused(one, ranks.faults):
                key = (one.kind, about.file_of(one.file), one.line)
                once.setdefault(key, []).append((rank, one, about))
    for found in once.values():
        rank, finding, about = found[0]
        yield _Shared(finding, about, tuple(rank for rank, _, _ in found))


def _is_unused(finding: Finding, faults: Sequence[RankFault]) -> bool:
    """Whether a fault of all ranks says of the same parameters that they get no gradient."""
    if finding.kind != "no gradient":
        return False
    names = finding.what.partition(" never get")[0]
    unused = (re.escape(leaf) for one in faults if one.kind == "unused" for leaf in one.leaves)
    return any(re.search(rf"(?<![\w.]){leaf}(?![\w.])", names) for leaf in unused)


def _failed_for_others(ranks: Ranks) -> Sequence[int]:
    """The ranks whose error came of what a fault between ranks says."""
    if all(one.kind not in ("died", "waiting") for one in ranks.faults):
        return ()
    dead = {rank for one in ranks.faults if one.kind == "died" for rank in one.ranks}
    ended = [one.rank for one in standings(ranks.run) if one.state in ("stopped", "lost")]
    return [rank for rank in ended if rank not in dead]


def _noted(ranks: Ranks) -> None:
    for rank, about in ranks.reports.items():
        for note in about.notes():
            complain(f"rank {rank}: {note}")
    for note in ranks.run.notes:
        complain(note)


def _ended(ranks: Ranks) -> int:
    """Say which ranks did not come to their end, where nothing says why; returns the exit code."""
    unsaid = [one for one in ranks.reports.values() if one.recording.ending not in GOOD]
    return max((one.ended() for one in unsaid), default=0)
