"""What ended a script, as a record: an exception with the way to it, or a signal."""

from __future__ import annotations

import contextlib
import signal
import traceback
import types
from pathlib import Path

from engine.recording.records import ScriptError
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.source_file import TOO_DEEP, deep_line

RECORDER = "RecorderError"
"""The type of what is said of a failure of our own."""
WAY_LIMIT = 20
"""Most lines of the way to an error that are kept: a recursion has thousands."""


def script_error(error: BaseException, files: OwnFiles, filename: str) -> ScriptError:
    """The record of an exception; a syntax error is placed at the text that Python refused."""
    kind = type(error).__name__
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
    if isinstance(error, SyntaxError):
        refused = files.index(error.filename or filename)
        if refused is not None:
            line = error.lineno or 1
            way += [files.line_of(refused, line)] if way else []
            return ScriptError(kind, error.msg, line, error.offset, file=refused, way=tuple(way))
    return ScriptError(kind, message_of(error), line, file=file, way=tuple(way))


def exit_error(exit_: SystemExit, files: OwnFiles, filename: str) -> ScriptError | None:
    """The record of an exit with a code, which may be any object; None where all is well."""
    if exit_.code is None or exit_.code is False or (type(exit_.code) is int and not exit_.code):
        return None
    where = script_error(exit_, files, filename)
    said = "an object that has no text"
    with contextlib.suppress(Exception):
        said = str(exit_.code)
    return ScriptError("SystemExit", said, where.line, file=where.file, way=where.way)


def uncompiled(error: BaseException, files: OwnFiles, source: str, filename: str) -> ScriptError:
    """The record of what Python has against the text of a script."""
    if isinstance(error, RecursionError | MemoryError):
        return ScriptError(type(error).__name__, TOO_DEEP, deep_line(source))
    return script_error(error, files, filename)


def uncaught(error: BaseException, files: OwnFiles, filename: str) -> ScriptError:
    """The record of what ended a script; what none of its lines has led to is our own failure."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        found = script_error(link, files, filename)
        if found.way or isinstance(link, SyntaxError) or not isinstance(error, Exception):
            return found
        link = link.__context__
    return recorder_failed(error)


def recorder_failed(error: BaseException) -> ScriptError:
    """What is said where this program has failed, and not the script."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {Path(place[0].filename).name}:{place[0].lineno}" if place else ""
    what = f"{type(error).__name__}{where}: {message_of(error)}".removesuffix(": ")
    return ScriptError(RECORDER, f"the recording has failed, not the script: {what}", 1)


def ended_unseen(code: int) -> ScriptError:
    """What is said of a process that ended by itself, but not by a way that Python has."""
    says = f"the process ended with exit code {code} where Python could not see it"
    return ScriptError("ProcessEnded", says, 1)


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
