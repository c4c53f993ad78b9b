"""Programs in a real terminal: a pty whose bytes are kept, and a screen they are drawn on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds until a test gives up: a bound for a busy machine, not an expectation."""

REPLACE = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
"""Has `Start`, which starts Python, start another program."""

Start = Callable[..., "Pty"]


class Pty:
    """One program in one terminal."""

    def __init__(
        self, arguments: list[str], folder: Path, environ: dict[str, str], size: tuple[int, int]
    ) -> None:
        columns, rows = size
        self.output = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._text: str | None = None
        self.child = pexpect.spawn(
            sys.executable,
            arguments,
            env=environ,
            cwd=str(folder),
            dimensions=(rows, columns),
            preexec_fn=_hear_signals,
        )
        self.child.delaybeforesend = None

    @property
    def text(self) -> str:
        """What is on the screen."""
        if self._text is None:
            self._text = "\n".join(self._screen.display)
        return self._text

    @property
    def cells(self) -> Mapping[int, Mapping[int, pyte.screens.Char]]:
        """What is on the screen, by row and column, with its style."""
        return self._screen.buffer

    @property
    def code(self) -> int:
        """The exit code, as a shell sees it."""
        self.until(lambda: not self.child.isalive())
        self.pump()
        self.child.close()
        killed = self.child.signalstatus
        return 128 + killed if killed is not None else int(self.child.exitstatus or 0)

    def pump(self, seconds: float = 0.02) -> None:
        """Read what is there."""
        try:
            data = self.child.read_nonblocking(1 << 20, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.output += data
        self._text = None
        self._stream.feed(data)

    def until(self, condition: Callable[[], object]) -> None:
        """Read until the condition holds."""
        give_up = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > give_up:
                pytest.fail(f"never came; on the screen:\n{self.text}")
            self.pump()

    def until_text(self, text: str) -> None:
        """Read until a text is on the screen."""
        self.until(lambda: text in self.text)

    def send(self, keys: str | bytes) -> None:
        """Type."""
        self.child.send(keys)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.child.kill(number)

    def cut(self) -> int:
        """Close the terminal under the program; its exit code."""
        self.child.ptyproc.fileobj.close()
        self.child.closed = True
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            gone, status = os.waitpid(self.child.pid, os.WNOHANG)
            if gone:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        self.kill(signal.SIGKILL)
        pytest.fail("it outlived its terminal")

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        self._screen.resize(rows, columns)
        self._text = None
        self.child.setwinsize(rows, columns)

    @property
    def restored(self) -> bool:
        """Whether the last word on every mode was to switch it off."""
        off = {b"1049": b"l", b"25": b"h", b"1000": b"l", b"1003": b"l", b"2004": b"l"}
        last = {mode: self.output.rfind(b"\x1b[?%s" % mode) for mode in off}
        return all(
            at >= 0 and self.output[at + 3 + len(mode) :][:1] == off[mode]
            for mode, at in last.items()
        )


def _hear_signals() -> None:
    """As in a terminal, also where the tests run under something like nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts programs in terminals, with folders of their own for what they keep."""
    started: list[Pty] = []

    def begin(
        *arguments: str,
        size: tuple[int, int] = (100, 30),
        kind: type[Pty] = Pty,
        **environ: str | None,
    ) -> Pty:
        kept = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
        merged = {
            **os.environ,
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            **kept,
            **environ,
        }
        pty = kind(
            list(arguments), tmp_path, {k: v for k, v in merged.items() if v is not None}, size
        )
        started.append(pty)
        return pty

    yield begin
    for pty in started:
        if not pty.child.closed:
            pty.child.close(force=True)


@pytest.fixture
def tmux(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """The command of a tmux with a server of its own, which ends with the test."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path_factory.mktemp("t")))  # a socket's path is short
    command = ["tmux", "-u", "-L", "linreg", "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], capture_output=True, check=False)
