"""The whole program, as far as a test needs it before it begins."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.forks.forks import Forks
from tests.terminal.conftest import Pty, Start

ENDLESS = ("--steps", "100000000")
ELSEWHERE = """
import os, runpy, sys
_, terminal, module = sys.argv[:3]
os.dup2(os.open(terminal, os.O_RDWR | os.O_NOCTTY), 0)
sys.argv[1:3] = []
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


class TypedElsewhere(Pty):
    """A module that reads from another terminal than the one it draws on."""

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        environ: dict[str, str],
        size: tuple[int, int],
        forks: Forks | None = None,
    ) -> None:
        """`arguments` are the module's name and what it is given."""
        self._master, slave = os.openpty()
        command = ["-c", ELSEWHERE, os.ttyname(slave), *arguments]
        super().__init__(command, folder, environ, size, forks)
        self._slave = slave

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def end_input(self) -> None:
        """There is nothing more to read."""
        os.close(self._slave)
        os.close(self._master)


def program(start: Start, *arguments: str, **options: object) -> Pty:
    """It has been started, and nothing more."""
    return start("-m", "tui", *arguments, **options)


def taken(pty: Pty) -> bool:
    """Whether it has begun to draw."""
    return b"\x1b[?1049h" in pty.output


def ready(pty: Pty) -> Pty:
    """Until torch is loaded and the run is there."""
    pty.until_text("cpu · float32")
    return pty


def training(start: Start, size: tuple[int, int] = (100, 30)) -> Pty:
    """The Train tab, running flat out."""
    return train(program(start, *ENDLESS, size=size, COLUMNS="80", LINES="24"))


def train(pty: Pty) -> Pty:
    """To the Train tab of a program that has just begun, and flat out."""
    ready(pty).send("2")
    pty.until_text("space plays")
    pty.pump(0.2)  # what has been prepared is told in two messages
    pty.send("c")
    pty.until(lambda: "running" in pty.text and iteration(pty) > 0)
    return pty


def iteration(pty: Pty) -> int:
    """What the Train tab says of it."""
    found = re.search(r"iteration +([\d,]+) of", pty.text)
    return int(found[1].replace(",", "")) if found else -1


def leave(pty: Pty) -> None:
    """Escape and q, as often as there are dialogs on top of each other.

    The escape is that of terminals which tell it apart: of another one that a q follows soon a
    busy program makes alt+q.
    """
    for _ in range(70):
        pty.send("\x1b[27uq")
        for _ in range(15):
            pty.pump()
            if pty.over:
                return
