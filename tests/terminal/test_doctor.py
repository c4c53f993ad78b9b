"""The doctor in a real tmux, whose own terminal is the pty."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.terminal.conftest import REPLACE, Start


@pytest.mark.parametrize(
    ("outside", "takes", "setting"),
    [("xterm-256color", "takes", "off"), ("vt100", "does not take", "external")],
)
def test_the_doctor_knows_whether_copies_get_out_of_tmux(
    tmux: list[str], start: Start, tmp_path: Path, outside: str, takes: str, setting: str
) -> None:
    doctor = f"{sys.executable} -m tui doctor --json > report.json"
    inside = f"tmux set -s set-clipboard {setting}; {doctor}"
    pty = start("-c", REPLACE, *tmux, "new-session", inside, TERM=outside, TMUX=None)
    assert pty.code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    (clipboard,) = (finding for finding in report if finding["what"] == "tmux clipboard")
    assert clipboard["found"].startswith(f"set-clipboard {setting}, allow-passthrough ")
    assert clipboard["found"].endswith(f"; {outside} {takes} what is copied")
    assert bool(clipboard["advice"]) == (takes != "takes")
