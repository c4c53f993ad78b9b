"""Which thread of a script is followed: lines are traced, and passes counted, in one at a time.

Many a script trains in a thread and waits for it meanwhile, so another one is followed from a pass
of its own on, where the one before runs none. What the main thread does afterwards is followed from
its next line on.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterable
from time import sleep

from engine.autograd.not_compiled import never_compile
from engine.script.lines.thread_stack import Running, stack_of
from engine.script.unseen.main_thread import is_main_thread
from engine.script.unseen.our_frames import is_ours, outwards, runs_the_script

_WAITING = "threading", "selectors", "queue", "concurrent.futures.thread"
"""The modules in which a thread waits for another one, or for what another one is to do."""
_WAITS = frozenset(("acquire", "get", "join", "put", "select", "start", "wait", "_worker"))
"""The functions of theirs that do; others, as `Event.is_set`, only ask."""
LOOK_SECONDS = 0.001
LOOKS = 1_000
"""How often it is looked whether the thread before is done with what we do there."""
STEPS = 3
"""How often in a row it may be found further on, and not waiting, before it is said to run."""
STANDSTILLS = 300
"""How often in a row where it was: it sleeps, or is not even given the processor."""
PATIENCE = 100
"""Passes of others after which a thread is left that has run none: recorded lines take time."""
Owns = Callable[[str], object]


class _Life:
    """Lives as long as the thread that it was left in."""


class FollowedThread:
    """Knows the thread that is followed, at first the one that made this."""

    def __init__(self) -> None:
        self._left = threading.local()
        self.ident = 0
        """Python's number of it, which a later thread may have again."""
        self._unseen = 0, 0
        """After how many passes others were not followed, and how many they were."""
        self._steps, self._standstills = STEPS, STANDSTILLS
        """How often it may still be found so."""
        self._back_after = -1
        """After how many passes the main thread was followed again, and has run none itself."""
        self.take()

    def is_here(self) -> bool:
        """Whether it is the thread that calls."""
        life = getattr(self._left, "life", None)
        return life is not None and life is self._life()

    def take(self) -> None:
        """Follow the thread that calls."""
        life = self._left.life = _Life()
        self._life = weakref.ref(life)
        self.ident = threading.get_ident()

    def come(self, owns: Owns, passes: int) -> bool:
        """Follow the thread that calls, if the one before may be left; returns whether it is.

        It may where it waits, has ended, runs nothing of the user's own files, of which `owns`
        gives anything but None, or no passes, of which so many were counted.
        """
        before = self.ident
        if self._life() is not None:
            is_idle = (
                passes == self._back_after
                or self._runs_none(passes)
                or not _runs_own(before, owns)
                or self.waits()
            )
            if not is_idle or not self._leave(before):
                return False
        self.take()
        return True

    def come_back(self, owns: Owns, passes: int) -> bool:
        """Follow the thread that calls if it is the main one, and the other runs nothing any more.

        It has ended or, as one of a pool, runs nothing of the user's own files. One that runs a
        pass again is followed again.
        """
        if not is_main_thread():
            return False
        before = self.ident
        if self._life() is not None and (_runs_own(before, owns) or not self._leave(before)):
            return False
        self.take()
        self._back_after = passes
        return True

    def waits(self) -> bool:
        """Whether it waits for another thread, or does so soon, as where it has just begun one."""
        before = None
        while not _is_waiting(stack := stack_of(self.ident)):
            if not (self._steps and self._standstills):
                return False
            if stack == before:
                self._standstills -= 1
            elif before is not None:
                self._steps -= 1
            before = stack
            sleep(LOOK_SECONDS)
        self._steps, self._standstills = STEPS, STANDSTILLS
        return True

    def is_waiting(self) -> bool:
        """Whether it waits for another thread now."""
        return _is_waiting(stack_of(self.ident))

    def _runs_none(self, passes: int) -> bool:
        """Whether it has run no pass, or none for a while."""
        before, unseen = self._unseen
        self._unseen = passes, unseen + 1 if passes == before else 1
        return passes == 0 or self._unseen[1] > PATIENCE

    def _leave(self, before: int) -> bool:
        """Have nothing of ours begin in the thread before; whether what has begun is over."""
        for _ in range(LOOKS):
            if not _is_in_ours(before):
                self.ident = threading.get_ident()
                if not _is_in_ours(before):
                    return True
                self.ident = before
            sleep(LOOK_SECONDS)
        return False


def is_of_the_script() -> bool:
    """Whether the script has started the thread that calls, and not torch to run nodes in it."""
    if is_main_thread():
        return True
    *_, outermost = outwards(sys._getframe())
    return outermost.f_code.co_filename == threading.__file__


def _runs_own(thread: int, owns: Owns) -> bool:
    return any(owns(code.co_filename) is not None for code, *_ in stack_of(thread))


def _is_waiting(stack: Iterable[Running]) -> bool:
    for code, module, _ in stack:
        if module not in _WAITING:
            return False
        if code.co_name in _WAITS:
            return True
    return False


def _is_in_ours(thread: int) -> bool:
    """Whether a thread is in the middle of what we do there."""
    for code, *_ in stack_of(thread):
        if is_ours(code):
            return not runs_the_script(code)
    return False


never_compile(FollowedThread.is_here.__code__)
