"""Printing what a script did not catch, as Python would without us."""

from __future__ import annotations

import sys

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
