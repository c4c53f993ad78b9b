"""Programs in a real terminal: a pty whose bytes are kept, and a screen they are drawn on."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyte
import pytest

from tests.forks.forks import ROOT, Forked, Forks
from tests.forks.server import take_terminal

PATIENCE = 30.0
"""Seconds until a test gives up: a bound for a busy machine, not an expectation."""

REPLACE = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
"""Has `Start`, which starts Python, start another program."""

Start = Callable[..., "Pty"]


class Pty:
    """One program in one terminal."""

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        environ: dict[str, str],
        size: tuple[int, int],
        forks: Forks | None = None,
    ) -> None:
        """Without forks, or where these do not suit, Python starts from scratch."""
        columns, rows = size
        self.folder = folder
        self.output = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._text: str | None = None
        self._undrawn: list[bytes] = []
        """What has come since somebody looked at the screen."""
        self.terminal, inside = os.openpty()
        """Our side of it."""
        termios.tcsetwinsize(self.terminal, (rows, columns))
        command = [sys.executable, *arguments]
        options: dict[str, Any] = {
            **dict.fromkeys(("stdin", "stdout", "stderr"), inside),
            "env": environ,
            "cwd": folder,
            "start_new_session": True,
        }
        self._program: Forked | subprocess.Popen[bytes]
        if forks is not None and forks.suits(arguments, environ):
            self._program = forks.popen(command, terminal=True, **options)
        else:
            self._program = subprocess.Popen(command, preexec_fn=take_terminal, **options)
        os.close(inside)
        os.set_blocking(self.terminal, False)
        self._readable = select.poll()
        self._readable.register(self.terminal, select.POLLIN)

    @property
    def process(self) -> int:
        """Its number."""
        return self._program.pid

    @property
    def over(self) -> bool:
        """Whether the program has ended."""
        return self._program.poll() is not None

    @property
    def text(self) -> str:
        """What is on the screen."""
        self._draw()
        if self._text is None:
            self._text = "\n".join(self._screen.display)
        return self._text

    @property
    def cells(self) -> Mapping[int, Mapping[int, pyte.screens.Char]]:
        """What is on the screen, by row and column, with its style."""
        self._draw()
        return self._screen.buffer

    @property
    def code(self) -> int:
        """The exit code, as a shell sees it."""
        self.until(lambda: self.over)
        self.pump()
        code = self._program.poll() or 0
        return code if code >= 0 else 128 - code

    def pump(self, seconds: float = 0.02) -> None:
        """Read what is there, or what comes in that time."""
        data = b""
        try:
            while self._readable.poll(0 if data else seconds * 1000):
                data += os.read(self.terminal, 1 << 16)
        except OSError:  # the program has closed its side
            time.sleep(0.001)
        if data:
            self.output += data
            self._undrawn.append(data)

    def _draw(self) -> None:
        if self._undrawn:
            self._stream.feed(b"".join(self._undrawn))
            self._undrawn, self._text = [], None

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
        """Type, and read meanwhile: a program that waits to be read takes no more keys."""
        left = keys.encode() if isinstance(keys, str) else keys
        give_up = time.monotonic() + PATIENCE
        while left and not self.over:
            try:
                left = left[os.write(self.terminal, left) :]
            except BlockingIOError:
                if time.monotonic() > give_up:
                    pytest.fail(f"it takes no keys; on the screen:\n{self.text}")
                self.pump()

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self._program.send_signal(number)

    def cut(self) -> int:
        """Close the terminal under the program; its exit code."""
        self._close_terminal()
        give_up = time.monotonic() + PATIENCE
        while (code := self._program.poll()) is None:
            if time.monotonic() > give_up:
                pytest.fail("it outlived its terminal")
            time.sleep(0.01)
        return code

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        self._draw()
        self._screen.resize(rows, columns)
        self._text = None
        termios.tcsetwinsize(self.terminal, (rows, columns))

    def close(self) -> None:
        """End all of it."""
        if not self.over:
            self.kill(signal.SIGKILL)
        while not self.over:
            time.sleep(0.01)
        self._close_terminal()

    def _close_terminal(self) -> None:
        if self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1

    @property
    def restored(self) -> bool:
        """Whether the last word on every mode was to switch it off."""
        return not self.left_on

    @property
    def left_on(self) -> set[bytes]:
        """The modes on which the last word was another one, or none."""
        off = {b"1049": b"l", b"25": b"h", b"1000": b"l", b"1003": b"l", b"2004": b"l"}
        last = {mode: self.output.rfind(b"\x1b[?%s" % mode) for mode in off}
        return {
            mode
            for mode, at in last.items()
            if at < 0 or self.output[at + 3 + len(mode) :][:1] != off[mode]
        }


@pytest.fixture(scope="session")
def apps(run_folder: Path, forks: Forks) -> Iterator[Forks]:
    """Starts Python programs that have the screen as well."""
    apps = Forks(run_folder, forks)
    yield apps
    apps.close()


@pytest.fixture
def start(tmp_path: Path, apps: Forks) -> Iterator[Start]:
    """Starts programs in terminals, with folders of their own for what they keep.

    `fresh` ones import all by themselves.
    """
    started: list[Pty] = []

    def begin(
        *arguments: str,
        size: tuple[int, int] = (100, 30),
        kind: type[Pty] = Pty,
        fresh: bool = False,
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
        given = {name: value for name, value in merged.items() if value is not None}
        pty = kind(list(arguments), tmp_path, given, size, None if fresh else apps)
        started.append(pty)
        return pty

    yield begin
    for pty in started:
        pty.close()


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
