"""What two ranks over gloo record of their gradients, however these are reduced."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch.distributed as dist
from torch._C._distributed_c10d import HashStore

from engine.autograd.values import Value
from engine.recording.file.run_reader import RunReader
from engine.recording.rank_records import RankGradient, RankPass
from engine.recording.records import Recording
from engine.script.distributed.collectives import backend_of
from tests.engine.script.distributed.rank_scripts import HEAD, SCRIPTS
from tests.forks.forks import ROOT, Forks

Ranks = Sequence[Recording]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Path:
    """The folder in which every script has left the recordings of its two ranks."""
    folder = tmp_path_factory.mktemp("ranks")
    for name, script in SCRIPTS.items():
        (folder / f"{name}.py").write_text(HEAD + script)
    module = "tests.engine.script.distributed.forked_ranks"
    command = [sys.executable, "-m", module, str(folder)]
    done = forks.run(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    return folder


def ranks(runs: Path, name: str) -> Ranks:
    files = sorted((runs / name).glob("*.run"))
    return [RunReader(file).recording() for file in files]


def each_pass(recordings: Ranks) -> Sequence[tuple[RankPass, RankPass]]:
    first, second = recordings
    return list(zip(first.rank_passes, second.rank_passes, strict=True))


def gradient(of: RankPass, leaf: str) -> RankGradient:
    return next(one for one in of.gradients if one.leaf == leaf)


def number(value: Value | None) -> float:
    assert value is not None
    return float(value.numbers[0].real)


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "hang"])
def test_a_script_prints_and_computes_what_it_does_without_us(runs: Path, name: str) -> None:
    for rank in "01":
        plain, recorded = (
            [
                re.sub(r"pid=\d+", "pid", line)  # Python 3.12 and later warn of `os.fork`
                for line in file.read_text().splitlines()
                if not line.startswith("[rank")
            ]
            for kind in ("plain", "recorded")
            for file in [runs / name / kind / f"printed-{rank}"]
        )
        assert recorded == plain
        assert plain


@pytest.mark.parametrize(
    ("name", "reducer", "operation"),
    [
        ("ddp", "DistributedDataParallel", "mean"),
        ("scaled", "DistributedDataParallel", "mean"),
        ("hand", "all_reduce", "mean"),
        ("flat", "all_reduce", "sum"),
        ("hooks", "all_reduce", "mean"),
        ("dtensor", "DTensor", "sum"),
    ],
)
def test_what_the_ranks_compute_becomes_the_same_on_all_of_them(
    runs: Path, name: str, reducer: str, operation: str
) -> None:
    passes = each_pass(ranks(runs, name))

    assert [one.number for one, _ in passes] == [0, 1, 2, 3]
    for first, second in passes[:3]:
        assert (first.reducer, first.operation) == (reducer, operation)
        for one, other in zip(first.gradients, second.gradients, strict=True):
            total = number(one.local) + number(other.local)
            expected = total / 2 if operation == "mean" else total
            assert number(one.reduced) == pytest.approx(expected, rel=1e-5)
            assert one.norm == pytest.approx(abs(expected), rel=1e-5)
            assert one.local_norm == pytest.approx(abs(number(one.local)), rel=1e-6)
            assert one.digest == other.digest != 0
            assert one.value_digest == other.value_digest != 0
            assert first.buckets[one.bucket or 0].leaves.count(one.leaf) == 1
    numbers = {one.value_digest for first, _ in passes for one in first.gradients}
    assert len(numbers) >= len(passes)  # the leaves move


def test_a_rank_says_over_how_many_numbers_its_loss_is_a_mean(runs: Path) -> None:
    for name in ("ddp", "scaled", "hand", "flat", "hooks"):
        assert {(one.samples, other.samples) for one, other in each_pass(ranks(runs, name))} == {
            (26, 25)
        }


def test_counts_that_are_summed_as_integers_are_no_gradients(runs: Path) -> None:
    assert [one.notes for one in ranks(runs, "flat")] == [(), ()]


def test_the_backend_is_known_where_none_was_asked_for() -> None:
    dist.init_process_group(store=HashStore(), rank=0, world_size=1)
    try:
        assert (backend_of("cpu"), dist.get_backend()) == ("gloo", "undefined")
    finally:
        dist.destroy_process_group()


def test_the_scale_of_a_grad_scaler_is_kept(runs: Path) -> None:
    passes = each_pass(ranks(runs, "scaled"))

    assert [one.scale for one, _ in passes] == [8, 8, 16, 16]
    assert all(one.scale is None for one, _ in each_pass(ranks(runs, "ddp")))


def test_buckets_are_those_that_torch_rebuilds_after_the_first_pass(runs: Path) -> None:
    first, *others = (one for one, _ in each_pass(ranks(runs, "buckets")))
    printed = (runs / "buckets" / "plain" / "printed-0").read_text().splitlines()[-1]
    leaves = [f"{layer}.{kind}" for layer in range(5) for kind in ("weight", "bias")]
    rebuilt = [[leaves[int(at)] for at in bucket.split()] for bucket in printed.split(",")]

    assert len(first.buckets) == 1
    assert len(rebuilt) > 1
    for one in others:
        found = [[leaf.removeprefix("model.module.") for leaf in b.leaves] for b in one.buckets]
        assert found == rebuilt
        assert sum(bucket.bytes for bucket in one.buckets) == 4 * (80 + 3 * 40 * 41 + 41)


def test_a_parameter_that_a_pass_did_not_reach_has_no_gradient_of_its_own(runs: Path) -> None:
    passes = each_pass(ranks(runs, "unused"))
    alone, reducing = passes[0::2], passes[1::2]

    assert {one.reducer for pair in alone for one in pair} == {""}
    for first, second in reducing:
        assert first.reducer == second.reducer == "DistributedDataParallel"
        used, unused = (gradient(one, "model.module.b.weight") for one in (first, second))
        assert unused.local_norm is None
        # What was accumulated before is reduced along with it.
        assert used.norm == unused.norm == pytest.approx((used.local_norm or 0) / 2, rel=1e-5)


def test_a_call_that_hangs_is_in_the_recording_while_it_hangs(runs: Path) -> None:
    line = (HEAD + SCRIPTS["hang"]).splitlines().index("dist.barrier()") + 1

    assert (runs / "hang" / "recorded" / "hung").read_text() == f"barrier {line}"


def test_the_collective_that_was_reached_last_is_there_at_the_end(runs: Path) -> None:
    first, second = ranks(runs, "hand")

    for one in (first, second):
        assert one.collective is not None
        assert (one.collective.operation, one.collective.ended) == ("all_reduce", True)
        assert one.collective.number == 8  # four passes of two, after the group was made
        assert one.collective.number_of_pass == 3


def test_forks_groups_compiled_code_and_an_end_without_a_way_back_do_no_harm(runs: Path) -> None:
    for one in ranks(runs, "odd"):
        assert one.ending == "exit"
        assert one.collective is not None
        assert one.collective.operation == "barrier"
        assert len(one.rank_passes) == 1
        assert "gradients that some ranks reduce among them are not compared" in one.notes


def test_a_place_is_completed_once_there_is_a_group(runs: Path) -> None:
    for rank, one in enumerate(ranks(runs, "ddp")):
        assert one.place is not None
        assert (one.place.rank, one.place.world_size) == (rank, 2)
        assert (one.place.backend, one.place.device) == ("gloo", "cpu")
