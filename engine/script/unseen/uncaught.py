"""Printing what a script did not catch, as Python would without us."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from engine.script.unseen.our_frames import hide_in


def print_uncaught(error: BaseException) -> None:
    """Print a traceback by the script's own hook if it has one; Python prints none after that."""
    hide_in(error)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit:
        raise
    except BaseException as failure:
        failure.__context__ = None if failure.__context__ is error else failure.__context__
        hide_in(failure)
        _print_failed_hook(failure, error)
    sys.excepthook = lambda *_: None


def _print_failed_hook(failure: BaseException, error: BaseException) -> None:
    for what, one in (("Error in sys.excepthook", failure), ("\nOriginal exception was", error)):
        print(f"{what}:", file=sys.stderr)
        sys.__excepthook__(type(one), one, one.__traceback__)


def tell_of_threads(told: Callable[[BaseException], None]) -> None:
    """From now on tell of each error that a thread of this process does not catch.

    It is told before the script's own hook, or Python's, is called.
    """
    host: Any = threading
    made, process = host._make_invoke_excepthook, os.getpid()

    @wraps(made)
    def make() -> Callable[[threading.Thread], None]:
        invoke: Callable[[threading.Thread], None] = made()

        @wraps(invoke)
        def call(thread: threading.Thread) -> None:
            error = sys.exc_info()[1]
            if error is not None and not isinstance(error, SystemExit):
                hide_in(error)
                if os.getpid() == process:
                    told(error)
            invoke(thread)

        return call

    host._make_invoke_excepthook = make
