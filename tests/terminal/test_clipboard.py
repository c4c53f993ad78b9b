"""Copying in a real tmux, whose own terminal is the pty."""

from __future__ import annotations

import base64
import re
import subprocess
import sys

from tests.terminal.conftest import REPLACE, Start

UTF8 = {"LANG": "C.UTF-8", "LC_ALL": None}
COPIED = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)")
"""OSC 52, as a terminal is told what its clipboard shall hold."""


def test_a_chart_goes_through_tmux_into_its_buffer_and_the_terminal_outside(
    tmux: list[str], start: Start
) -> None:
    program = (sys.executable, "-m", "tui")
    pty = start("-c", REPLACE, *tmux, "new-session", *program, TMUX=None, STY=None, **UTF8)
    pty.until_text("cpu · float32")
    pty.send("3")
    pty.until(lambda: "1.0" in pty.text.splitlines()[-3])  # below the chart: it is all there
    shown = {line.rstrip() for line in pty.text.splitlines()}
    pty.send("e")
    pty.until_text("copy the text")
    pty.send("c")
    pty.until_text("copied through tmux")
    show = subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True, check=True)
    lines = [line.rstrip() for line in show.stdout.splitlines()]
    assert lines[0].split()[0] == "Fit"
    assert set(lines) <= shown
    pty.until(lambda: COPIED.search(pty.output))
    (encoded,) = COPIED.findall(pty.output)
    assert base64.b64decode(encoded).decode() == show.stdout


EACH = """
until tmux list-clients | grep -q .; do :; done
for each in off external on; do
  tmux set -s set-clipboard $each
  printf $each | tmux load-buffer -w -
done
cat
"""


def test_tmux_hands_on_what_it_is_handed_whatever_set_clipboard_says(
    tmux: list[str], start: Start
) -> None:
    pty = start("-c", REPLACE, *tmux, "new-session", EACH, TMUX=None, STY=None, **UTF8)
    pty.until(lambda: len(COPIED.findall(pty.output)) == 3)
    copied = [base64.b64decode(encoded) for encoded in COPIED.findall(pty.output)]
    assert copied == [b"off", b"external", b"on"]
