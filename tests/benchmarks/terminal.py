"""A program in a real pty, with the time at which every piece of its output came."""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
APP = ("-m", "tui")
SIZE = (120, 40)
LIMIT = 60.0
"""Seconds to wait for what must come."""
ANSWER_SECONDS = 5.0
"""A key that nothing answers within this is not answered at all."""
QUIET = 0.2
"""Without output for so many seconds a screen has settled."""
PAUSE = 0.02
"""Without output for so many seconds there is time to look at what came."""

HEADINGS = {"1": "tensors in scope", "2": "largest stable", "3": "6 Parameters"}
"""Words that stand on one tab alone once it shows all there is, by its key."""
ENDLESS = ("--steps", "1000000000")

KEYS = {
    "space": " ",
    "left": "\x1b[D",
    "right": "\x1b[C",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "escape": "\x1b",
}


class Chunk(NamedTuple):
    """Some output, and when it came."""

    time: float
    data: bytes


class Answer(NamedTuple):
    """What a key led to."""

    seconds: float
    """From the key to the last byte."""
    bytes: int


class Terminal:
    """Reads all the time in a thread, so that the program never waits for us."""

    def __init__(self, child: pexpect.spawn, started: float) -> None:
        self.child = child
        self.started = started
        self.bytes = 0
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self._chunks: queue.SimpleQueue[Chunk | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self._screen.display)

    def press(self, key: str) -> float:
        """Send a key, by its character or name; returns when."""
        now = time.perf_counter()
        os.write(self.child.fileno(), KEYS.get(key, key).encode())
        return now

    def until(self, *wanted: str, limit: float = LIMIT) -> float:
        """When the output came with which all of `wanted` stood on the screen."""
        deadline = now = time.perf_counter()
        deadline += limit
        there = self._shows(wanted)
        while not there:
            chunk = self._next(deadline - time.perf_counter())
            if chunk is None:
                end = "" if self._reader.is_alive() else ", the program has ended"
                raise TimeoutError(f"{' and '.join(wanted)} never came{end}")
            # Shown in a pause: showing it would hold up the reader, which says when it came.
            for part in (chunk, *iter(lambda: self._next(PAUSE), None)):
                self.feed(part)
                if not there and (there := self._shows(wanted)):
                    now = part.time
        return now

    def _shows(self, words: Sequence[str]) -> bool:
        text = self.text
        return all(word in text for word in words)

    def settle(self, limit: float = LIMIT) -> float:
        """Take output until none comes; returns when the last of it came, 0 for none."""
        last = 0.0
        deadline = time.perf_counter() + limit
        while (chunk := self._next(QUIET)) is not None and chunk.time < deadline:
            last = chunk.time
            self.feed(chunk)
        return last

    def answer(self, key: str) -> Answer:
        """Press a key on a settled screen and wait until it has settled again."""
        before = self.bytes
        pressed = self.press(key)
        first = self._next(ANSWER_SECONDS)
        if first is None:
            raise TimeoutError(f"no answer to {key!r}")
        self.feed(first)
        last = max(self.settle(), first.time)
        return Answer(last - pressed, self.bytes - before)

    def wait(self, seconds: float) -> None:
        """Show what comes for so many seconds."""
        deadline = time.perf_counter() + seconds
        while (chunk := self._next(deadline - time.perf_counter())) is not None:
            self.feed(chunk)

    def collect(self, seconds: float) -> list[Chunk]:
        """The output of so many seconds, not shown yet: parsing it would cost CPU meanwhile."""
        deadline = time.perf_counter() + seconds
        chunks = []
        while (left := deadline - time.perf_counter()) > 0:
            chunk = self._next(left)
            if chunk is not None:
                chunks.append(chunk)
            elif not self._reader.is_alive():
                break
        return chunks

    def feed(self, chunk: Chunk) -> None:
        """Show output on the screen."""
        self.bytes += len(chunk.data)
        self._stream.feed(chunk.data)

    def _next(self, seconds: float) -> Chunk | None:
        try:
            return self._chunks.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None

    def _read(self) -> None:
        try:
            while data := os.read(self.child.fileno(), 1 << 16):
                self._chunks.put(Chunk(time.perf_counter(), data))
        except OSError:  # the program's end of the pty is closed
            self._chunks.put(None)


@contextmanager
def terminal(
    arguments: Sequence[str] = APP, environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Python with these arguments, in a pty of `SIZE` and with folders of its own."""
    columns, rows = SIZE
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        child = pexpect.spawn(
            sys.executable,
            list(arguments),
            dimensions=(rows, columns),
            cwd=str(ROOT),
            env={**surroundings(folder), **(environment or {})},
            timeout=LIMIT,
        )
        try:
            yield Terminal(child, started)
        finally:
            # On a busy machine one that is killed may take longer to go than pexpect waits.
            with suppress(pexpect.ExceptionPexpect):
                child.close(force=True)


@contextmanager
def app(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """The app at rest on its Graph tab, with torch there and the run prepared."""
    with terminal((*APP, *options), environment) as work:
        work.until(HEADINGS["1"], "torch 2", "Quit")
        work.press("2")
        work.until(HEADINGS["2"])
        work.settle()
        work.press("1")
        work.until(HEADINGS["1"])
        work.settle()
        yield work


def surroundings(folder: str) -> dict[str, str]:
    """The environment without what would change the app's behaviour, its files in `folder`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SSH_", "TEXTUAL", "TMUX", "XDG_", "LINREG", "NO_COLOR"))
    }
    homes = {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    return kept | homes | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
