"""Opening the app on a tensor that is alive: at a breakpoint, in a REPL, in a script."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.script.frames.scope import tensors_in
from engine.script.live_tensor import Live
from tui.app.app import LinregApp
from tui.app.key_actions import key_actions
from tui.cli.options.command_parsers import PARSERS
from tui.cli.options.training_options import training_readers
from tui.config.config_file import config_path, read_config
from tui.config.errors import UsageError
from tui.config.settings import Settings, settings_here
from tui.config.terminal import UNKNOWN
from tui.process.terminal_size import real_terminal_size
from tui.script.subject import LiveTensor

if TYPE_CHECKING:
    from torch import Tensor

UNNAMED = "tensor"
"""A tensor that no variable holds."""


def show(tensor: Tensor, variables: Mapping[str, object]) -> None:
    """Show the tensor's graph in the app; returns when the app is closed.

    Names come from `variables`. Neither the tensors nor any `.grad` are changed, nor what is
    the process's: signal handlers, hooks, a running loop, the terminal.
    Raises NoGraphError for a tensor without a graph, RuntimeError where there is
    no terminal, off the main thread, and where the app fails.
    """
    _check_terminal()
    settings = _settings()
    subject = live_tensor(tensor, variables)
    try:
        with real_terminal_size():
            _run(LinregApp(subject=subject, settings=settings), mouse=settings.mouse)
    finally:
        subject.live.close()


def _run(app: LinregApp, *, mouse: bool) -> None:
    if sys.platform == "win32":
        app.run(mouse=mouse)
    else:
        # Late: termios and signals that Windows lacks.
        from tui.process.embedded import visit

        visit(app, mouse=mouse)


def live_tensor(tensor: Tensor, variables: Mapping[str, object]) -> LiveTensor:
    """A tensor, ready to be opened; the caller closes its `live`. Raises as `show`."""
    scope = tensors_in(variables)
    name = next((name for name, held in scope.items() if held is tensor), UNNAMED)
    return LiveTensor(Live(tensor, variables), name)


def _check_terminal() -> None:
    streams = (sys.__stdin__, sys.__stderr__)
    if not all(stream and not stream.closed and stream.isatty() for stream in streams):
        raise RuntimeError(
            "inspect needs a terminal on stdin and stderr; pytest leaves one with -s, a notebook "
            "has none"
        )
    term = os.environ.get("TERM", "")
    if os.name == "posix" and term in UNKNOWN:
        raise RuntimeError(f"inspect cannot draw where TERM is {term!r}")


def _settings() -> Settings:
    """As on the command line; raises RuntimeError where the configuration file is wrong."""
    try:
        readers = training_readers(PARSERS[""]())
        return settings_here(read_config(config_path(), readers, key_actions), {})
    except UsageError as error:
        raise RuntimeError(str(error)) from None
