"""Opening the app on a tensor that is alive: at a breakpoint, in a REPL, in a script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from tui.subject import LiveTensor

UNNAMED = "tensor"
"""A tensor that no variable holds."""


def look(tensor: Tensor, variables: Mapping[str, object]) -> None:
    """Show the tensor's graph in the app; returns when the app is closed.

    Names come from `variables`. Neither the tensors nor any `.grad` are changed.
    Raises `engine.capture.NoGraphError` for a tensor without a graph, RuntimeError where there
    is no terminal.
    """
    streams = (sys.__stdin__, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams):
        raise RuntimeError("inspect needs a terminal")
    from tui.app import LinregApp

    subject = live_tensor(tensor, variables)
    try:
        LinregApp(subject=subject).run()
    finally:
        subject.live.close()


def live_tensor(tensor: Tensor, variables: Mapping[str, object]) -> LiveTensor:
    """A tensor, ready to be opened; the caller closes its `live`. Raises as `look`."""
    from engine.live import Live
    from engine.scope import tensors_in
    from engine.snapshots import Snapshots
    from tui.subject import LiveTensor

    scope = tensors_in(variables)
    name = next((name for name, held in scope.items() if held is tensor), UNNAMED)
    return LiveTensor(Live(tensor, variables), name, Snapshots().take(scope).views)
