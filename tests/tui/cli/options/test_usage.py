from __future__ import annotations

import io
import os
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.cli.conftest import Ask
from tui.cli.options.data_options import add_data
from tui.cli.options.parser import Parser
from tui.cli.options.training_options import add_training, problem
from tui.config.errors import UsageError


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("trian", "unknown command or lesson trian; did you mean train?"),
        ("backwrd", "unknown command or lesson backwrd; did you mean backward?"),
        ("qqq", "unknown command or lesson qqq; commands are inspect, record, "),
        ("--lr 0.1 backward", "put the lesson first: linreg-tui backward [options]"),
        ("backward --lr fast", "--lr must be a number, not 'fast'; see linreg-tui --help"),
        ("backward more", "unknown argument more; see linreg-tui --help"),
        ("script.py", "put a command first: linreg-tui inspect script.py"),
        ("'my points.csv'", "data are named by an option: linreg-tui --data 'my points.csv'"),
        ("check points.parquet", "points.parquet is data, neither a Python file nor a recording: "),
        (
            "train points.csv",
            "unknown argument points.csv; data are named by an option: --data points",
        ),
        ("train --json=1", "--json takes no value; see linreg-tui train --help"),
        (
            "train --skip-rows " + "9" * 5000,
            f"--skip-rows must be from 0 to 100,000,000, not '{'9' * 60}…'; see",
        ),
        ("--lr 0.1 train", "put the command first: linreg-tui train [options]"),
        ("train --lr -1", "--lr must be above 0, not -1"),
        ("train --lr -1e5", "--lr must be above 0, not -100000"),
        ("train --lr nan", "--lr must be a finite number, not nan"),
        ("train --lr -inf", "--lr must be a finite number, not -inf"),
        ("train --lr 1e999", "--lr must be a finite number, not inf"),
        ("train --lr fast", "--lr must be a number, not 'fast'; see linreg-tui train --help"),
        ("train --lr=--", "--lr must be a number, not '--'; see linreg-tui train --help"),
        ("train --data=--", "cannot read --: No such file or directory"),
        ("train --lr", "--lr needs a value; see linreg-tui train --help"),
        ("train --points 0", "--points must be from 1 to 100,000,000, not 0"),
        ("train --points 1.5", "--points must be a whole number, not '1.5'; see linreg-tui train"),
        ("train --epochs 2 --steps 5", "--steps does not go with --epochs; see linreg"),
        ("train --data ''", "--data is an empty name; see linreg-tui train --help"),
        ("record x.py -o ''", "-o is an empty name; see linreg-tui record --help"),
        ("graph ''", "LESSON|FILE.py|RUN is an empty name; see linreg-tui graph --help"),
        ("train --seed " + "9" * 5000, "--seed must be a whole number of at most 19 digits"),
        ("train --noise -0.1", "--noise must be at least 0, not -0.1"),
        ("train --momentum 1", "--momentum must be below 1, not 1"),
        ("train --print-every 0", "--print-every must be at least 1, not 0"),
        ("train --dtype float16", "--dtype must be float32 or float64, not 'float16'"),
        ("train --decimal x", "--decimal must be '.' or ',', not 'x'; see linreg-tui train --help"),
        ("completion foo", "SHELL must be bash, zsh or fish, not 'foo'; see linreg-tui completion"),
        ("chart pie", "CHART must be fit, loss, params, surface or residuals, not 'pie'; see"),
        ("train --device gpu", "device must be auto, cpu, cuda or cuda:N, not gpu"),
        ("train --setps 3", "unknown argument --setps; did you mean --steps?"),
        ("train --resume run.json", "--resume is for the app: linreg-tui --resume [FILE] opens"),
        ("train more", "unknown argument more; see linreg-tui train --help"),
        ("graph", "missing LESSON|FILE.py|RUN; see linreg-tui graph --help"),
        ("inspect", "missing FILE.py|RUN; see linreg-tui inspect --help"),
        ("record", "missing FILE.py; see linreg-tui record --help"),
        ("record nowhere.py", "nowhere.py does not exist"),
        ("record -m nowhere.train", "there is no module named nowhere"),
        ("record -m json.tool f", "-m or f, not both; arguments of the module go after --"),
        ("graph x --when loss", "--when 'loss' is no condition: nonfinite, loss>X, grad>X or pass"),
        ("graph x --when loss>a", "--when 'loss>a': 'a' is not a number"),
        ("graph x --when pass=" + "9" * 400, "--when 'pass=99"),
        ("graph x --pass -1", "--pass must be at least 0, not -1; see linreg-tui graph --help"),
        ("record x --every 0", "--every must be at least 1, not 0"),
        ("record x --limit -2", "--limit must be at least 1, not -2"),
        ("record x --time 0", "--time must be above 0 and at most 1,000,000,000, not 0"),
        ("record x --time nan", "--time must be above 0 and at most 1,000,000,000, not nan"),
        ("record x --time 1e999", "--time must be above 0 and at most 1,000,000,000, not 1e999"),
        ("record x --follow nowhere", "--follow nowhere does not exist"),
        ("graph backward --every 2", "--every is for a script that is run, not for a lesson"),
        ("graph backward -- 7", "-- is for a script that is run, not for a lesson"),
        ("graph backwrd", "backwrd is no lesson and no Python file; did you mean backward?"),
        ("inspect nowhere.py", "nowhere.py does not exist"),
        ("lessons --jsn", "unknown argument --jsn; did you mean --json?"),
    ],
)
def test_wrong_use_is_answered_in_one_line(ask: Ask, line: str, complaint: str) -> None:
    answer = ask(*shlex.split(line))

    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(f"linreg-tui: {complaint}")
    assert answer.err.count("\n") == 1


def test_a_hostile_argument_reaches_the_terminal_without_its_escapes(ask: Ask) -> None:
    answer = ask("\x1b]52;c;aGk=\x07\u202e\n")

    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert answer.err.rstrip("\n").isprintable()


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1), max_size=3))
def test_training_options_are_read_or_refused_in_words(words: list[str]) -> None:
    parser = Parser("linreg-tui train")
    add_training(parser)
    add_data(parser)

    try:
        problem(parser.read([*words, "--device", "cpu"])).check()
    except UsageError as error:
        assert str(error)


@pytest.mark.parametrize("stream", ["__stdin__", "__stdout__", "__stderr__"])
def test_the_app_is_refused_without_a_terminal(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setattr(sys, stream, io.StringIO())

    answer = ask()

    assert answer.code == 2
    assert answer.err == (
        "linreg-tui: the app needs a terminal; without one: "
        "linreg-tui train, linreg-tui graph, linreg-tui lessons\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="TERM means nothing elsewhere")
@pytest.mark.parametrize("term", ["", "dumb"])
def test_the_app_is_refused_on_a_terminal_that_cannot_draw(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    for stream in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(sys, stream, Terminal())
    monkeypatch.setenv("TERM", term)

    answer = ask()

    assert answer.code == 2
    assert answer.err.startswith(f"linreg-tui: the app cannot draw where TERM is {term!r}; use ")


def test_a_working_directory_that_is_gone_is_said(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (gone := tmp_path / "gone").mkdir()
    os.chdir(gone)
    gone.rmdir()

    for words in ((), ("train",), ("check", "-m", "pkg"), ("--data", "x.csv")):
        answer = ask(*words)
        assert answer.code == 2
        assert answer.err == (
            "linreg-tui: the working directory is gone: cd to one that is there\n"
        )
    assert ask("--version").code == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
