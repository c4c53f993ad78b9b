"""Running a Python file line by line, and keeping what a debugger would show at every line.

The script runs once, to its end; moving back and forth afterwards is looking at another
`Moment`. Python's own tracing says which line runs; `torch_calls` sees the torch calls.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import linecache
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from sys import gettrace
from types import CodeType
from typing import Any

import torch

from engine.recording.journal import Journal
from engine.recording.pass_plan import EVERYTHING
from engine.recording.records import Ending, Recording, ScriptError
from engine.recording.source_lines import source_lines
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.script_errors import exit_error, uncaught, uncompiled
from engine.script.frames.source_file import read_source
from engine.script.interventions import Change
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.stops import Stopped
from engine.script.lines.torch_calls import Watch
from engine.script.passes.passes import Passes
from engine.script.unseen.captured_output import CaughtOutput
from engine.script.unseen.captured_warnings import printed_warnings

_one_at_a_time = threading.Lock()
"""A recording borrows what a process has one of: stdout, stdin, argv, the import path."""


def record(
    path: Path,
    *,
    arguments: Sequence[str] = (),
    limit: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    source: str | None = None,
    change: Change | None = None,
) -> Recording:
    """Run a Python file as `__main__` and record every line of it, with a `change` of its numbers.

    An error of the script, a syntax error too, is part of the recording. With a `source` that is
    run in place of the file's text. Raises SourceError where the file cannot be read.
    """
    journal = Journal(path.name, read_source(path) if source is None else source)
    namespace = {"__file__": str(path)}
    with _arguments([str(path), *arguments], str(path.resolve().parent)):
        return _record(journal, namespace, str(path), limit, cancelled, change=change)


def record_source(
    source: str,
    name: str,
    namespace: dict[str, Any] | None = None,
    *,
    limit: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    checked: bool = True,
    change: Change | None = None,
) -> Recording:
    """Record source text; `namespace` gives it variables and holds its variables afterwards.

    Text that is known to be right need not be `checked` for mistakes; `change` as in `record`.
    """
    namespace = {} if namespace is None else namespace
    journal = Journal(name, source)
    return _record(
        journal, namespace, f"<{name}>", limit, cancelled, checked=checked, change=change
    )


def _record(
    journal: Journal,
    namespace: dict[str, Any],
    filename: str,
    limit: int | None,
    cancelled: Callable[[], bool],
    *,
    checked: bool = True,
    change: Change | None = None,
) -> Recording:
    source = journal.source
    files = OwnFiles(journal, filename, source)
    try:
        code = compile(source, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
        return journal.recording("error", uncompiled(failure, files, source, filename), "")
    namespace.update(__name__="__main__", __builtins__=builtins)
    with _one_at_a_time, _borrowed(filename, source) as output:
        tracer = Tracer(files, namespace, journal, output, limit, cancelled)
        watch = Watch(files, tracer, journal, checked=checked)
        passes = Passes(EVERYTHING, files, tracer, watch, journal, change=change)
        with printed_warnings(journal):
            ending, error = _run(code, namespace, passes, files)
        return journal.recording(ending, error, output.take())


def _run(
    code: CodeType,
    namespace: dict[str, Any],
    passes: Passes,
    files: OwnFiles,
) -> tuple[Ending, ScriptError | None]:
    before = gettrace()
    try:
        try:
            with passes.watched():
                exec(code, namespace)
        finally:
            sys.settrace(before)
    except Stopped as stopped:
        return stopped.ending, None
    except SystemExit as exit_:
        return "exit", exit_error(exit_, files, code.co_filename)
    except BaseException as error:
        return "error", uncaught(error, files, code.co_filename)
    return "end", None


@contextlib.contextmanager
def _arguments(arguments: list[str], folder: str) -> Iterator[None]:
    before = sys.argv, list(sys.path)
    sys.argv, sys.path[:0] = arguments, [folder]
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before


@contextlib.contextmanager
def _borrowed(filename: str, source: str) -> Iterator[CaughtOutput]:
    """Catch the script's output, give it an empty stdin, undo what it does to torch's state."""
    output = CaughtOutput()
    stdin, sys.stdin = sys.stdin, io.StringIO()
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    # Tracebacks and warnings inside the script quote its lines.
    linecache.cache[filename] = len(source), None, source_lines(source, with_ends=True), filename
    try:
        with (
            torch.random.fork_rng(devices=[]),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            yield output
    finally:
        sys.stdin = stdin
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        linecache.cache.pop(filename, None)
