"""A folder of recordings as one run: while files appear, of other launches, and damaged."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from engine.ranks.launches import RankFile, newest_launch
from engine.ranks.rank_folder import RankFolder
from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.frames import EmptyRunFileError, RunFileError
from engine.recording.file.run_file import RunJournal
from engine.recording.rank_records import RankPlace
from tests.engine.ranks.built import right_pass


def begin(
    folder: Path, rank: int, size: int = 2, launch: str = "first", name: str = "", **about: object
) -> RunJournal:
    writer = FrameWriter(folder / (name or f"rank-{rank}.run"))
    journal = RunJournal(writer, "train.py", "import torch\n", about)
    journal.set_place(RankPlace(rank, size, rank, "", launch))
    return journal


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_ranks_appear_one_after_the_other_and_grow(tmp_path: Path) -> None:
    first = begin(tmp_path, 0)
    folder = RankFolder(tmp_path)
    run = folder.run()
    assert (run.name, run.world_size, run.present) == (tmp_path.name, 2, (0,))
    assert run.notes == ("there is no recording of rank 1 yet",)
    assert not folder.refresh()
    second = begin(tmp_path, 1)
    first.add_rank_passes((right_pass(0, 0, 2),))
    assert folder.refresh()
    run = folder.run()
    assert (run.present, run.notes, folder.running) == ((0, 1), (), True)
    assert run.ranks[0] is not None and len(run.ranks[0].rank_passes) == 1
    for one in (first, second):
        one.end("end", None, "")
    assert folder.refresh()
    assert not folder.running
    folder.close()


def test_the_newest_launch_is_shown_also_when_it_begins_later(tmp_path: Path) -> None:
    for rank in range(2):
        begin(tmp_path, rank, name=f"a-{rank}", started=10.0).end("error", None, "")
    folder = RankFolder(tmp_path)
    assert folder.run().present == (0, 1)
    begin(tmp_path, 1, 4, launch="second", name="b-1", started=20.0)
    folder.refresh()
    run = folder.run()
    assert (run.world_size, run.present) == (4, (1,))
    assert run.notes[0] == "2 recordings of an earlier launch are left out"
    assert run.notes[1] == "there is no recording of ranks 0, 2 and 3 yet"


def test_few_files_are_open_at_a_time(tmp_path: Path) -> None:
    before = open_files()
    for rank in range(64):
        for number, launch in enumerate(("a", "b", "c")):
            name = f"{launch}-{rank:02d}.run"
            begin(tmp_path, rank, 64, launch, name, started=float(number)).end("end", None, "")
    folder = RankFolder(tmp_path)
    assert len(folder.run().present) == 64
    assert open_files() - before <= 64
    folder.close()
    assert open_files() == before


def test_strange_things_in_the_folder_change_nothing(tmp_path: Path) -> None:
    begin(tmp_path, 0, 1).end("end", None, "")
    os.mkfifo(tmp_path / "rank-1.run")  # opening it would wait for ever
    (tmp_path / "rank-2.run").symlink_to("/dev/zero")
    (tmp_path / "rank-3.run").symlink_to("nowhere")
    (tmp_path / "rank-4.run").mkdir()
    (tmp_path / "log.txt").write_text("epoch 1\n" * 10)
    (tmp_path / "rank-5.run").write_text("not a recording at all")
    (tmp_path / "rank-6.run").touch()
    folder = RankFolder(tmp_path)
    assert folder.run().present == (0,)
    (note,) = folder.run().notes
    assert "rank-5.run is not a recording" in note
    (tmp_path / "rank-5.run").unlink()
    folder.refresh()
    assert folder.run().notes == ()


def test_a_damaged_recording_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    for rank in range(2):
        journal = begin(tmp_path, rank)
        journal.add_rank_passes((right_pass(rank, 0, 2),))
        journal.end("end", None, "")
    path = tmp_path / "rank-1.run"
    data = bytearray(path.read_bytes())
    at = data.index(b"sync") + 40
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)
    run = RankFolder(tmp_path).run()
    assert run.present == (0, 1)
    assert run.ranks[1] is not None and "damaged" in run.ranks[1].notes[0]


def test_a_recording_that_is_replaced_or_goes_is_followed(tmp_path: Path) -> None:
    begin(tmp_path, 0, 2).end("end", None, "")
    begin(tmp_path, 1, 2).end("end", None, "")
    folder = RankFolder(tmp_path)
    (tmp_path / "rank-1.run").unlink()
    assert folder.refresh()
    assert folder.run().present == (0,)
    begin(tmp_path, 1, 2, started=99.0)
    assert folder.refresh()
    assert folder.run().present == (0, 1)
    assert folder.running


def test_of_a_rank_on_another_machine_nobody_knows_whether_it_runs(tmp_path: Path) -> None:
    begin(tmp_path, 0)
    for rank in (1, 2, 3):
        begin(tmp_path, rank, 4, host="gpu-2", pid=1)
    run = RankFolder(tmp_path).run()
    assert run.notes[-1] == "whether they still run is not known here: ranks 1 to 3, on gpu-2"
    assert "2 ranks, the others that there are 4" in run.notes[0]
    assert run.ranks[1] is not None and run.ranks[1].ending == "running"
    assert platform.node() != "gpu-2"


def test_a_folder_without_a_run_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match=r"a folder in which no rank has recorded anything$"):
        RankFolder(tmp_path)
    with pytest.raises(RunFileError, match=r"cannot read .*none: No such file"):
        RankFolder(tmp_path / "none")
    RunJournal(FrameWriter(tmp_path / "alone"), "train.py", "", {}).end("end", None, "")
    with pytest.raises(RunFileError, match="no recording of a rank; alone is one of a single"):
        RankFolder(tmp_path)
    (tmp_path / "rank-0.run").touch()
    with pytest.raises(EmptyRunFileError):
        RankFolder(tmp_path)


def test_a_recording_without_a_place_yet_is_known_by_its_name(tmp_path: Path) -> None:
    RunJournal(FrameWriter(tmp_path / "rank-01.run"), "train.py", "", {})
    assert RankFolder(tmp_path).run().present == (1,)
    begin(tmp_path, 0)
    folder = RankFolder(tmp_path)
    assert folder.run().present == (0,), "which says of itself where it belongs"


def test_one_rank_in_two_files_and_places_that_cannot_be() -> None:
    files = [
        RankFile("a", RankPlace(0, 2, launch="x"), 1.0),
        RankFile("b", RankPlace(0, 2, launch="x"), 2.0),
        RankFile("c", RankPlace(5, 2, launch="x"), 3.0),
        RankFile("d", RankPlace(0, 10**9, launch="x"), 3.0),
    ]
    found = newest_launch(files)
    assert found is not None
    assert found.files[0].name == "b"
    assert found.notes == (
        "c is left out: it is of no rank",
        "d is left out: it is of no rank",
        "rank 0 is recorded twice: b is shown, not a",
    )
    assert newest_launch(files[2:]) is None
    larger = RankFile("e", RankPlace(3, 4, launch="x"), 2.0)
    found = newest_launch([*files[:1], RankFile("f", RankPlace(1, 2, launch="x"), 1.0), larger])
    assert found is not None
    assert (found.world_size, set(found.files)) == (2, {0, 1})
    assert found.notes == ("e says that there are 4 ranks, the others that there are 2",)
