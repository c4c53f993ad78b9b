"""The terminal program: knows the screen, gets everything else as records from `engine`.

Importing it loads neither torch nor plotext: the first frame is painted before they are there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

from tui.version import __version__

__all__ = ["__version__", "inspect"]


def inspect(tensor: Tensor, scope: Mapping[str, object] | None = None) -> None:
    """Open the app on the autograd graph of a live tensor; returns when it is closed.

    Works in a script, a REPL, a debugger, and where a loop of asyncio is running, which stands
    still meanwhile. Leaves go by their names in `scope`, by default the caller's variables.
    Nothing is changed: the backward pass is rehearsed, every `.grad` stays as it is, and so does
    what belongs to the process. A signal closes the app and then does what it always does.

    Raises ValueError for a tensor without a graph, RuntimeError where there is no terminal, off
    the main thread, and where the app fails.
    """
    from tui.inspect_tensor import look

    if scope is None:
        caller = sys._getframe(1)
        scope = {**caller.f_globals, **caller.f_locals}
    look(tensor, scope)
