"""The lines of threads that are not followed: which of them made which nodes, and nothing more.

A thread is followed from a pass of its own on, whose nodes were made before that; the main one
again from a line of its own on, where it `comes_back`. That one may not have been traced when
another one was given a window, so it is from then on.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from sys import gettrace
from types import FrameType
from typing import Any

from engine.script.frames.own_files import OwnFiles
from engine.script.lines.node_lines import NodeLines
from engine.script.unseen.compiled_calls import COMPILED_CALL
from engine.script.unseen.main_thread import is_main_thread, run_in_main_thread
from engine.script.unseen.our_frames import is_ours, outwards, runs_the_script

IDLE_LINES = 10_000
"""After so many lines in a row that make no node a thread is let be: it prepares data."""
CALLS = 100_000
"""After so many calls it is, too: each of them takes longer while it is traced."""


class LinesAside:
    """Traces such threads; an instance is what `sys.settrace` gets there.

    It does so for lines of the user's own files, while they are `wanted`.
    """

    def __init__(self, files: OwnFiles, wanted: Callable[[], bool]) -> None:
        self._files = files
        self._wanted = wanted
        self.comes_back: Callable[[FrameType], bool] = lambda frame: False
        """Has the thread that calls, in a frame, followed if it may be; returns whether it is."""
        self._threads = threading.local()
        self._began_in_main = is_main_thread()
        """Whether the script has the main thread, and not an app that shows it."""

    def __call__(self, frame: FrameType, event: str, arg: object) -> _Trace | None:
        """A call: see its lines where it is of the user's own files."""
        code = frame.f_code
        here = self._here()
        here.calls += 1
        # What is compiled is to see no trace: no more is seen of this thread.
        if not self._goes_on(here) or code.co_name == COMPILED_CALL:
            sys.settrace(None)
            return None
        return None if self._files.index(code.co_filename) is None else self.local

    def local(self, frame: FrameType, event: str, arg: object) -> _Trace | None:
        """A line begins in a frame, or the frame returns to the line that called it."""
        here = self._here()
        if not self._goes_on(here):
            sys.settrace(None)
            return None
        if event == "line" and self.comes_back(frame):
            return frame.f_trace
        runs = self._files.nearest(frame.f_back) if event == "return" else frame
        if runs is not None and event in ("line", "return"):
            file = self._files.index(runs.f_code.co_filename) or 0
            has_made = here.lines.begin(runs.f_lineno, file)
            here.idle = 0 if has_made else here.idle + 1
        return self.local

    def begin_in_main(self) -> None:
        """See the lines of the main thread from now on, where that is another one of a script's."""
        if self._began_in_main and not is_main_thread():
            run_in_main_thread(self._begin)

    def _begin(self, frame: FrameType) -> None:
        """See those of this thread, unless somebody does, or it is in the middle of a look."""
        if not self._wanted() or gettrace() is not None:
            return
        runs = next((one for one in outwards(frame) if is_ours(one.f_code)), None)
        if runs is not None and not runs_the_script(runs.f_code):
            return
        for one in outwards(frame):
            if self._files.index(one.f_code.co_filename) is not None:
                one.f_trace = self.local
        sys.settrace(self)

    def taken(self) -> NodeLines:
        """Return those of the thread that calls, which is followed from now on."""
        lines, self._threads.here = self._here().lines, _Thread()
        return lines

    def _goes_on(self, here: _Thread) -> bool:
        return self._wanted() and here.idle < IDLE_LINES and here.calls < CALLS

    def _here(self) -> _Thread:
        try:
            here: _Thread = self._threads.here
        except AttributeError:
            here = self._threads.here = _Thread()
        return here


class _Thread:
    """What is known of one of the threads."""

    def __init__(self) -> None:
        self.lines = NodeLines()
        self.idle = 0
        """How many lines in a row have made no node."""
        self.calls = 0


_Trace = Callable[[FrameType, str, Any], Any]
