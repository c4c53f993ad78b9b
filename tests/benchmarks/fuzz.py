"""Whatever comes from a terminal, in six kinds of them: nothing fails, nothing stands still."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from tests.benchmarks.figures import Figure, at_most
from tests.benchmarks.robust import GOOD, crashed, one, program
from tests.benchmarks.suite import benchmark
from tests.forks.forks import Forks
from tests.garbage import malformed, mouse, paste
from tests.keys import sendable
from tests.terminal.conftest import Pty
from tests.terminal.programs import leave

TERMS = ("xterm-256color", "tmux-256color", "screen", "linux", "xterm", "vt100")
THINGS = 100_000
A_START = 2_000
"""So many go to one program; then it must be left by escape and q."""
TOGETHER = 20
"""So many are sent at once."""
PAUSE = 0.05
"""Seconds until the next ones, in which what comes is shown."""


@benchmark("fuzz", "random keys, pastes, mouse and malformed sequences")
def fuzz(quick: bool, seed: int = 0) -> Iterator[Figure]:
    """The program is started again where it has been ended by a key, or has had enough.

    In each kind of terminal the first one is started from scratch, and keys come while it loads.
    """
    chance, wanted = random.Random(seed), (THINGS // 20 if quick else THINGS) // len(TERMS)
    sent = starts = stuck = 0
    crashes: list[str] = []
    with ExitStack() as used:
        folder = Path(used.enter_context(tempfile.TemporaryDirectory()))
        scripts = used.enter_context(closing(Forks(folder)))
        forks = used.enter_context(closing(Forks(folder, scripts)))
        for term in TERMS:
            left, fresh = wanted, True
            while left > 0:
                starts += 1
                count = min(left, A_START)
                try:
                    with program(TERM=term, forks=None if fresh else forks) as pty:
                        pty.until_text("Quit")
                        count = send(pty, chance, count)
                        leave(pty)
                        if not pty.over:
                            stuck += 1
                        elif crashed(pty) or pty.code not in GOOD:
                            crashes += ended(pty)
                except TimeoutError:
                    stuck += 1
                left, sent, fresh = left - count, sent + count, False
    how = f"{sent:,} in {len(TERMS)} kinds of terminal, {TOGETHER} at once; {starts} starts"
    for name, what, count in (
        ("exceptions", "any input: ended by an exception", len(crashes)),
        ("stuck", "any input: left by neither escape nor q", stuck),
    ):
        yield Figure(
            f"fuzz.{name}",
            what,
            ours=one(count),
            target=at_most(0),
            how=how,
            note="; ".join(crashes),
        )


def send(pty: Pty, chance: random.Random, most: int) -> int:
    """Send things until so many are sent or the program has ended; returns how many were."""
    known, sent = list(sendable().values()), 0
    while sent < most and not pty.over:
        things = [thing(chance, known) for _ in range(TOGETHER)]
        sent += len(things)
        with suppress(OSError):
            pty.send("".join(things).encode(errors="surrogateescape"))
        pty.pump(PAUSE)
    with suppress(OSError):
        pty.send("\x1b[201~")
    return sent


def thing(chance: random.Random, known: list[str]) -> str:
    """A key, rarely a paste, else something with the mouse or nothing that a terminal sends."""
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(known)
    if kind < 0.52:
        return paste(chance)
    return mouse(chance) if kind < 0.75 else malformed(chance)


def ended(pty: Pty) -> list[str]:
    """What the program said of its end."""
    said = re.findall(r"linreg-tui: .*", pty.output.decode(errors="replace"))
    return said or [f"exit code {pty.code}"]
