"""Reading the gradient of a leaf that another thread may be letting go of at the same time.

Torch lets other threads run in the middle of `leaf.grad = None`, where the leaf has still what is
gone by then: whoever reads it there ends the process.
"""

from __future__ import annotations

import _thread
import sys
from collections.abc import Callable, Iterator
from dis import opname
from functools import partial
from itertools import filterfalse
from operator import attrgetter
from time import sleep
from types import CodeType
from typing import Any

import torch

from engine.uncollected import uncollected

Place = tuple[CodeType, int]
"""An instruction that a thread is at."""
LOOKS = 10
"""How often it is looked whether no thread is letting go of a gradient."""
LOOK_SECONDS = 0.001
PLACES_LIMIT = 10_000
"""Most places that are known to be harmless."""
OURS = 1
"""How many threads beside the main one are ours: the one that writes what is recorded."""
_grad: Callable[[torch.Tensor], torch.Tensor | None] = vars(torch._C.TensorBase)["grad"].__get__
_threads: Callable[[], int] = _thread._count
_listed: Callable[[Any], list[Place]] = list
_harmless: set[Place] = set()
_assigning: set[CodeType] = set()


def others_run() -> bool:
    """Whether the script has other threads than the main one, or may have."""
    return _threads() > OURS


def gradient_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The `.grad` of a tensor; None also where others let go of theirs for as long as we look."""
    grad: torch.Tensor | None = None
    if not others_run():
        return _grad(tensor)
    for _ in range(LOOKS):
        with uncollected():
            # Python may run another thread after a call, but not between these three lines.
            for unknown in _unknown:
                if not unknown:
                    grad = _grad(tensor)
                break
        if not unknown:
            return grad
        known = [_may_let_go(place) for place in unknown]
        if any(known):
            sleep(LOOK_SECONDS)
    return None


def assigns_attributes(code: CodeType) -> None:
    """Know that a function assigns to attributes of tensors, whatever it is told."""
    _assigning.add(code)


def _unknown_places() -> Iterator[list[Place]]:
    """Where the threads are, but for what is harmless: each time at one go, without Python code."""
    frames = map(dict.values, iter(sys._current_frames, None))
    places = map(partial(map, attrgetter("f_code", "f_lasti")), frames)
    unknown = map(partial(filterfalse, _harmless.__contains__), places)
    return map(_listed, unknown)


def _may_let_go(place: Place) -> bool:
    code, at = place
    name = opname[code.co_code[at]] if at >= 0 else ""
    if name in ("STORE_ATTR", "DELETE_ATTR"):
        # Of more names than a byte can tell the rest of the number stands elsewhere.
        lets_go = "grad" in code.co_names[code.co_code[at + 1] :: 256]
    else:
        lets_go = name.startswith("CALL") and (code in _assigning or "setattr" in code.co_names)
    if not lets_go:
        if len(_harmless) >= PLACES_LIMIT:
            _harmless.clear()
        _harmless.add(place)
    return lets_go


_unknown = _unknown_places()
