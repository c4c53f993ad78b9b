from __future__ import annotations

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from engine.atomic_files import FileError
from engine.data.source import Synthetic, Table
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.history_csv import export
from engine.training.problem import Problem, Step
from tests.hostile import PAYLOADS, unsafe


def exported(path: Path, problem: Problem, history: list[Step]) -> list[list[str]]:
    export(path, problem, history)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_every_number_of_every_step_is_there_exactly(tmp_path: Path) -> None:
    problem = Problem(Synthetic(true_w=(1.0, 2.0)))
    history = list(islice(steps(problem, start(problem)), 20))
    header, *rows = exported(tmp_path / "history.csv", problem, history)
    assert header == ["iteration", "loss", "w_x1", "w_x2", "b", "grad_w_x1", "grad_w_x2", "grad_b"]
    for step, (iteration, *numbers) in zip(history, rows, strict=True):
        assert int(iteration) == step.iteration
        expected = [step.loss, *step.w, step.b, *step.w_grad, step.b_grad]
        assert [float(number) for number in numbers] == expected


def test_one_feature_has_the_tutorials_names(tmp_path: Path) -> None:
    header, *rows = exported(tmp_path / "history.csv", Problem(), [])
    assert header == ["iteration", "loss", "w", "b", "grad_w", "grad_b"]
    assert rows == []


def test_names_from_a_file_can_do_no_harm(tmp_path: Path) -> None:
    names = ("=cmd|' /C calc'!A0", "a\x1b[2Jb", 'with,comma and "quote"')
    problem = replace(Problem(), source=Table("/points.csv", "y", names, 3, ""))
    (header,) = exported(tmp_path / "history.csv", problem, [])
    assert header[2:5] == ["w_=cmd|' /C calc'!A0", "w_a�[2Jb", 'w_with,comma and "quote"']


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_hostile_name_is_one_cell_of_plain_text(tmp_path: Path, kind: str) -> None:
    source = Table("/points.csv", "y", (PAYLOADS[kind], "x"), 3, "")
    (header,) = exported(tmp_path / "history.csv", replace(Problem(), source=source), [])
    assert len(header) == 8
    assert not any(map(unsafe, header))
    assert header[2].startswith("w_")


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot write /dev/full: No space left on device"):
        export(Path("/dev/full"), Problem(), [])
    with pytest.raises(FileError, match="No such file or directory"):
        export(tmp_path / "none" / "history.csv", Problem(), [])
