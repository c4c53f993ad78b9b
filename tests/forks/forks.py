"""The server's side that tests see: `Forks`, which all processes of a test run share."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from engine.recording.records import Recording
from tests.forks.server import LOCALE, NUMBER, START, Request

ROOT = Path(__file__).parents[2]
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""No library may start threads before the fork, which would not be there after it."""
RecordForked = Callable[..., Recording]
"""Takes what `record_isolated` takes."""
RecordText = Callable[[str], Recording]
"""Records a script of a text."""
READ_AT_START = ("PYTHON", "TEXTUAL_")
"""Variables that begin like this are read once, when Python starts or Textual is imported."""


class Forks:
    """Starts programs in place of `subprocess.Popen`; the server starts with the first one.

    The one for apps is a program of the one for scripts: torch is imported once.
    """

    def __init__(self, folder: Path, scripts: Forks | None = None) -> None:
        """All that have the same folder share a server, which ends with the last of them."""
        self._path = folder / ("app.socket" if scripts else "script.socket")
        self._scripts = scripts
        self._server: socket.socket | None = None
        self._environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    def suits(self, arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
        """Whether a program would notice nothing: Python's arguments and the environment."""
        return arguments[0] in ("-m", "-c") and _at_start(environ) == _at_start(self._environ)

    def popen(
        self,
        command: Sequence[str],
        *,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        cwd: Path | str | None = None,
        env: Mapping[str, str] | None = None,
        start_new_session: bool = False,
        pass_fds: Sequence[int] = (),
        terminal: bool = False,
    ) -> Forked:
        """Start Python as `subprocess.Popen` does; with `terminal` that of stdin is its own."""
        assert command[0] == sys.executable
        mine, answers = socket.socketpair()
        with contextlib.ExitStack() as used:
            used.enter_context(answers)
            standard, output = _standard(used, stdin, stdout, stderr)
            request = Request(
                list(command[1:]),
                str(cwd or Path.cwd()),
                dict(os.environ if env is None else env),
                [0, 1, 2, *pass_fds],
                os.getpid(),
                session=start_new_session,
                terminal=terminal,
            )
            request.send(self._connected(), answers.fileno(), [*standard, *pass_fds])
        return Forked(mine, output)

    def run(
        self, command: Sequence[str], *, typed: str = "", **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run Python to its end; what it prints is caught."""
        with contextlib.ExitStack() as used:
            keys, printed, errors = (
                used.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3)
            )
            keys.write(typed)
            keys.seek(0)
            files = {"stdin": keys, "stdout": printed, "stderr": errors}
            options |= {name: file.fileno() for name, file in files.items()}
            code = self.popen(command, **options).wait()
            for file in (printed, errors):
                file.seek(0)
            return subprocess.CompletedProcess(command, code, printed.read(), errors.read())

    def close(self) -> None:
        """Need the server no more."""
        if self._server is not None:
            self._server.close()

    def _connected(self) -> socket.socket:
        if self._server is None:
            self._server = socket.socket(socket.AF_UNIX)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                try:
                    self._server.connect(str(self._path))
                except OSError:  # there is none, or none any more
                    self._path.unlink(missing_ok=True)
                    with socket.socket(socket.AF_UNIX) as listening:
                        listening.bind(str(self._path))
                        listening.listen()
                        self._server.connect(str(self._path))
                        self._begin(listening.fileno())
        return self._server

    def _begin(self, listening: int) -> None:
        kind = "script" if self._scripts is None else "app"
        command = [sys.executable, "-c", START, str(listening), kind]
        popen = subprocess.Popen if self._scripts is None else self._scripts.popen
        process = popen(
            command,
            cwd=ROOT,
            env={**self._environ, **ALONE},
            pass_fds=[listening],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        process.wait()  # it leaves the server behind, which may outlive this process


class Forked:
    """A program of the server; the interface is that of `subprocess.Popen`."""

    def __init__(self, answers: socket.socket, output: IO[bytes] | None) -> None:
        self.stdout = output
        self.returncode: int | None = None
        self._answers = answers
        (self.pid,) = NUMBER.unpack(answers.recv(NUMBER.size))

    def poll(self) -> int | None:
        """The exit code, if there is one yet; of a signal, its negative number."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code; raises TimeoutExpired as `Popen` does."""
        if self.returncode is None:
            self._answers.settimeout(timeout)
            try:
                (self.returncode,) = NUMBER.unpack(self._answers.recv(NUMBER.size))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("a fork", timeout or 0) from None
            self._answers.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, where the program is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _standard(
    used: contextlib.ExitStack, stdin: int | None, stdout: int | None, stderr: int | None
) -> tuple[list[int], IO[bytes] | None]:
    """What becomes descriptors 0, 1 and 2, and where what goes into a pipe comes out."""
    output: IO[bytes] | None = None

    def opened(wanted: int | None, own: int) -> int:
        if wanted != subprocess.DEVNULL:
            return own if wanted is None else wanted
        nothing = os.open(os.devnull, os.O_RDWR)
        used.callback(os.close, nothing)
        return nothing

    if stdout == subprocess.PIPE:
        reader, stdout = os.pipe()
        used.callback(os.close, stdout)
        output = os.fdopen(reader, "rb", 0)
    printed = opened(stdout, 1)
    errors = printed if stderr == subprocess.STDOUT else opened(stderr, 2)
    return [opened(stdin, 0), printed, errors], output


def _at_start(environ: Mapping[str, str]) -> object:
    """What Python and Textual make of the environment when they start."""
    locale = next((environ[name] for name in LOCALE if environ.get(name)), "UTF-8")
    read = {name: value for name, value in environ.items() if name.startswith(READ_AT_START)}
    return locale.endswith("UTF-8"), read
