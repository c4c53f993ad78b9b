"""`check`: only what is wrong, one line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.recording.records import ScriptError
from tests.tui.cli.conftest import Ask, RunCommand, in_process
from tests.tui.cli.runs import write
from tui.cli.scripts import check

WRONG = """\
import torch
w = torch.ones(2, requires_grad=True)
h = torch.round(w * 2)
loss = h.sum()
loss.backward
loss.backward()
print("done")
"""
RIGHT = "import torch\ntorch.ones(2, requires_grad=True).sum().backward()\nprint('done')\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(WRONG)
    return path


def test_every_mistake_is_a_line_with_its_place(run_command: RunCommand, script: Path) -> None:
    answer = run_command(check.run, "check", str(script), isolated=in_process)
    first, second = answer.out.splitlines()
    assert first.startswith(f"{script}:3: `torch.round(w * 2)`, line 3, lets no gradient through.")
    assert second.startswith(f"{script}:5: `loss.backward` names the method")
    assert second.endswith(" → Write `loss.backward()`.")
    assert (answer.code, answer.err) == (1, "")


def test_nothing_is_printed_where_nothing_is_wrong(run_command: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "right.py"
    path.write_text(RIGHT)
    answer = run_command(check.run, "check", str(path), isolated=in_process)
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_as_json(run_command: RunCommand, script: Path) -> None:
    answer = run_command(check.run, "check", "--json", str(script), isolated=in_process)
    first, second = json.loads(answer.out)
    assert (first["kind"], first["line"], first["pass"]) == ("flat", 3, 0)
    assert second["instead"] == "Write `loss.backward()`."


def test_an_error_is_a_line_too(run_command: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "fails.py"
    path.write_text("x = 1\nx / 0\n")
    answer = run_command(check.run, "check", str(path), isolated=in_process)
    assert answer.out == f"{path}:2: ZeroDivisionError: division by zero\n"
    assert answer.code == 1


def test_a_recording_is_checked_without_running_anything(ask: Ask, tmp_path: Path) -> None:
    assert ask("check", str(write(tmp_path / "run"))).code == 0
    error = ScriptError("ValueError", "bad batch", 2, file=1)
    answer = ask("check", str(write(tmp_path / "failed", ending="error", error=error)))
    assert (answer.code, answer.out) == (1, "net.py:2: ValueError: bad batch\n")


def test_a_run_that_was_killed_is_not_right(ask: Ask, tmp_path: Path) -> None:
    answer = ask("check", str(write(tmp_path / "run", ending=None, pid=2**22 + 1)))
    assert answer.code == 1
    assert "breaks off" in answer.err


def test_who_interrupts_it_gets_the_shells_code(ask: Ask, tmp_path: Path) -> None:
    answer = ask("check", str(write(tmp_path / "run", ending="cancelled")))
    assert answer.code == 130
    assert "was interrupted" in answer.err


def test_wrong_use_is_one_line(ask: Ask) -> None:
    answer = ask("check")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "linreg-tui: missing FILE.py|RUN; see linreg-tui check --help\n"
