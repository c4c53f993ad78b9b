from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from engine.lessons import LESSONS
from tui.cli import doctor
from tui.cli.main import main
from tui.cli.options.arguments import read


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    main(["doctor", "--json"])
    return {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}


def test_the_report_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    report = findings(capsys)
    assert report["colours"]["found"] == "256"
    assert report["torch"]["found"].startswith("2.")
    assert "XDG" not in report["state"]["found"]
    assert report["device"]["found"]


@pytest.mark.parametrize(
    ("variable", "value", "what", "advice"),
    [
        ("TERM", "dumb", "terminal", "set TERM"),
        ("TERM", "xterm", "colours", "set TERM to xterm-256color"),
        ("LC_ALL", "C", "locale", "set LANG=C.UTF-8"),
    ],
)
def test_a_problem_comes_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    what: str,
    advice: str,
) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv(variable, value)
    assert findings(capsys)[what]["advice"].startswith(advice)


@pytest.mark.parametrize(
    ("package", "advice"),
    [
        ("linreg-tui", "pip install -c constraints.txt . in the clone of its repository"),
        ("torch", "pip install torch"),
    ],
)
def test_what_is_not_installed_comes_with_where_it_is_to_be_had(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, package: str, advice: str
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", missing)
    assert findings(capsys)[package] == {
        "what": package,
        "found": "not installed",
        "advice": advice,
    }


def test_the_report_is_whole(capsys: pytest.CaptureFixture[str], folders: Path) -> None:
    report = findings(capsys)
    assert {"python", "linreg-tui", "torch", "textual", "plotext", "numpy"} < set(report)
    assert {"terminal", "colours", "locale", "glyphs", "profile", "device"} < set(report)
    assert "gloo" in report["several ranks"]["found"]
    assert all(set(finding) == {"what", "found", "advice"} for finding in report.values())
    assert report["configuration"]["found"].startswith(str(folders / "config" / "linreg-tui"))
    assert report["state"]["found"] == str(folders / "state" / "linreg-tui")
    assert report["session"]["found"].startswith(report["state"]["found"])


def test_a_session_that_cannot_be_opened_is_found(
    capsys: pytest.CaptureFixture[str], folders: Path
) -> None:
    path = folders / "state" / "linreg-tui" / "autosave.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    assert findings(capsys)["session"]["advice"].startswith("autosave.json is damaged")


def fake_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A shell script of that name."""
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("TMUX", "/nowhere,1,0")


@pytest.mark.parametrize(
    ("said", "what", "found", "advice"),
    [
        (
            "3.3a|external|0|tmux-256color|bpaste,clipboard,title|xterm-256color",
            "tmux clipboard",
            "set-clipboard external, allow-passthrough off; xterm-256color takes what is copied",
            "",
        ),
        (
            "next-3.6|on|all|tmux-256color|title|linux",
            "tmux clipboard",
            "set-clipboard on, allow-passthrough all; linux does not take what is copied",
            "if linux has a clipboard: tmux set -as terminal-features ',linux:clipboard', "
            "and attach anew",
        ),
        (
            "3.4|off|1|tmux-256color||",
            "tmux clipboard",
            "set-clipboard off, allow-passthrough on",
            "",
        ),
        (
            "3.4|off|0|tmux-256color|clipboard|xterm-256color",
            "tmux clipboard",
            # It is about what programs send by themselves, not about what tmux is handed.
            "set-clipboard off, allow-passthrough off; xterm-256color takes what is copied",
            "",
        ),
        ("2.8|||||", "tmux", "2.8, in no terminal", "for the clipboard tmux 3.2"),
        (
            "3.3a|on|0|screen|clipboard|xterm",
            "tmux terminal",
            "screen",
            "tmux set -g default-terminal tmux-256color",
        ),
    ],
)
def test_tmux_and_what_keeps_copies_in_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folders: Path,
    said: str,
    what: str,
    found: str,
    advice: str,
) -> None:
    fake_tmux(folders, monkeypatch, f"echo '{said}'")
    finding = findings(capsys)[what]
    assert finding["found"] == found
    assert finding["advice"].startswith(advice)
    assert bool(finding["advice"]) == bool(advice)


@pytest.mark.parametrize("does", ["exit 1", "exec sleep 60", "echo nonsense"])
def test_a_tmux_that_does_not_answer_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folders: Path, does: str
) -> None:
    fake_tmux(folders, monkeypatch, does)
    doctor.run(read("doctor", ["--json"]), tmux_seconds=0.2)
    report = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert report["tmux"]["found"] == "does not answer"


def test_a_tmux_that_is_not_installed_is_missed_only_inside_of_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folders: Path
) -> None:
    monkeypatch.setenv("PATH", str(folders))
    assert not [what for what in findings(capsys) if "tmux" in what]
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    (said,) = (finding for what, finding in findings(capsys).items() if "tmux" in what)
    assert said["advice"] == "see that tmux is on the PATH and its server runs"


def test_outside_of_tmux_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert not [what for what in findings(capsys) if "tmux" in what]


def test_a_wrong_configuration_and_a_crash_are_found(
    capsys: pytest.CaptureFixture[str], folders: Path
) -> None:
    config, state = folders / "config" / "linreg-tui", folders / "state" / "linreg-tui"
    config.mkdir(parents=True)
    state.mkdir(parents=True)
    (config / "config.toml").write_text("them = 1")
    (state / "crash-1.txt").write_text("boom")
    report = findings(capsys)
    assert "did you mean theme?" in report["configuration"]["advice"]
    assert report["crashes"]["found"].endswith("crash-1.txt")


def test_without_json_every_problem_is_an_arrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "-> set TERM" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_lessons_and_options(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "inspect" in out
    assert "momentum" in out
    assert all(lesson.key in out for lesson in LESSONS)


def test_config_says_where_it_is_and_what_holds(
    capsys: pytest.CaptureFixture[str], folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["config", "--path"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == folders / "config" / "linreg-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("theme = 'light'")
    monkeypatch.setenv("LINREG_TUI_PACE", "7")
    assert main(["config", "--show"]) == 0
    shown = capsys.readouterr().out
    assert 'theme = "light"' in shown
    assert 'pace = "7"' in shown
    path.write_text(shown)
    assert main(["config", "--check"]) == 0
    path.write_text("theme = 7")
    assert main(["config", "--check"]) == 2
