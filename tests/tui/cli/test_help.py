from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from textual.binding import Binding

from engine.lessons import LESSONS
from tests.tui.cli.conftest import Ask
from tui.app.app import LinregApp
from tui.cli.main import COMMANDS, main
from tui.cli.options.command_parsers import KEYS
from tui.graph.pane import GraphPane
from tui.train.pane import TrainPane

ROOT = Path(__file__).parents[3]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "tui", *arguments, **environment)


def bound(widget: type) -> set[str]:
    """The keys of a class and of those it is made from."""
    bindings = [b for kind in widget.__mro__ for b in vars(kind).get("BINDINGS", ())]
    return {key for b in bindings if isinstance(b, Binding) for key in b.key.split(",")}


def test_help_names_every_command_and_fits_a_terminal(ask: Ask) -> None:
    answer = ask("--help")

    assert answer.code == 0
    assert all(re.search(rf"^  {command}\b", answer.out, re.M) for command in COMMANDS)
    assert max(map(len, answer.out.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(ask: Ask, command: str) -> None:
    answer = ask(command, "--help")

    assert answer.code == 0
    assert answer.out.startswith(f"usage: linreg-tui {command}")
    assert max(map(len, answer.out.splitlines())) <= 80


def test_the_keys_in_the_help_are_bound(ask: Ask) -> None:
    app, graph, train = map(bound, (LinregApp, GraphPane, TrainPane))
    named = {"space", *re.findall(r"(?<=\s)[\w?](?=\s)", KEYS)}

    assert {"n", "S", "c", "?"} <= named
    for key in named:
        key = "question_mark" if key == "?" else key
        assert key in app or (key in graph and key in train)


def test_lessons_are_listed(ask: Ask) -> None:
    text, listed = ask("lessons"), json.loads(ask("lessons", "--json").out)

    assert [lesson["key"] for lesson in listed] == [lesson.key for lesson in LESSONS]
    assert all(f"  {lesson.key} " in text.out for lesson in LESSONS)


def test_the_version_is_one_line() -> None:
    assert re.fullmatch(r"linreg-tui (\d+\.\d+\.\d+|\(not installed\))\n", cli("--version").stdout)


def test_the_exit_code_and_plain_output_reach_the_shell() -> None:
    done = cli("train", "--steps", "5", TERM="xterm-256color")
    wrong = cli("train", "--lr", "0")

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout and "\r" not in done.stdout
    assert (wrong.returncode, wrong.stdout) == (2, "")


@pytest.mark.skipif(os.name != "posix", reason="needs a shell and /dev/full")
@pytest.mark.parametrize(
    ("command", "code", "err"),
    [
        # The sleep-free way to a broken pipe: more output than a pipe holds.
        ("train --steps 3000 --print-every 1 | true", 141, ""),
        ("lessons > /dev/full", 1, "linreg-tui: No space left on device\n"),
        ("lessons >&-", 0, ""),
    ],
)
def test_a_reader_that_goes_away_causes_no_traceback(command: str, code: int, err: str) -> None:
    command = f'"{sys.executable}" -m tui {command}'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (code, err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("buffered", [True, False])  # the latter as with PYTHONUNBUFFERED
@pytest.mark.parametrize(
    "command",
    [
        *("--help", "--version", "lessons", "doctor --json", "config --show", "completion bash"),
        *("graph backward", "graph backward --json", "graph backward --dot"),
        *("train --steps 5 --json", "chart --steps 5", "chart --steps 5 --color"),
    ],
)
def test_a_full_disk_is_one_line_whatever_is_printed(
    command: str,
    buffered: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw = Path("/dev/full").open("wb", -1 if buffered else 0)  # noqa: SIM115 - closing it fails
    full = io.TextIOWrapper(raw, write_through=not buffered)
    monkeypatch.setattr(sys, "stdout", full)

    # Not the usual one, which points the file descriptor of the tests' own output elsewhere.
    code = main(command.split(), drop=lambda: None)

    with suppress(OSError):
        full.close()
    assert code == 1
    assert capsys.readouterr().err == "linreg-tui: No space left on device\n"


def test_a_terminal_without_an_encoding_for_it_gets_question_marks() -> None:
    done = cli("lessons", PYTHONIOENCODING="ascii")

    assert done.returncode == 0
    assert "mean(3(x+2)?)" in done.stdout
