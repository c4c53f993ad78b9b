"""Work in a process of its own: its memory is its own, and it can be stopped in the middle.

Not by `multiprocessing`, whose children TorchLens refuses to trace in.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.measuring import Sample, TooSlowError, UnavailableError

START_SECONDS = 60.0
"""For imports, and for making what the work needs."""

Work = Callable[[], object]


class Child:
    """A sampler whose work is done elsewhere, each time within `limit` seconds."""

    def __init__(self, make: Callable[..., Work], *arguments: object, limit: float = 60.0) -> None:
        """`make(*arguments)` is called there once and returns the work.

        Arguments and results must be picklable, and `make` a function of a module.
        """
        self._make, self._arguments, self._limit = make, arguments, limit

    def __enter__(self) -> Self:
        self._pipe, theirs = Pipe()
        handle = theirs.fileno()
        code = f"from tests.benchmarks.children import serve; serve({handle})"
        command = [sys.executable, "-c", code]
        self._process = subprocess.Popen(command, pass_fds=[handle], start_new_session=True)
        theirs.close()
        self._pipe.send((self._make, self._arguments))
        self._started = self._answer(START_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        # With what it started: a `dot` left behind would take a core from all later figures.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __call__(self) -> Sample:
        """Seconds and result of one call; raises TooSlowError and UnavailableError."""
        if isinstance(self._started, str):
            raise UnavailableError(self._started)
        self._pipe.send(None)
        answer = self._answer(self._limit)
        if isinstance(answer, str):
            raise UnavailableError(answer)
        seconds, result = answer
        return seconds, result

    def _answer(self, limit: float) -> Any:
        """A pair, or in words why there is none."""
        try:
            if self._pipe.poll(limit):
                return self._pipe.recv()
        except (EOFError, ConnectionError):
            return f"its process ended with exit code {self._process.wait()}"
        raise TooSlowError(limit)


def serve(handle: int) -> None:
    """The child's side: make the work, then do it as often as asked."""
    pipe: Connection[Any, Any] = Connection(handle)
    try:
        make, arguments = pipe.recv()
        work = make(*arguments)
        pipe.send((0.0, None))
        while True:
            pipe.recv()
            gc.collect()
            began = time.perf_counter()
            result = work()
            pipe.send((time.perf_counter() - began, result))
    except EOFError:
        return
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        pipe.send(f"{type(error).__name__}: {reason}"[:120])
