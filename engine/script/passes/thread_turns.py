"""Whose turn it is: another thread is followed from a pass on, the main one again from a line on.

Its lines go on in the window that is open, and its passes are like none before.
"""

from __future__ import annotations

import sys
from types import FrameType

from engine.recording.journal import Journal
from engine.script.frames.own_files import OwnFiles
from engine.script.lines.followed_thread import is_of_the_script
from engine.script.lines.line_tracer import Tracer
from engine.script.passes.passes_beside import OTHERS
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.spared_passes import SparedPasses
from engine.script.passes.windows import Windows


class ThreadTurns:
    """Has threads followed where they may be."""

    def __init__(
        self,
        files: OwnFiles,
        tracer: Tracer,
        windows: Windows,
        quick: QuickPasses,
        spared: SparedPasses,
        journal: Journal,
    ) -> None:
        self._files = files
        self._thread = tracer.thread
        self._windows = windows
        self._quick = quick
        self._spared = spared
        self._journal = journal
        tracer.aside.comes_back = self._comes_back

    def comes(self) -> bool:
        """Whether a pass is seen that is run by a thread which was not followed until now."""
        if self._windows.is_running:
            if is_of_the_script() and not self._thread.waits():
                self._journal.note(OTHERS)
                return False
            return True
        if not self._thread.come(self._files.index, self._windows.count):
            self._journal.note(OTHERS)
            return False
        self._share()
        self._windows.move(self._files.nearest(sys._getframe(1)))
        if not self._spared.are_none:
            self._spared.spare()
        return True

    def _comes_back(self, frame: FrameType) -> bool:
        """Whether the main thread is followed again, at a line of `frame`."""
        windows = self._windows
        if windows.is_running or not self._thread.come_back(self._files.index, windows.count):
            return False
        self._share()
        windows.move_back(frame)
        return True

    def _share(self) -> None:
        self._quick.settle()
        self._quick.are_shared |= self._windows.count > 0
