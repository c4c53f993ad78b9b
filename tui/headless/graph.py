"""`linreg-tui graph`: a lesson or a file, run once, and the last graph it made."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.graph import Backward
from engine.lessons import LESSONS, find
from engine.sources import SourceError, read_source
from tui.drawing.glyphs import ASCII, UNICODE
from tui.headless.graph_json import document
from tui.headless.graph_text import lines
from tui.headless.options import UsageError, meant
from tui.headless.output import can_show, complain, write_json

if TYPE_CHECKING:
    from engine.moments import Recording

UNLIMITED = 400
"""Columns where the text goes into a pipe or a file."""


def graph(target: str, *, as_json: bool) -> int:
    """Print the graph and the backward pass; returns the exit code.

    Raises UsageError or SourceError for what is no lesson and no script with a graph.
    """
    path = source_path(target)
    from engine.recording import record

    recording = record(path)
    if recording.error is not None and not recording.moments:
        raise UsageError(_located(path, recording))
    shown = last_pass(recording)
    if shown is not None and as_json:
        write_json(document(recording.name, shown))
    elif shown is not None:
        _print_lines(shown)
    elif recording.error is None:
        raise UsageError(f"{path} makes {_nothing(recording)}")
    return _ended(path, recording)


def source_path(target: str) -> Path:
    """Where a lesson's or a user's file is, which can be read; raises as `graph`."""
    if lesson := find(target):
        return lesson.path
    path = Path(target)
    try:
        read_source(path)
    except SourceError:
        if path.suffix or len(path.parts) > 1:
            raise
        keys = [lesson.key for lesson in LESSONS]
        guess = meant(target, keys) or f"; lessons are {', '.join(keys)}"
        raise UsageError(f"{target} is no lesson and no Python file{guess}") from None
    return path


def last_pass(recording: Recording) -> Backward | None:
    """The last backward pass, else the last computed tensor's graph and no gradients."""
    if recording.backwards:
        return recording.backwards[-1]
    computed = (graph for graph in reversed(recording.graphs) if not graph.nodes[0].is_leaf)
    last = next(computed, recording.graphs[-1] if recording.graphs else None)
    return Backward(last, ()) if last else None


def _print_lines(shown: Backward) -> None:
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else UNLIMITED
    unicode = can_show(UNICODE.lines + "".join(UNICODE.marks.values()), sys.stdout)
    for line in lines(shown, width, UNICODE if unicode else ASCII):
        print(line)


def _ended(path: Path, recording: Recording) -> int:
    """Say why the script did not come to its end, where it did not; the exit code."""
    if recording.ending == "bound":
        complain(f"{path} was stopped after {len(recording.moments):,} lines")
    if recording.error is None:
        return 0
    interrupted = recording.error.type == KeyboardInterrupt.__name__
    complain(f"{path} was interrupted" if interrupted else _located(path, recording))
    return 130 if interrupted else 1


def _located(path: Path, recording: Recording) -> str:
    error = recording.error
    assert error is not None
    column = f":{error.column}" if error.column is not None else ""
    return f"{path}:{error.line}{column}: {error}"


def _nothing(recording: Recording) -> str:
    if any(moment.tensors for moment in recording.moments):
        return "no tensor that requires grad, so there is no graph to show"
    return "no tensor, so there is no graph to show"
