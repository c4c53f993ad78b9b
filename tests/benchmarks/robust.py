"""What it survives: any keys, being killed while it saves, and being told to go at any moment."""

from __future__ import annotations

import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.sessions.session import SessionError
from engine.sessions.storage import load, save
from tests.benchmarks.figures import Figure, Samples, at_least, at_most
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import ROOT, SIZE, surroundings
from tests.engine.script.process.test_process_tree import FAMILY, MEMBERS, noted, running
from tests.engine.sessions.examples import trained
from tests.engine.sessions.saving import killed_while_saving
from tests.forks.forks import Forks
from tests.keys import sendable
from tests.terminal.conftest import Pty
from tests.terminal.programs import ENDLESS, TypedElsewhere, leave, ready, taken, train

KEYS = 10_000
KILLS = 100
PAUSE = 0.005
"""Seconds between two keys, in which what comes is shown."""
GOOD = (0, 128 + signal.SIGINT)
"""Exit codes: a ctrl+c may come when the terminal has its modes back and makes a signal of it."""
SECONDS = 2.0
"""Within which the program has to be gone."""


@benchmark("robust.keys", "random keys in a real terminal")
def keys(quick: bool) -> Iterator[Figure]:
    """All that something is bound to; the program is started again where they have ended it."""
    chance, known = random.Random(0), list(sendable().values())
    wanted = KEYS // 20 if quick else KEYS
    pressed = starts = stuck = 0
    crashes: list[str] = []
    while pressed < wanted:
        with program() as pty:
            starts += 1
            ready(pty)
            while pressed < wanted and not pty.over:
                press(pty, chance.choice(known))
                pressed += 1
            if not pty.over:
                leave(pty)
            if not pty.over:
                stuck += 1
            elif crashed(pty) or pty.code not in GOOD:
                crashes += re.findall(r"linreg-tui: .*", pty.output.decode(errors="replace")) or [
                    ""
                ]
    how = f"{pressed:,} keys of {len(known)} kinds, {PAUSE * 1000:g} ms apart; {starts} starts"
    for name, what, count in (
        ("exceptions", "random keys: ended by an exception", len(crashes)),
        ("stuck", "random keys: left by neither escape nor q", stuck),
    ):
        figure = Figure(f"robust.keys.{name}", what, ours=one(count), target=at_most(0), how=how)
        yield replace(figure, note="; ".join(crashes))


@benchmark("robust.kills", "SIGKILL while a session is saved")
def kills(quick: bool) -> Iterator[Figure]:
    """Whether the file opens then, and holds what had been saved last or was being saved."""
    times, chance = KILLS // 20 if quick else KILLS, random.Random(0)
    opened = latest = 0
    with tempfile.TemporaryDirectory() as folder:
        path, session = Path(folder) / "session.json", trained(300)
        save(path, session)
        for _ in range(times):
            told = killed_while_saving(path, chance.uniform(0.0, 0.05))
            try:
                found = load(path).pace
            except SessionError:
                save(path, session)
            else:
                opened += 1
                latest += found in (told, told + 1)
    how = f"{times} times, each up to 50 ms after the first of many saves"
    for name, what, count in (
        ("open", "killed while saving: the file opens", opened),
        ("latest", "killed while saving: no finished save is lost", latest),
    ):
        yield Figure(f"robust.kills.{name}", what, ours=one(count), target=at_least(times), how=how)


@benchmark("robust.hangups", "told to go, or cut off, at any moment")
def hangups(quick: bool) -> Iterator[Figure]:
    """In every way at every moment; quick: in another way at each."""
    every = list(product(MOMENTS, WAYS))
    ended = [hung_up(moment, way) for moment, way in (every[:: len(WAYS) + 1] if quick else every)]
    how = f"{len(ended)} times: {', '.join(WAYS)}; {', '.join(MOMENTS)}"
    yield Figure(
        "robust.hangups.seconds",
        "from a hang-up to the end, longest",
        "s",
        Samples(tuple(end.seconds for end in ended), 100),
        target=at_most(SECONDS),
        how=how,
    )
    yield Figure(
        "robust.hangups.right",
        "hang-ups: exit code right, terminal put back",
        ours=one(sum(end.right for end in ended)),
        target=at_least(len(ended)),
        how=how,
    )


@benchmark("robust.orphans", "SIGKILL while a script with children of its own is recorded")
def orphans(quick: bool) -> Iterator[Figure]:
    """Whether all that the script has started is gone then, daemons too."""
    times = KILLS // 20 if quick else KILLS
    gone = sum(killed_with_children() for _ in range(times))
    how = f"{times} times: a child, one of another session, a daemon, a shell and its child"
    what = "killed while recording: nothing of the script is left"
    yield Figure("robust.orphans", what, ours=one(gone), target=at_least(times), how=how)


def killed_with_children() -> bool:
    """Kill the program that records a script; whether its processes are gone in time."""
    with tempfile.TemporaryDirectory() as folder:
        script, notes = Path(folder) / "script.py", Path(folder) / "notes"
        script.write_text(f"{FAMILY}time.sleep(600)\n")
        with program("inspect", str(script), "--", str(notes)) as pty:
            pty.until(lambda: len(noted(notes)) == MEMBERS)
            pty.kill(signal.SIGKILL)
            late = time.monotonic() + SECONDS
            while any(map(running, noted(notes))) and time.monotonic() < late:
                time.sleep(0.01)
            left = [process for process in noted(notes) if running(process)]
            for process in left:
                os.kill(process, signal.SIGKILL)
            return not left


class Ended(NamedTuple):
    """How a program went that was told to."""

    seconds: float
    right: bool
    """With the exit code it should have, its terminal as before, and no crash."""


class Way(NamedTuple):
    """One way to make the program go."""

    number: signal.Signals
    """The signal that its exit code says."""
    act: Callable[[Pty], int]
    """Does it; returns the exit code."""
    kind: type[Pty] = Pty


def killed(number: signal.Signals) -> Callable[[Pty], int]:
    """By a signal."""

    def act(pty: Pty) -> int:
        pty.kill(number)
        return pty.code

    return act


def starved(pty: Pty) -> int:
    """What it reads from ends, and the terminal that it draws on stays."""
    assert isinstance(pty, TypedElsewhere)
    pty.end_input()
    return pty.code


def asked(pty: Pty) -> None:
    """With a dialog open while it trains."""
    train(pty).send("?")
    pty.until_text("escape closes")


WAYS = {
    "SIGTERM": Way(signal.SIGTERM, killed(signal.SIGTERM)),
    "SIGHUP": Way(signal.SIGHUP, killed(signal.SIGHUP)),
    "SIGINT": Way(signal.SIGINT, killed(signal.SIGINT)),
    "line cut": Way(signal.SIGHUP, Pty.cut),
    "end of input": Way(signal.SIGHUP, starved, TypedElsewhere),
}
MOMENTS: dict[str, Callable[[Pty], object]] = {
    "start-up": lambda pty: pty.until(lambda: taken(pty)),
    "loading torch": lambda pty: pty.until_text("loading torch"),
    "training flat out": train,
    "a dialog open": asked,
}


def hung_up(moment: str, way: str) -> Ended:
    """One of the ways at one of the moments."""
    number, act, kind = WAYS[way]
    with program(*ENDLESS, kind=kind) as pty:
        MOMENTS[moment](pty)
        began = time.perf_counter()
        code = act(pty)
        seconds = time.perf_counter() - began
        restored = pty.restored or act is Pty.cut  # nobody is left to tell
        return Ended(seconds, code == 128 + number and restored and not crashed(pty))


@contextmanager
def program(
    *options: str, kind: type[Pty] = Pty, forks: Forks | None = None, **environ: str
) -> Iterator[Pty]:
    """The program in a terminal, in a folder of its own, with `environ` beside the usual.

    From `forks` it starts in no time; without, Python starts from scratch.
    """
    module = ["tui"] if kind is TypedElsewhere else ["-m", "tui"]
    with tempfile.TemporaryDirectory() as folder:
        usual = surroundings(folder) | {"PYTHONPATH": str(ROOT), "HOME": folder}
        pty = kind([*module, *options], Path(folder), usual | environ, SIZE, forks)
        try:
            yield pty
        except pytest.fail.Exception as error:
            raise TimeoutError(str(error)) from None
        finally:
            pty.close()


def press(pty: Pty, key: str) -> None:
    """Type, unless the program has just ended."""
    with suppress(OSError):
        pty.send(key)
    pty.pump(PAUSE)


def crashed(pty: Pty) -> bool:
    """Whether it has left a crash file."""
    return any(pty.folder.glob("**/crash-*"))


def one(count: float) -> Samples:
    """A single number."""
    return Samples((float(count),))
