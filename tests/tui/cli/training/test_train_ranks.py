"""`train --distributed`: real processes over gloo, all of them forked by one that has torch."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from engine.data.source import ProblemError
from engine.training.distributed.world import World
from tests.forks.forks import Forks
from tests.tui.cli.conftest import Ask
from tests.tui.cli.training.ranks import RankRun, Said
from tui.cli.training.train_ranks import own_device

ROOT = Path(__file__).parents[4]
TRAIN = "train --distributed --json --steps 20 --print-every 10"
LONG = "train --distributed --json --steps 10000000 --print-every 1"
LOST = "linreg-tui: rank {}: training failed: another rank has gone: "


SAME = {
    "--points 51": 2,
    "--points 2 --momentum 0.5 --dtype float64": 3,
    "--no-zeroing --lr 0.001 --noise 0.1": 2,
    "--data one.csv --standardise": 2,
    "--gram --points 600000 --noise 0.1": 3,
    "--gram --data one.csv": 2,
}
"""Options, and the ranks which do with them as one process does."""
WRONG = {
    "--lr 5": (1, "linreg-tui: diverging at iteration 0: learning rate 5 is above the"),
    "--lr x": (2, "linreg-tui: --lr must be a number, not 'x'; see linreg-tui train --help"),
    "--lr -1": (2, "linreg-tui: --lr must be above 0, not -1"),
    "--data /nowhere.csv": (2, "linreg-tui: cannot read nowhere.csv: No such file"),
    "--data -": (2, "linreg-tui: --data -: all ranks would read the same standard input"),
    "--device cuda:0": (2, "linreg-tui: every rank takes a GPU of its own: --device cuda"),
}
"""Options of both ranks, their exit code, and what one of them says."""
DIFFER = {
    ("--data one.csv", "--data /nowhere.csv"): "rank 1: cannot read nowhere.csv: ",
    ("--data one.csv", "--data other.csv"): "rank 1 reads another file than rank 0",
    ("--gram --data one.csv", "--gram --data other.csv"): "rank 1 reads another file than",
    ("--lr 0.1", "--lr 0.2"): "rank 1 has lr 0.2, and rank 0 0.1",
}
"""Options of rank 0 and of rank 1, and what one of them says."""
SIGNALS = {signal.SIGINT: [0, 1], signal.SIGTERM: [1], signal.SIGKILL: [1]}


def alike(ranks: int, arguments: str, **more: Any) -> RankRun:
    """A run whose ranks all have the same arguments."""
    return RankRun([arguments.split()] * ranks, **more)


def run_all(forks: Forks, runs: list[RankRun]) -> list[list[Said]]:
    done = forks.run(
        [sys.executable, "-m", "tests.tui.cli.training.ranks"],
        typed=json.dumps([asdict(run) for run in runs]),
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return [[Said(**said) for said in ranks] for ranks in json.loads(done.stdout)]


def test_ranks_do_as_one_process_and_end_together(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: Forks
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text("a,b,y\n1,2,3\n2,3,4\n3,5,1\n")
    Path("other.csv").write_text("a,b,y\n1,2,3\n2,3,4\n3,5,2\n")
    runs = [
        *(alike(ranks, f"{TRAIN} {more}") for more, ranks in SAME.items()),
        *(alike(2, f"{TRAIN} {more}") for more in WRONG),
        *(RankRun([f"{TRAIN} {more}".split() for more in pair]) for pair in DIFFER),
        *(alike(2, LONG, signal=number, to=to) for number, to in SIGNALS.items()),
    ]
    answers = iter(run_all(forks, runs))

    for more in SAME:
        first, *others = next(answers)
        read = "linreg-tui: 3 rows: y from a, b\n" if "--data" in more else ""
        assert (first.code, first.err) == (0, read)
        assert {(said.code, said.out, said.err) for said in others} == {(0, "", "")}
        alone = ask("train", *TRAIN.split()[2:], *more.split())
        check_same(first.out, alone.out)
    for code, text in WRONG.values():
        check_refused(next(answers), code, text)
    for text in DIFFER.values():
        check_refused(next(answers), 2, f"linreg-tui: {text}")
    for code in (130, 143):
        check_interrupted(next(answers), code)
    left, killed = next(answers)
    assert (left.code, killed.code) == (1, -signal.SIGKILL)
    assert left.err.startswith(LOST.format(0))


def check_refused(ranks: list[Said], code: int, text: str) -> None:
    """All end, and one says in one line why."""
    assert [rank.code for rank in ranks] == [code, code]
    assert "".join(rank.err for rank in ranks).startswith(text)
    assert sum(rank.err.count("\n") for rank in ranks) == 1


def check_interrupted(ranks: list[Said], code: int) -> None:
    """All end, and the first says how far they came."""
    first, second = ranks
    assert (first.code, second) == (code, Said(code, "", ""))
    last = json.loads(first.out.splitlines()[-1])
    assert (last["done"], first.err) == (False, f"linreg-tui: {last['stopped']}\n")
    assert last["stopped"].startswith("interrupted after ")


def check_same(ranks: str, alone: str) -> None:
    """The same rows to rounding; seconds, and what was compared of them, aside."""
    pairs = zip(ranks.splitlines(), alone.splitlines(), strict=True)
    for one, other in (map(json.loads, pair) for pair in pairs):
        assert one.keys() == other.keys()
        for key in ("iteration", "iterations", "done", "points"):
            assert one.get(key) == other.get(key)
        for key in ("w", "b", "loss"):
            assert one[key] == pytest.approx(other[key], rel=1e-6, abs=1e-7)


def test_one_process_trains_as_ever_and_says_how_to_start_several(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone, answer = ask("train", "--steps", "9"), ask("train", "--distributed", "--steps", "9")
    assert answer.code == 0
    assert answer.err.startswith("linreg-tui: one process; several start with torchrun ")
    own, other = (re.sub(r", [0-9.]+ s:", ":", said.out) for said in (answer, alone))
    assert own == other
    monkeypatch.setenv("RANK", "first")
    answer = ask("train", "--distributed")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "name no process of a run" in answer.err


def test_every_rank_has_a_gpu_of_its_own_or_all_are_on_the_cpu() -> None:
    world = World(5, 8, 1)
    assert [own_device(name, world, 0) for name in ("cpu", "auto")] == ["cpu", "cpu"]
    assert [own_device(name, world, 4) for name in ("cuda", "auto")] == ["cuda:1", "cuda:1"]
    with pytest.raises(ProblemError, match="and this machine has 1"):
        own_device("auto", world, 1)
