"""The terminal program: knows the screen, gets everything else as records from `engine`.

A folder imports only from folders above its own line:

    kit             widgets, text, styles and glyphs that know nothing of this program
    config          the configuration file, settings, themes, what the terminal can show
    process         signals, crashes, watchdogs, and a terminal left as it was found
    script          a recorded script on the screen: position, breakpoints, source, advice
    diagram         an autograd graph drawn, and all that is known of one node
    diagram/layout  graphs in boxes or rails, as cells: pure functions (see its README.md)
    chart/figures   charts as pictures of text, and as files: pure functions
    run             the training run that all tabs share, its commands and dialogs
    graph, chart, train, session    the three tabs, and session files; none imports another
    app             the application: workbench, tab bar, key bar, help, palette
    cli             the command line, and the commands without a screen
    inspect_tensor  the app at a breakpoint, behind `tui.inspect`

Importing it loads neither torch nor plotext: the first frame is painted before they are there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
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
    # Late: `import tui` is for everything here, and must stay quick.
    from tui.inspect_tensor import show

    show(tensor, variables_of(sys._getframe(1)) if scope is None else scope)


def variables_of(frame: FrameType) -> Mapping[str, object]:
    """Return what the code of a frame can name: the globals of its module, then its locals."""
    return {**frame.f_globals, **frame.f_locals}
