"""`graph` and `check` on a folder of recordings, one a rank."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.ranks.reductions import reductions
from engine.recording.findings import Finding
from engine.recording.rank_records import RankPass, RankPlace
from engine.recording.records import ScriptError
from tests.engine.ranks.built import (
    SIGTERM,
    Change,
    as_it_is,
    built,
    call,
    changed_gradient,
    right_pass,
)
from tests.tui.cli.conftest import Ask
from tests.tui.cli.runs import write
from tui.cli.scripts.rank_text import reduction_lines


def folder(path: Path, size: int, change: Change = as_it_is, **other: dict[str, Any]) -> str:
    """A folder of recordings; `other` has what is different of a rank, as `rank_1`."""
    path.mkdir(exist_ok=True)
    for rank in range(size):
        write(
            path / f"rank-{rank}.run",
            place=RankPlace(rank, size, rank, "here", "first", "gloo", "cpu"),
            rank_passes=[change(rank, right_pass(rank, number, size)) for number in range(10)],
            **other.get(f"rank_{rank}", {}),
        )
    return str(path)


def uneven(rank: int, one: RankPass) -> RankPass:
    return replace(one, samples=40 if rank == 0 else 11)


def test_the_graph_of_a_rank_stands_above_what_all_made_of_it(ask: Ask, tmp_path: Path) -> None:
    answer = ask("graph", folder(tmp_path, 2))
    assert (answer.code, answer.err) == (0, "")
    shown, table = answer.out.split("\n\n")
    assert shown.splitlines()[1] == "pass 8 of 10 · i 8 · loss 0.8"
    assert table.splitlines() == [
        "rank 0 of 2 is shown above",
        "mean over 2 ranks by DistributedDataParallel · 1 bucket, 12 B · gloo",
        "leaf  rank 0     rank 1      mean = .grad",
        "w     [-2, 0.5]  [-3, 0.75]  [-2.5, 0.625]",
        "b     [2.5]      [3.5]       [3]",
    ]


def test_the_true_gradient_stands_beside_the_average(ask: Ask, tmp_path: Path) -> None:
    path = folder(tmp_path, 2, uneven)
    answer = ask("graph", path, "--pass", "4", "--rank", "1")
    assert "\nrank 1 of 2 is shown above\n" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    row = answer.out.splitlines()[-2].split()
    assert row == ["b", "[2]", "[3]", "[2.5]", "[2.216]", "13%"]
    assert "samples by rank: 40, 11" in answer.out
    assert "40 on rank 0, 11 on rank 1" in answer.err


def test_all_of_it_as_json(ask: Ask, tmp_path: Path) -> None:
    document = json.loads(ask("graph", folder(tmp_path, 2, uneven), "--json").out)
    assert (document["rank"], document["world_size"], document["pass"]) == (0, 2, 8)
    assert [one["backend"] for one in document["ranks"]] == ["gloo", "gloo"]
    w, b = document["reductions"]
    assert [share["local"] for share in b["shares"]] == [[2.5], [3.5]]
    assert (b["expected"], b["factor"]) == ([3.0], pytest.approx(1))
    assert w["bucket"] == {"leaves": ["w", "b"], "bytes": 12}
    (fault,) = document["faults"]
    assert (fault["kind"], fault["ranks"], fault["line"]) == ("unequal shards", [0, 1], 3)


def test_a_rank_that_died_is_said_and_those_it_took_along_are_not(ask: Ask, tmp_path: Path) -> None:
    stopped = {"ending": "error", "error": SIGTERM, "collective": call("all_reduce", 3, 9)}
    died = {"ending": "error", "error": ScriptError("ValueError", "bad batch", 2)}
    path = folder(tmp_path, 4, rank_0=stopped, rank_1=died, rank_2=stopped, rank_3=stopped)
    answer = ask("check", path)
    assert (answer.code, answer.err) == (1, "")
    (line,) = answer.out.splitlines()
    assert line.startswith("main.py:2: Rank 1 died after pass 9: ValueError: bad batch.")
    assert "Rank 0 waited in all_reduce at main.py:3, pass 9, ranks 2 and 3 too," in line


def test_what_all_ranks_have_in_common_is_said_once(ask: Ask, tmp_path: Path) -> None:
    """The same mistake of a script is found on every rank that runs it."""
    known = ScriptError("RuntimeError", "grad can be implicitly created only for scalar outputs", 2)
    same = {"ending": "error", "error": known}
    path = folder(tmp_path, 2, rank_0=same, rank_1=same)
    first, second = ask("check", path).out.splitlines()
    assert first.startswith("main.py:2: all ranks: ")
    assert second.startswith("main.py:2: Ranks 0 and 1 died after pass 9")
    kinds = [one["kind"] for one in json.loads(ask("check", path, "--json").out)]
    assert kinds == ["error", "died"]


def test_what_no_rank_uses_is_not_said_of_each_rank_too(ask: Ask, tmp_path: Path) -> None:
    def unused(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "b", local_norm=None, local=None, norm=None, digest=0)

    found = [
        Finding("no gradient", f"{name} never gets a gradient, though it is stepped.", "", "", line)
        for line, name in enumerate(("b", "a.b", "table"), 1)
    ]
    path = folder(tmp_path, 2, unused, rank_0={"findings": found}, rank_1={"findings": found})
    *of_ranks, of_all = ask("check", path).out.splitlines()
    assert [line.split()[3] for line in of_ranks] == ["a.b", "table"]
    assert "b gets no gradient on any rank" in of_all


def test_a_right_run_has_nothing_to_say(ask: Ask, tmp_path: Path) -> None:
    answer = ask("check", folder(tmp_path, 2))
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_what_cannot_be_is_one_line(ask: Ask, tmp_path: Path) -> None:
    path = folder(tmp_path / "run", 2)
    for arguments, said in [
        (("graph", path, "--rank", "5"), "no recording of rank 5 in run; there is that of ranks 0"),
        (("graph", f"{path}/rank-0.run", "--rank", "0"), "--rank is for a folder of recordings"),
        (("check", str(tmp_path)), "a folder in which no rank has recorded anything"),
        (("record", path), "is a directory"),
    ]:
        answer = ask(*arguments)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert said in answer.err


@pytest.mark.parametrize("size", [4, 64])
def test_the_table_of_many_ranks_is_not_wider(size: int) -> None:
    def different(rank: int, one: RankPass) -> RankPass:
        return changed_gradient(one, "b", norm=0.25, digest=1) if rank == 1 else one

    run = built(size, change=different)
    lines = list(reduction_lines(run, 1, reductions(run, 1), 0, 80))
    assert max(map(len, lines[:-1])) <= 80
    assert ("norms of all" in lines[1]) == (size == 64)
    assert lines[-1].startswith("b.grad is not the same on all ranks: norm ")
    assert "0.25 on rank 1" in lines[-1]


def test_numbers_that_have_not_room_are_compared_by_their_norms() -> None:
    run = built(2)
    made = reductions(run, 1)
    assert "[-2.125, 0.5312]" in "".join(reduction_lines(run, 1, made, 0, 80))
    row = list(reduction_lines(run, 1, made, 0, 42))[2].split()
    assert row == ["w", "norm", "1.16", "norm", "2.19", "norm", "1.675"]


@pytest.mark.parametrize("size", [2, 64])
def test_what_nothing_reduced_differs_between_the_ranks(size: int) -> None:
    """As with gradients that are accumulated under `no_sync`."""

    def first_only(rank: int, one: RankPass) -> RankPass:
        return replace(one, reducer="", buckets=()) if one.number else one

    def local_alone(rank: int, one: RankPass) -> RankPass:
        kept = [replace(each, reduced=each.local, norm=each.local_norm) for each in one.gradients]
        return first_only(rank, replace(one, gradients=tuple(kept)) if one.number else one)

    def shown(change: Change) -> tuple[str, list[str], list[str]]:
        """The heading, the names of the columns, and what stands below the table."""
        run = built(size, change=change)
        heading, columns, _, _, *below = reduction_lines(run, 1, reductions(run, 1), 0, 80)
        return heading, re.split("  +", columns), below

    second = "rank 1" if size == 2 else "norms of all"
    heading, columns, below = shown(local_alone)
    before = f"pass 1 on {size} ranks: nothing was reduced over the ranks"
    assert heading == f"{before}; in --pass 0 it was"
    assert columns == ["leaf", "rank 0", second]
    assert below == ["each rank has its own in .grad"]

    _, columns, below = shown(first_only)
    last = ".grad 1" if size == 2 else ".grad of all"
    assert columns == ["leaf", "rank 0", second, ".grad 0", last]
    assert below == []
