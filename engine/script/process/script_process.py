"""The process of a script that is cut off from the terminal, as it is seen from outside.

It may be started before there is a script for it: it loads torch meanwhile, which takes most of
the time that a short script takes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import IO

from engine.recording.pass_plan import Plan
from engine.script.process.child import Order, Popen, ScriptCall, order, start
from engine.script.process.process_tree import PATIENCE
from engine.script.unseen.captured_output import OUTPUT_LIMIT

GRACE_SECONDS = 1.0
"""How long to wait for the rest of the output of a dead child, should another hold its pipe."""


class ScriptProcess:
    """A process, with a folder for what passes between it and this one; it has to be closed.

    All that it starts ends with it, and it ends with this process. It is cut off from the
    terminal: its descriptors 0, 1 and 2 lead to an empty stdin and to a pipe.
    """

    def __init__(self, popen: Popen = subprocess.Popen) -> None:
        self._popen = popen
        self._temporary = tempfile.TemporaryDirectory(prefix="linreg-tui-")
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = self._orders = -1
        """Our ends of the pipes to which it listens; -1 where they are closed."""
        self._printed = bytearray()
        self._listener: threading.Thread | None = None

    @property
    def folder(self) -> Path:
        """Removed when this is closed; what is being read there may stay open."""
        return Path(self._temporary.name)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started last, running or not."""
        assert self._process is not None
        return self._process

    @property
    def printed(self) -> str:
        """What it has printed past its recording, as far as it was listened to."""
        return self._printed.decode(errors="replace")

    def prepare(self) -> None:
        """Start Python, which loads torch and then waits for `run`."""
        listening, self._orders = os.pipe()
        _pipes.add(self._orders)
        try:
            self._start(None, listening)
        finally:
            os.close(listening)

    def run(self, call: ScriptCall, plan: Plan, recording: Path) -> None:
        """Run a script: in the process that waits or, where none does any more, in a new one."""
        ordered = order(call, plan, recording, quiet=True)
        if self._process is not None and self._process.poll() is not None:
            self.end()
        if self._process is None or self._orders < 0:
            self._start(ordered, None)
            return
        orders, self._orders = self._orders, _let_go(self._orders)
        with contextlib.suppress(BrokenPipeError), os.fdopen(orders, "wb") as pipe:
            pipe.write(json.dumps(ordered).encode())

    def listen(self) -> None:
        """Read in a thread what it prints, until `end`."""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def end(self) -> None:
        """End the process and all that it has started: the one above the script sees to it."""
        if self._lifeline >= 0:
            with contextlib.suppress(BrokenPipeError):  # all has ended
                os.write(self._lifeline, b".")
            self._lifeline = _closed(self._lifeline)
            try:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(2 * PATIENCE)
            finally:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                self._hear_the_end()
        self._orders = _closed(self._orders)

    def close(self) -> None:
        """End what runs, and remove the folder."""
        try:
            self.end()
        finally:
            self._temporary.cleanup()

    def let_go(self) -> None:
        """End a process that waits, without waiting for that: it removes the folder, too."""
        self._output.close()
        self._lifeline = _closed(self._lifeline)
        self._orders = _closed(self._orders)

    def _listen(self) -> None:
        while data := os.read(self._output.fileno(), 1 << 16):
            self._printed += data[: OUTPUT_LIMIT - len(self._printed)]

    def _hear_the_end(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.join(GRACE_SECONDS)
        if listener is None or not listener.is_alive():
            self._output.close()

    @property
    def _output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def _start(self, ordered: Order | None, orders: int | None) -> None:
        end, self._lifeline = os.pipe()
        _pipes.add(self._lifeline)
        try:
            self._process = start(
                ordered,
                orders=orders,
                lifeline=end,
                temporary=self.folder,
                popen=self._popen,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(end,) if orders is None else (end, orders),
            )
        except BaseException:
            self._lifeline = _closed(self._lifeline)
            self._orders = _closed(self._orders)
            raise
        finally:
            os.close(end)


_pipes: set[int] = set()
"""Our ends of the pipes of all processes that run or wait."""


def _closed(pipe: int) -> int:
    if pipe >= 0:
        _let_go(pipe)
        os.close(pipe)
    return -1


def _let_go(pipe: int) -> int:
    _pipes.discard(pipe)
    return -1


def _in_a_fork() -> None:
    """Hold no process alive."""
    while _pipes:
        os.close(_pipes.pop())


os.register_at_fork(after_in_child=_in_a_fork)
