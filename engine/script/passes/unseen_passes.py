"""Passes that run where none is recorded, which is said once and for all of them.

After the script's last line, as in an exit handler; in a process that it has forked.
"""

from __future__ import annotations

import mmap
import os
import resource
from collections.abc import Callable
from typing import Any

import torch

from engine.autograd.not_compiled import never_compile
from engine.recording.journal import Journal
from engine.script.unseen.our_frames import calls_the_script

Run = Callable[..., Any]
AFTER = "passes that run after the script's last line, as in exit handlers, are not recorded"
IN_FORKS = "passes that run in processes which the script has forked are not recorded"
IN_CHILDREN = (
    "the script itself has run no pass; what the processes do that it has started is not recorded"
)
LEFT = (
    "the script has replaced functions that Python cannot do without: nothing is recorded from "
    "there on"
)
PUT_BACK = "the script has put back what runs the passes of torch: they are not recorded from there"
CHILDREN_SECONDS = 0.5
"""Processes that have taken less of the processor have not even loaded torch."""


class UnseenPasses:
    """Says what is not recorded; it has to be asked for what happened in other processes."""

    def __init__(
        self, journal: Journal, children_seconds: Callable[[], float] | None = None
    ) -> None:
        """`children_seconds`: of the processor, by those that this process has waited for."""
        self._journal = journal
        self._children_seconds = children_seconds or _children_seconds
        self._process = os.getpid()
        self._in_forks = mmap.mmap(-1, 1)
        """Shared with all of them."""
        self._seconds = self._children_seconds()
        self.are_left = False
        """Whether none is recorded any more, as Python itself may fail."""

    def after_the_end(self, real: Run) -> Run:
        """The script has ended: return what runs passes from now on in place of `real`."""
        # One of the same file, for that may have been loaded anew.
        if not self.are_left and _file_of(passes_run_by()) == _file_of(real):
            self._journal.note(PUT_BACK)

        def said() -> None:
            if os.getpid() == self._process:
                self._journal.note(AFTER)

        return _said_first(real, said)

    def in_a_fork(self, real: Run) -> Run:
        """Return what runs passes in a process that has just been forked."""

        def said() -> None:
            self._in_forks[0] = 1

        return _said_first(real, said)

    def flush(self, *, passes: int, last: bool = False) -> None:
        """Say what is known by now, where so many passes have been recorded."""
        if self.are_left and last:
            self._journal.note(LEFT)
        if self._in_forks[0]:
            self._journal.note(IN_FORKS)
        elif last and not passes and self._is_used_by_children():
            self._journal.note(IN_CHILDREN)

    def _is_used_by_children(self) -> bool:
        return self._children_seconds() - self._seconds > CHILDREN_SECONDS


def passes_run_by() -> Run:
    """Return what torch runs its passes by."""
    run: Run = torch.autograd._engine_run_backward  # type: ignore[attr-defined]
    return run


def run_passes_by(run: Run) -> None:
    """Have torch run its passes by `run`, wherever it looks for what does."""
    for host in (torch.autograd, torch.autograd.graph):
        host._engine_run_backward = run  # type: ignore[attr-defined]


def _said_first(real: Run, said: Callable[[], None]) -> Run:
    @calls_the_script
    def run(*arguments: Any, **options: Any) -> Any:
        run_passes_by(real)
        said()
        return real(*arguments, **options)

    never_compile(run.__code__)
    return run


def _file_of(run: Run) -> object:
    return getattr(getattr(run, "__code__", None), "co_filename", None)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
