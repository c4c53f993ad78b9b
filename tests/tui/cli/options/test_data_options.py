"""Data from a file without a screen: chosen, reported, refused, shown on the way."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Ask
from tests.tui.cli.options.test_usage import Terminal
from tui.cli.printing.progress import Progress
from tui.run.read_progress import SINGULAR

PEOPLE = 'height,"age, years",weight\n1,10,3\n2,20,\n3,NA,7\n4,5,9\n5,20,9\n'


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return str(path)


@pytest.mark.parametrize("command", ["train", "chart"])
def test_what_was_chosen_and_dropped_is_said_on_stderr(ask: Ask, people: str, command: str) -> None:
    answer = ask(command, "--data", people, "--drop-missing", "--standardise", "--steps", "9")
    assert answer.code == 0
    assert answer.err.splitlines() == [
        'linreg-tui: 3 rows: weight from height, "age, years"; 2 of 5 rows dropped, '
        "since a number is missing in them",
        'linreg-tui: missing in dropped rows: 1 of weight, 1 of "age, years"',
    ]


def test_what_was_chosen_and_dropped_stands_in_json(ask: Ask, people: str) -> None:
    Path(people).write_text("name;x;y\na;1.250;-99\nb;950;3\nc;2.500;4\n")
    options = ("--missing", "-99", "--drop-missing", "--standardise", "--steps", "9", "--json")
    data = json.loads(ask("train", "--data", people, *options).out.splitlines()[-1])["data"]
    assert data.pop("notes") == [
        "1.250 is read as 1250; --decimal . reads 1.25",
        "missing in dropped rows: 1 of y",
    ]
    assert data == {
        "rows": 2, "target": "y", "features": ["x"], "dropped": 1, "ignored": ["name"],
    }  # fmt: skip


def test_options_of_a_file_are_checked(ask: Ask, people: str) -> None:
    answer = ask("train", "--data", people, "--features", "height", "--target", "height")
    assert answer.err == "linreg-tui: a column of people.csv can be used only once\n"
    answer = ask("train", "--data", people, "--decimal", ",", "--thousands", ",")
    assert answer.err == "linreg-tui: --decimal and --thousands cannot be the same mark\n"
    answer = ask("train", "--skip-rows", "2")
    assert answer.err == "linreg-tui: --skip-rows needs --data FILE.csv\n"
    assert "--skip-rows must be from 0" in ask("train", "--data", people, "--skip-rows", "x").err
    answer = ask("train", "--data", people, "--encoding", "rot13")
    assert "--encoding must name an encoding, as shift_jis, not 'rot13'" in answer.err


def test_what_the_file_says_of_made_points_is_no_option_that_was_given(
    ask: Ask, people: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = tmp_path / "linreg-tui" / "config.toml"
    config.parent.mkdir()
    config.write_text("[training]\npoints = 7\nsteps = 3\ndevice = 'cuda:99'\n")
    words = ("train", "--data", people, "--target", "height", "--drop-missing", "--device", "cpu")
    assert ask(*words).code == 1, "it diverges, and was not refused"
    assert "--points is for made points" in ask(*words, "--points", "9").err
    said = ask("config", "--check").err
    assert said.startswith(f"linreg-tui: {config}:4: training.device is of no use: ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("method = 'adam'\nmomentum = 0.9", "3: training.momentum must be 0 for adam, not 0.9"),
        ("method = 'nesterov'", "2: training.method needs more: momentum must be above 0 for"),
        ("lr = 1e39", "2: training.lr 1e+39 is too large for float32, not for float64"),
        ("lr = 1e39\ndtype = 'float64'", ""),
        ("batch-size = 1000", ""),
    ],
)
def test_values_of_the_file_that_do_not_go_together_are_named(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = tmp_path / "linreg-tui" / "config.toml"
    config.parent.mkdir()
    config.write_text(f"[training]\n{text}\n")
    checked = ask("config", "--check")
    assert checked.code == (2 if complaint else 0)
    if complaint:
        said = f"linreg-tui: {config}:{complaint}"
        assert checked.err.startswith(said)
        assert ask("train", "--steps", "3").err.startswith(said)


def test_a_name_with_a_comma_stands_in_quotes(ask: Ask, people: str) -> None:
    options = ("--data", people, "--features", '"age, years", height', "--drop-missing")
    answer = ask("train", *options, "--standardise", "--steps", "9", "--json")
    assert len(json.loads(answer.out.splitlines()[-1])["w"]) == 2


@pytest.mark.parametrize("text", ["x,y\n1,2\n", "x,y\n3,1\n3,2\n"], ids=["one row", "equal x"])
def test_data_that_decide_nothing_are_trained_on_and_said_to_be(
    ask: Ask, people: str, text: str
) -> None:
    Path(people).write_text(text)
    answer = ask("train", "--data", people, "--steps", "9")
    assert answer.code == 0
    assert answer.err.endswith(f"y from x\nlinreg-tui: {SINGULAR}\n")


def test_the_app_does_not_read_data_where_it_reads_keys(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(sys, stream, Terminal())
    monkeypatch.setenv("TERM", "xterm")
    answer = ask("--data", "-")
    assert answer.code == 2
    assert answer.err.startswith("linreg-tui: the app reads its keys from standard input; use ")


def test_progress_names_what_is_done_and_how_long_the_rest_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    bar = Progress(200_000_000, 1e6, " MB", stream=terminal, clock=lambda: now)
    now = 2.0
    bar.update(50_000_000)
    drawn = terminal.getvalue().strip()
    assert drawn.endswith("25%  50 of 200 MB  25 MB/s, 6 s left")
    assert len(drawn) < 80
