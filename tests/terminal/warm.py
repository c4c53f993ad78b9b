"""Python programs that need not import what all of them import.

A server has imported torch and the screen and parsed the stylesheets, and nothing more; for every
program it forks. Run as a module it is the server: it takes requests until the other end of its
socket is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
MODULES = (
    *("torch", "plotext", "engine.script.recorder", "tui.app.app", "tui.cli.open_app"),
    *("tui.process.guard", "tui.process.embedded", "tui.train.pane", "tui.chart.pane"),
    *("engine.training.closed_form", "engine.training.descent", "engine.training.device"),
    *("engine.training.extended_fit", "engine.training.iteration_tracer", "engine.training.fork"),
    "torch.fx.experimental.symbolic_shapes",  # which a backward pass of a vector imports
)
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""No library may start threads before the fork, which would not be there after it."""
NUMBER = struct.Struct("i")
"""What a program's keeper says: its number, and later its exit code."""
READ_AT_START = ("PYTHON", "TEXTUAL_")
"""Variables that begin like this are read once, when Python starts or Textual is imported."""


class Warm:
    """The server, as its users see it; it starts with the first program."""

    def __init__(self) -> None:
        self._environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._control, self._other = socket.socketpair()
        self._server: subprocess.Popen[bytes] | None = None

    def suits(self, arguments: list[str], environ: Mapping[str, str]) -> bool:
        """Whether a program would notice nothing: Python's arguments and the environment."""
        return arguments[0] in ("-m", "-c") and _at_start(environ) == _at_start(self._environ)

    def start(
        self, terminal: int, arguments: list[str], folder: Path, environ: Mapping[str, str]
    ) -> Forked:
        """A new program in a terminal, which it shall have for itself."""
        if self._server is None:
            self._server = self._started()
        mine, keeper = socket.socketpair()
        request = json.dumps([arguments, str(folder), dict(environ)]).encode() + b"\n"
        with keeper:
            socket.send_fds(self._control, [request], [terminal, keeper.fileno()])
        return Forked(mine)

    def close(self) -> None:
        """End the server, and wait for that."""
        self._other.close()
        self._control.close()
        if self._server is not None:
            self._server.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._other:
            return subprocess.Popen(
                [sys.executable, "-m", __name__, str(self._other.fileno())],
                cwd=ROOT,
                env={**self._environ, **ALONE},
                pass_fds=[self._other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )


class Forked:
    """A program of the server; the interface is that of `subprocess.Popen`."""

    def __init__(self, keeper: socket.socket) -> None:
        self._keeper = keeper
        (self.pid,) = NUMBER.unpack(keeper.recv(NUMBER.size))
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, if there is one yet; of a signal, its negative number."""
        if self._code is None:
            with contextlib.suppress(BlockingIOError):
                (self._code,) = NUMBER.unpack(self._keeper.recv(NUMBER.size, socket.MSG_DONTWAIT))
                self._keeper.close()
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal, where the program is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)


def take_terminal() -> None:
    """Make descriptor 0, in a new session, its terminal, and hear when that is cut.

    Also where the tests themselves run under something like nohup.
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _at_start(environ: Mapping[str, str]) -> object:
    """What Python and Textual make of the environment when they start."""
    locale = next(
        (environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "UTF-8"
    )
    read = {name: value for name, value in environ.items() if name.startswith(READ_AT_START)}
    return locale.endswith("UTF-8"), read


def serve(control: socket.socket) -> list[str]:
    """Fork for every request; returns only in a program, with Python's arguments for it."""
    keepers: list[int] = []
    while True:
        request, files, *_ = socket.recv_fds(control, 1 << 20, 2)
        if not request:
            for keeper in keepers:
                os.waitpid(keeper, 0)
            os._exit(0)
        while not request.endswith(b"\n"):
            request += control.recv(1 << 20)
        keepers = [keeper for keeper in keepers if os.waitpid(keeper, os.WNOHANG) == (0, 0)]
        keepers.append(os.fork())
        if keepers[-1] == 0:
            control.close()
            arguments, folder, environ = json.loads(request)
            keep(*files)
            become(folder, environ)
            return list(arguments)
        for file in files:
            os.close(file)


def keep(terminal: int, answers: int) -> None:
    """Fork the program, and wait for its end; returns in the program."""
    program = os.fork()
    if program:
        os.close(terminal)
        os.write(answers, NUMBER.pack(program))
        _, status = os.waitpid(program, 0)
        os.write(answers, NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os._exit(0)
    os.close(answers)
    os.setsid()
    for standard in (0, 1, 2):
        os.dup2(terminal, standard)
    os.close(terminal)
    take_terminal()


def become(folder: str, environ: Mapping[str, str]) -> None:
    """Take the place of a process that has just been started."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for name, file in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        errors = "backslashreplace" if name == "stderr" else "strict"
        stream = open(  # noqa: SIM115
            file, "w" if file else "r", 1, encoding="utf-8", errors=errors, closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run(arguments: list[str]) -> None:
    """As Python does what it is asked by `-m` or `-c`."""
    kind, what, *rest = arguments
    sys.argv = [kind, *rest]
    if kind == "-m":
        sys.path[0] = str(Path.cwd())
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = ""
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), vars(main))


def parse_stylesheets() -> None:
    """Show the app once, on no terminal and without torch's threads, which no fork would have."""
    from tests.tui import stylesheets
    from tui.app.app import LinregApp

    over = threading.Event()

    async def show() -> None:
        app = LinregApp()
        app.bench.load_engine = lambda *_, **__: str(over.wait())
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            app.workers.cancel_all()
        over.set()

    stylesheets.share()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        asyncio.run(show())


if __name__ == "__main__":
    for module in MODULES:
        import_module(module)
    parse_stylesheets()
    run(serve(socket.socket(fileno=int(sys.argv[1]))))
