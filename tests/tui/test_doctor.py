from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.cli import main


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
def test_completion_knows_commands_and_options(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "inspect" in out
    assert "momentum" in out


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
