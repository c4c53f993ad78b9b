"""What can be read on the screen, whatever the terminal is."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.terminal.conftest import ROOT, Pty, Start

UTF8 = {"LANG": "C.UTF-8", "LC_ALL": None, "LC_CTYPE": None}
COLOUR = (b"\x1b[38;", b"\x1b[48;", b";38;5", b";38;2", b";48;")

ENVIRONMENTS: dict[str, tuple[list[str], dict[str, str | None]]] = {
    "256 colours": ([], {"TERM": "xterm-256color", **UTF8}),
    "true colour, light": (["--theme", "light"], {"COLORTERM": "truecolor", **UTF8}),
    "16 colours in screen": ([], {"TERM": "screen", "COLORTERM": None, **UTF8}),
    "the console": ([], {"TERM": "linux", "COLORTERM": None, **UTF8}),
    "a vt100": ([], {"TERM": "vt100", "COLORTERM": None, **UTF8}),
    "no colour": ([], {"NO_COLOR": "1", **UTF8}),
    "the C locale": ([], {"LANG": "C", "LC_ALL": None, "LC_CTYPE": None}),
    "ascii": (["--ascii", "--no-mouse", "--profile", "ssh"], UTF8),
}
PLAIN = ("a vt100", "the C locale", "ascii")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_numbers_focus_and_edges_can_be_read(start: Start, name: str) -> None:
    flags, environ = ENVIRONMENTS[name]
    pty = start("-m", "tui", *flags, size=(100, 32), **environ)
    pty.until_text("step 0 of")
    pty.send("c")
    pty.until_text("Mul")
    pty.until(lambda: "+-->" in pty.text if name in PLAIN else "──" in pty.text)
    pty.until_text("12 27")
    pty.until(lambda: reversed_text(pty))
    if name in PLAIN:
        assert pty.text.isascii()
    if name == "no colour":
        assert not [code for code in COLOUR if code in pty.output]
    assert (b"\x1b[?1003h" in pty.output) == (name != "ascii")
    pty.send("q")
    assert pty.code == 0


def reversed_text(pty: Pty) -> str:
    """All on the screen that stands out without a colour."""
    rows = pty.cells.values()
    return "".join(cell.data for row in rows for cell in row.values() if cell.reverse)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_inside_tmux() -> None:
    def tmux(*arguments: str) -> str:
        command = ["tmux", "-L", "linreg-test", "-f", "/dev/null", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    tmux("new-session", "-d", "-x", "100", "-y", "30", f"{sys.executable} -m tui")
    try:
        for _ in range(600):
            screen = tmux("capture-pane", "-p")
            if "step 0 of" in screen:
                break
            tmux("run-shell", "sleep 0.05")
        assert "step 0 of" in screen
    finally:
        tmux("kill-server")
