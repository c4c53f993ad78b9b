"""The variables of a running frame, read so that none of them is changed by it.

In Python 3.12 what was read of a frame's variables is written back after the next event that is
traced in it, as it was when it was read; and the loop variable of a comprehension outside of
functions, which is not among what is read, is None from then on.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

WRITES_BACK = sys.version_info[:2] == (3, 12)


def variables_of(frame: FrameType) -> Mapping[str, Any]:
    """The variables of a function, module or class that runs, as they are now."""
    code = frame.f_code
    if not WRITES_BACK or code.co_flags & inspect.CO_OPTIMIZED or not code.co_varnames:
        return frame.f_locals
    return frame.f_globals if code.co_name == "<module>" else {}


def read_anew(frame: FrameType) -> None:
    """Call it for every event that is traced in a frame: what is written back is then no older."""
    if WRITES_BACK and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        frame.f_locals  # noqa: B018 - reading it is what is wanted
