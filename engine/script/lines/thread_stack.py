"""What another thread runs, read at one go.

Up to Python 3.11 the frame of a thread that lets others run while it leaves a function, as torch
does where a tensor ends, may be looked at only until that thread goes on: it leads anywhere then.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from itertools import accumulate, chain, repeat, takewhile
from operator import attrgetter, is_not
from types import CodeType
from typing import Any, NamedTuple

_IS_SOMETHING = partial(is_not, None)
_CODE, _GLOBALS, _AT = map(attrgetter, ("f_code", "f_globals", "f_lasti"))


class Running(NamedTuple):
    """A function that a thread is in."""

    code: CodeType
    module: object
    """The name of its module."""
    at: int
    """The instruction that it has come to."""


def stack_of(thread: int) -> list[Running]:
    """The functions that a thread is in, innermost first; none where there is no such thread."""
    begin: list[Any] = []
    frames: list[Any] = []
    codes: list[CodeType] = []
    variables: list[dict[str, Any]] = []
    places: list[int] = []
    # All that is called in the loop is prepared, for Python may run another thread at a call. No
    # garbage is collected either: what ends there may let others run, too.
    outwards: Any = accumulate(chain(begin, repeat("f_back")), getattr)
    walk = takewhile(_IS_SOMETHING, outwards)
    their_codes, their_variables, their_places = (
        map(part, frames) for part in (_CODE, _GLOBALS, _AT)
    )
    without_garbage, looks = iter(gc.disable, 0), iter(sys._current_frames, 0)
    collects = gc.isenabled()
    try:
        for _ in without_garbage:
            for running in looks:
                if thread in running:
                    begin[:] = (running[thread],)
                    frames[:] = walk
                    codes[:] = their_codes
                    variables[:] = their_variables
                    places[:] = their_places
                break
            break
    finally:
        if collects:
            gc.enable()
    names = [one.get("__name__") for one in variables]
    return [*map(Running, codes, names, places)]
