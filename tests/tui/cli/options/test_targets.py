"""What a path or a name on the command line is taken for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Ask
from tests.tui.cli.runs import write
from tui.cli.options.arguments import read
from tui.cli.start.opened_on import subject_of
from tui.script.subject import SavedRun, Script


@pytest.mark.parametrize("name", ["run", "run.py", "run.txt"])
def test_a_recording_is_known_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    options = read("inspect", [str(write(tmp_path / name)), "--pass", "4"])

    assert subject_of(options) == SavedRun(tmp_path / name, 4)


def test_a_script_comes_with_what_is_recorded_of_it(tmp_path: Path) -> None:
    script, run = tmp_path / "train.py", tmp_path / "run"
    script.write_text("print(1)")
    words = f"{script} --tensor w --when loss>3 --every 5 --pass 7 --follow {tmp_path} -o {run}"

    subject = subject_of(read("inspect", [*words.split(), "--time", "2", "--", "--lr", "1"]))

    assert isinstance(subject, Script)
    assert (subject.path, subject.module, subject.keep) == (script, False, run)
    assert (subject.arguments, subject.tensor) == (("--lr", "1"), "w")
    assert list(map(str, subject.plan.when)) == ["loss>3", "pass=7"]
    assert (subject.plan.every, subject.plan.seconds) == (5, 2.0)
    assert subject.plan.follow == (str(tmp_path),)


def test_a_module_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)

    subject = subject_of(read("inspect", ["-m", "mine.train", "--", "-m"]))

    assert subject == Script(Path("mine.train"), ("-m",), module=True)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("m.pt", b"PK\x03\x04\0\0", "a zip archive, such as torch.save writes"),
        ("m.pkl", b"\x80\x04\x95", "a pickle"),
        ("a.npy", b"\x93NUMPY\x01\0", "a NumPy array"),
        ("points.csv", b"x,y\n1,2\na b", ""),
    ],
)
def test_a_file_of_another_kind_is_said(
    ask: Ask, tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)

    for command in ("graph", "record", "inspect"):
        answer = ask(command, str(tmp_path / name))

        assert (answer.code, answer.out) == (2, "")
        assert answer.err.count("\n") == 1
        assert f"is {what}" in answer.err
        assert "neither a Python file nor a recording" in answer.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_a_pipe_is_not_waited_for(ask: Ask, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "is a named pipe" in ask("graph", str(tmp_path / "pipe")).err


@pytest.mark.parametrize("option", ["--every 2", "--when nonfinite", "-o new", "-- 3"])
def test_options_of_no_use_for_a_recording_are_refused(
    ask: Ask, tmp_path: Path, option: str
) -> None:
    answer = ask("graph", str(write(tmp_path / "run")), *option.split())

    assert answer.code == 2
    assert "is for a script that is run, not for a recording" in answer.err


def test_a_recording_is_not_recorded(ask: Ask, tmp_path: Path) -> None:
    assert "is a recording already" in ask("record", str(write(tmp_path / "run"))).err


@pytest.mark.parametrize("command", ["graph", "check", "check my.py --follow"])
def test_a_name_longer_than_any_file_is_refused_as_one(ask: Ask, command: str) -> None:
    answer = ask(*command.split(), "a" * 300)

    assert answer.code == 2
    assert answer.err.count("\n") == 1


def test_of_a_folder_that_python_can_run_the_script_is_named(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("print(1)")
    for command in ("record", "inspect", "check"):
        assert f"its script is {tmp_path / '__main__.py'}" in ask(command, str(tmp_path)).err
