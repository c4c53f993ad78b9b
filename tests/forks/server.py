"""The server: has imported what programs import, and nothing more, and forks for every request.

It serves on a listening socket, until nobody is connected.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import fcntl
import gc
import io
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TextIO, cast

from engine.own_builtins import keep_builtins

MODULES = {
    "script": (
        *("torch", "numpy", "engine.script.process.run_script"),
        *("torch.fx.experimental.symbolic_shapes", "torch.optim"),
    ),
    "app": (
        *(
            "plotext",
            "tui.app.app",
            "tui.cli.start.open_app",
            "tui.process.guard",
            "tui.process.embedded",
        ),
        *("tui.train.pane", "tui.chart.pane", "engine.script.recorder"),
        *("engine.training.closed_form", "engine.training.descent", "engine.training.device"),
        *("engine.training.extended_fit", "engine.training.iteration_tracer"),
        "engine.training.fork",
    ),
}
START = """
import os, sys
from tests.forks import server
if os.fork() == 0:  # nobody waits for the server
    program = server.begin(int(sys.argv[1]), sys.argv[2])
    try:
        program()
    except SystemExit as exit_:
        server.end(exit_.code)
    except Exception as error:
        server.end(server.uncaught(error))
    server.end(None)
"""
"""What Python is started with, after `-c`: in programs no frame on the stack is of a file."""
Program = Callable[[], object]
NUMBER = struct.Struct("i")
"""What is answered: a program's number, and later its exit code."""
LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""The first one that is set is the locale."""
NO_LOCALE = ("C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8")
MAX_REQUEST, MAX_FILES = 1 << 20, 16
ABOVE = 100
"""Descriptors of a request are put above this, so that none is where another shall be."""


@dataclass(frozen=True)
class Request:
    """A program to be started, as Python is: its arguments, which begin with -m or -c."""

    arguments: list[str]
    folder: str
    environ: dict[str, str]
    descriptors: list[int]
    """What the files that are sent, but for the first, shall be in the program."""
    parent: int
    """Who asks for it, and for its parent."""
    session: bool = False
    terminal: bool = False
    """Whether descriptor 0 shall be its terminal."""

    def send(self, to: socket.socket, answers: int, files: list[int]) -> None:
        """Send the request, with the descriptors."""
        socket.send_fds(to, [json.dumps(asdict(self)).encode() + b"\n"], [answers, *files])


def take_terminal() -> None:
    """Make descriptor 0, in a new session, its terminal, and hear when that is cut.

    Also where the tests themselves run under something like nohup.
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Server:
    """Forks programs, and tells who asked for each how it ended."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._asking: dict[int, socket.socket] = {}
        self._programs: dict[int, int] = {}
        """Where each process is answered for."""
        self._ended, self._wake = socket.socketpair()

    def serve(self) -> Program:
        """Serve until nobody is connected; returns only in a program."""
        for end in (self._ended, self._wake, self._listening):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno())
        while True:
            listening, ended = self._listening.fileno(), self._ended.fileno()
            ready, *_ = select.select([listening, ended, *self._asking], [], [])
            if listening in ready:
                client = self._listening.accept()[0]
                self._asking[client.fileno()] = client
            if ended in ready:
                self._ended.recv(MAX_REQUEST)
                self._bury()
            for number in self._asking.keys() & set(ready):
                program = self._answer(self._asking[number])
                if program is not None:
                    return program
            if ready and not self._asking:
                os._exit(0)

    def _answer(self, client: socket.socket) -> Program | None:
        """Fork, if there is a request; returns something in the program."""
        try:
            received, files, *_ = socket.recv_fds(client, MAX_REQUEST, MAX_FILES)
        except ConnectionResetError:  # a process that has been killed
            received = b""
        if not received:
            del self._asking[client.fileno()]
            client.close()
            return None
        while not received.endswith(b"\n"):
            received += client.recv(MAX_REQUEST)
        request = Request(**json.loads(received))
        answers, *given = files
        program = os.fork()
        if program == 0:
            self._leave()
            become(request, given)
            return asked(request.arguments)
        for file in given:
            os.close(file)
        tell(answers, program)
        self._programs[program] = answers
        return None

    def _bury(self) -> None:
        """Say how those ended that have."""
        for program in list(self._programs):
            number, status = os.waitpid(program, os.WNOHANG)
            if number:
                answers = self._programs.pop(program)
                tell(answers, os.waitstatus_to_exitcode(status))
                os.close(answers)

    def _leave(self) -> None:
        """Have nothing of the server: its descriptors may be another's soon."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._ended, self._wake, self._listening, *self._asking.values()):
            end.detach()


def tell(answers: int, number: int) -> None:
    """Answer; nobody need be there any more, as where a test has failed or its process is gone."""
    with contextlib.suppress(BrokenPipeError):
        os.write(answers, NUMBER.pack(number))


def become(request: Request, files: list[int]) -> None:
    """Take the place of a process that has just been started."""
    above = [fcntl.fcntl(file, fcntl.F_DUPFD, ABOVE) for file in files]
    os.closerange(3, ABOVE)
    for file, descriptor in zip(above, request.descriptors, strict=True):
        os.dup2(file, descriptor)
    os.closerange(ABOVE, ABOVE + MAX_FILES)
    if request.session:
        os.setsid()
    if request.terminal:
        take_terminal()
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environ)
    own, parent_of = os.getpid(), os.getppid
    os.getppid = lambda: request.parent if os.getpid() == own else parent_of()
    for file, name in enumerate(("stdin", "stdout", "stderr")):
        stream = standard(file, name, request.environ)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def standard(file: int, name: str, environ: Mapping[str, str]) -> TextIO:
    """A standard stream as Python opens it where the locale is one of UTF-8."""
    unbuffered = bool(environ.get("PYTHONUNBUFFERED"))
    locale = next((environ[at] for at in LOCALE if environ.get(at)), "C")
    errors = "surrogateescape" if locale in NO_LOCALE else "strict"
    mode = "w" if file else "r"
    stream: Any = open(  # noqa: SIM115
        file, f"{mode}b", 0 if unbuffered and file else -1, closefd=False
    )
    getattr(stream, "raw", stream).name = f"<{name}>"
    text: Any = io.TextIOWrapper(
        stream,
        encoding="utf-8",
        errors="backslashreplace" if name == "stderr" else errors,
        line_buffering=not unbuffered and (name == "stderr" or stream.isatty()),
        write_through=unbuffered,
    )
    text.mode = mode
    return cast(TextIO, text)


def asked(arguments: list[str]) -> Program:
    """What Python does when it is asked by `-m` or `-c`, after a flag that a fork can take."""
    while arguments[0] == "-B":
        sys.dont_write_bytecode, arguments = True, arguments[1:]
    kind, what, *rest = arguments
    sys.argv = [kind, *rest]
    if kind == "-m":
        sys.path[0] = str(Path.cwd())
        return partial(runpy.run_module, what, run_name="__main__", alter_sys=True)
    sys.path[0] = ""
    main = sys.modules["__main__"] = ModuleType("__main__")
    return partial(exec, compile(what, "<string>", "exec"), vars(main))


def uncaught(error: Exception) -> int:
    """Say it as Python does; the exit code."""
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next
    sys.excepthook(type(error), error, error.__traceback__)
    return 1


def end(code: object) -> NoReturn:
    """End as Python does, but leave it to the system to free what was imported."""
    vars(threading)["_shutdown"]()
    atexit._run_exitfuncs()
    if not (code is None or isinstance(code, int)):
        print(code, file=sys.stderr)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError, OSError):  # closed, or nobody reads it
            stream.flush()
    os._exit((code or 0) & 0xFF)


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


def begin(listening: int, kind: str) -> Program:
    """Import, and serve; returns only in a program."""
    if kind == "script":
        keep_builtins()  # as where Python is started for a script
    for module in MODULES[kind]:
        import_module(module)
    gc.freeze()  # as it is while a script runs
    if kind == "app":
        parse_stylesheets()
        gc.unfreeze()
    return Server(socket.socket(fileno=listening)).serve()
