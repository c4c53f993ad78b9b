"""What ended a script, as a record: an exception with the way to it, or a signal."""

from __future__ import annotations

import contextlib
import signal
import types

from engine.recording.records import ScriptError
from engine.script.own_files import OwnFiles

WAY_LIMIT = 20
"""Most lines of the way to an error that are kept: a recursion has thousands."""


def script_error(error: BaseException, files: OwnFiles, filename: str) -> ScriptError:
    """The record of an exception; a syntax error is placed at the text that Python refused."""
    if isinstance(error, SyntaxError) and error.filename in (filename, None):
        return ScriptError(type(error).__name__, error.msg, error.lineno or 1, error.offset)
    line, file = 1, 0
    way: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        index = files.index(traceback.tb_frame.f_code.co_filename)
        if index is not None:
            line, file = traceback.tb_lineno, index
            way.append(files.line(traceback.tb_frame, line))
        traceback = traceback.tb_next
    if len(way) > WAY_LIMIT:
        way[WAY_LIMIT // 2 : -WAY_LIMIT // 2] = [f"… {len(way) - WAY_LIMIT} more"]
    return ScriptError(type(error).__name__, message_of(error), line, file=file, way=tuple(way))


def message_of(error: BaseException) -> str:
    """What an exception says, without running code of the script."""
    if isinstance(type(error).__str__, types.WrapperDescriptorType):
        with contextlib.suppress(Exception):
            return str(error)
    return error.args[0] if error.args and type(error.args[0]) is str else ""


def died(number: int) -> ScriptError:
    """What is said of a process that a signal has killed."""
    return ScriptError(signal_name(number), f"the process was killed by signal {number}", 1)


def signal_name(number: int) -> str:
    """`SIGSEGV`, or `SIGRTMIN+6` for one that has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        first = getattr(signal, "SIGRTMIN", 0)
        return f"SIGRTMIN+{number - first}" if first and number > first else f"signal {number}"
