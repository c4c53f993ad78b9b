"""Which rank of which launch a process is, and the one folder that all ranks record in."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.recording.file.frames import RunFileError
from engine.recording.rank_records import RankPlace
from engine.script.distributed.launch import RankLaunch, launch_of, leave_empty, recording_in
from tests.forks.forks import ROOT

BY_HAND = {"RANK": "1", "WORLD_SIZE": "12", "MASTER_ADDR": "node7", "MASTER_PORT": "29500"}
SLURM = {"SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_LOCALID": "1", "SLURM_JOB_ID": "77"}


def torchrun(folder: Path, rank: int = 0, restart: int = 0) -> dict[str, str]:
    """What torchrun sets on one machine."""
    error = folder / "torchelastic_x" / "none_abc" / f"attempt_{restart}" / str(rank)
    error.mkdir(parents=True, exist_ok=True)
    os.utime(folder / "torchelastic_x", (1_795_000_000, 1_795_000_000))
    return BY_HAND | {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "GROUP_WORLD_SIZE": "1",
        "TORCHELASTIC_RUN_ID": "none",
        "TORCHELASTIC_RESTART_COUNT": str(restart),
        "TORCHELASTIC_ERROR_FILE": str(error / "error.json"),
    }


def known(environ: dict[str, str]) -> RankLaunch:
    launch = launch_of(environ)
    assert launch is not None
    return launch


@pytest.mark.parametrize(
    "environ",
    [
        {},
        BY_HAND | {"WORLD_SIZE": "1", "RANK": "0"},
        BY_HAND | {"RANK": "12"},
        BY_HAND | {"RANK": "first"},
        {"RANK": "1"},
        SLURM,  # the batch script itself, before any srun
        {"SLURM_PROCID": "0", "SLURM_NTASKS": "1"},
    ],
)
def test_one_process_is_no_launch(environ: dict[str, str]) -> None:
    assert launch_of(environ) is None


def test_a_rank_knows_its_place_and_its_file() -> None:
    launch = known(BY_HAND)

    assert launch.place == RankPlace(1, 12, 0, platform.node(), "node7-29500 12")
    assert launch.file_name == "rank-01.run"


def test_slurm_counts_the_tasks_of_a_step() -> None:
    launch = known(SLURM | {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"})

    assert (launch.place.rank, launch.place.world_size, launch.place.local_rank) == (3, 4, 1)
    assert (launch.name, launch.place.launch) == ("job-77.0", "job-77.0")
    assert known({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}).place.world_size == 2


def test_torchrun_within_a_slurm_job_counts(tmp_path: Path) -> None:
    step = SLURM | {"SLURM_STEP_ID": "0"}

    assert known(step | torchrun(tmp_path)).place.world_size == 2


def test_all_ranks_of_one_launcher_agree_and_a_restart_is_another_launch(tmp_path: Path) -> None:
    first, second = (known(torchrun(tmp_path, rank)) for rank in (0, 1))
    again = known(torchrun(tmp_path, 0, restart=2))
    elsewhere = known(torchrun(tmp_path / "another"))

    assert first.name == second.name == again.name
    assert first.name.startswith("2026111")
    assert first.place.launch == second.place.launch != again.place.launch
    assert again.file_name == "rank-0.restart-2.run"
    assert {again.base, elsewhere.base} == {first.base}  # the names of folders are drawn


def test_a_name_is_good_for_a_file_whatever_it_is_made_of() -> None:
    environ = BY_HAND | {"TORCHELASTIC_RUN_ID": "../../a b\n\x1b[0m;", "GROUP_WORLD_SIZE": "2"}

    launch = known(environ)

    assert launch.name == "a-b-0m"
    assert launch.place.launch.isprintable()


def test_the_ranks_of_a_launch_and_of_its_restarts_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "RUN"
    one = known(BY_HAND)
    other = replace(one, place=replace(one.place, rank=0))

    for launch in (one, other, replace(one, restart=1)):
        recording_in(folder, launch).write_bytes(b"recorded")

    names = sorted(path.name for path in folder.glob("*.run"))
    assert names == ["rank-00.run", "rank-01.restart-1.run", "rank-01.run"]
    leave_empty(folder)
    assert folder.is_dir()


def test_ranks_agree_on_a_folder_whatever_their_locale(tmp_path: Path) -> None:
    environ = BY_HAND | {"TORCHELASTIC_RUN_ID": "日本"}
    recording_in(tmp_path, known(environ)).write_bytes(b"recorded")
    program = (
        "import sys; from pathlib import Path; "
        "from engine.script.distributed.launch import launch_of, recording_in; "
        f"recording_in(Path(sys.argv[1]), launch_of({environ!a}))"
    )
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, **ascii_only},
        cwd=ROOT,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_folder_of_another_launch_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "RUN"
    recording_in(folder, known(BY_HAND)).write_bytes(b"recorded")
    later = known(BY_HAND | {"MASTER_PORT": "29501"})
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "mine.run").write_bytes(b"recorded")
    file = tmp_path / "file"
    file.write_text("")

    for place, why in (
        (folder, "it has recordings of another launch; give another folder with -o"),
        (foreign, "it has recordings of another launch; give another folder with -o"),
        (file, "12 ranks need a folder, and it is a file"),
        (tmp_path / "none" / "RUN", "No such file or directory"),
    ):
        with pytest.raises(RunFileError) as caught:
            recording_in(place, later)
        assert str(caught.value) == f"cannot record to {place}: {why}"


def test_a_folder_in_which_nothing_was_recorded_goes_or_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "RUN"
    recording_in(folder, known(BY_HAND))
    recording_in(folder, known(BY_HAND | {"MASTER_PORT": "29501"}))

    leave_empty(folder)

    assert not folder.exists()
