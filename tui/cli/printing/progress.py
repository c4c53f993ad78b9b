"""A progress bar on stderr: one line that draws over itself, without a single escape code."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from tui.cli.printing.output import can_show
from tui.kit.text import time_left

SECONDS = 0.1
"""The shortest time between two drawings."""
WIDTH, BESIDE = 30, 56
"""Cells of the bar itself at most, and of the text beside it."""


class Progress:
    """Draws where stderr is a terminal; elsewhere it does nothing."""

    def __init__(
        self,
        total: int,
        scale: float = 1,
        unit: str = "",
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count to `total`; numbers are shown divided by `scale`, with their unit.

        Drawn on `stream`, by default stderr; `clock` is in seconds and never goes back.
        """
        self._stream, self._clock = stream or sys.stderr, clock
        self._total, self._scale, self._unit = total, scale, unit
        self._shown = 0
        self._on = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._width = max(1, min(WIDTH, shutil.get_terminal_size().columns - BESIDE))
        self._full, self._empty = "█░" if can_show("█░", self._stream) else "#-"
        self._began = self._clock()
        self._due = self._began + SECONDS

    def update(self, done: int) -> None:
        """Draw the bar at `done`, unless it was drawn less than `SECONDS` ago."""
        if not self._on:
            return
        now = self._clock()
        if now >= self._due:
            self._due = now + SECONDS
            done = min(done, self._total)  # a file may grow
            self._draw(done, done / (now - self._began))

    def clear(self) -> None:
        """Erase the bar, to make room for a line of text."""
        if self._shown:
            print(f"\r{'':{self._shown}}\r", end="", file=self._stream, flush=True)
            self._shown = 0

    def _draw(self, done: int, rate: float) -> None:
        full = self._width * done // self._total
        bar = self._full * full + self._empty * (self._width - full)
        so_far, total, a_second = (
            f"{number / self._scale:,.0f}" for number in (done, self._total, rate)
        )
        ahead = time_left((self._total - done) / rate)
        text = f"{bar} {done / self._total:4.0%}  {so_far} of {total}{self._unit}"
        text += f"  {a_second}{self._unit}/s, {ahead}"
        # Before it is printed: who interrupts there wants it cleared as well.
        self._shown = max(self._shown, len(text))
        print(f"\r{text:{self._shown}}", end="", file=self._stream, flush=True)
