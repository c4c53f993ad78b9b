"""Passes of several threads at a time: none of another begins while hooks are at shared leaves.

Torch guards the hooks of a leaf against no other thread: a pass that calls them while one of them
is put there or taken away ends the process.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

from engine.script.unseen.our_frames import calls_the_script

OTHERS = "several threads run passes at the same time: those of one at a time are recorded"
LOOKS = 1_000
"""How often it is looked whether another thread is done, which may hold what that waits for."""
LOOK_SECONDS = 0.001


class PassesBeside:
    """Counts the passes that are not recorded, and holds them up."""

    def __init__(self, waits: Callable[[], bool]) -> None:
        """`waits`: whether the thread that is followed waits for another one."""
        self._waits = waits
        self._lock = allocate_lock()
        self._running = 0
        self._alone = 0
        """How many passes, each in the middle of the one before, are to be alone."""

    @calls_the_script
    def run(self, run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a pass of a thread that is not followed, when no other is to be alone."""
        looks = LOOKS
        while not self._begin(at_once=not looks or self._waits()):
            looks -= 1
            sleep(LOOK_SECONDS)
        try:
            return run(*arguments, **options)
        finally:
            with self._lock:
                self._running -= 1

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """While entered, none begins; whether none runs."""
        with self._lock:
            self._alone += 1
        try:
            for _ in range(LOOKS):
                if not self._running:
                    break
                sleep(LOOK_SECONDS)
            yield not self._running
        finally:
            with self._lock:
                self._alone -= 1

    def _begin(self, *, at_once: bool = False) -> bool:
        with self._lock:
            begins = at_once or not self._alone
            self._running += begins
        return begins
