"""Which passes are like the one before: run by the same instruction, with no lines wanted.

Of a loop that makes hundreds of thousands of them, each is to cost little more than its scalars.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType


class QuickPasses:
    """Knows the instruction that ran the pass before, and until which pass it may be quick."""

    def __init__(self) -> None:
        self._until = 0
        self._code: CodeType | None = None
        self._instruction = 0
        self._depth = 0
        """How many frames of torch's are between the two, and one of ours."""

    def allow(self, frame: FrameType | None, until: int) -> None:
        """Call it where a pass has been seen in `frame`: those like it are quick before `until`."""
        self._until = until if frame is not None else 0
        if frame is None:
            return
        self._code, self._instruction = frame.f_code, frame.f_lasti
        self._depth, inner = 0, sys._getframe(1)
        while inner is not frame and inner.f_back is not None:
            self._depth, inner = self._depth + 1, inner.f_back

    def frame(self, number: int) -> FrameType | None:
        """Return the frame that runs a pass of this number, where that may be quick.

        It is to be called by the function that calls what calls `allow`.
        """
        if number >= self._until:
            return None
        try:
            frame = sys._getframe(self._depth)
        except ValueError:
            return None
        same = frame.f_code is self._code and frame.f_lasti == self._instruction
        return frame if same else None
