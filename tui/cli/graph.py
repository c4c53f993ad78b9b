"""`linreg-tui graph`: a lesson or a file, run once, and the last graph it made."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from engine.autograd.graph import Backward, Graph
from engine.autograd.graphviz import dot
from engine.lessons import LESSONS, find
from engine.recording.records import Recording
from engine.script.recorder import record
from engine.script.source_file import SourceError, read_source
from engine.script.subprocess_recorder import record_isolated
from tui.cli.graph_json import document
from tui.cli.graph_text import lines
from tui.cli.output import can_show, complain, write_json
from tui.config.errors import UsageError, suggestion
from tui.kit.glyphs import ASCII, UNICODE

Form = Literal["text", "json", "dot"]


class Recorder(Protocol):
    """Runs a script and records it."""

    def __call__(self, path: Path, *, arguments: Sequence[str]) -> Recording:
        """The recording of the script at `path`, run with these arguments."""


UNLIMITED = 400
"""Columns where the text goes into a pipe or a file."""


def run(options: Namespace, isolated: Recorder = record_isolated) -> int:
    """Print the graph and, but for Graphviz, the backward pass; returns the exit code.

    A lesson runs in this process, any other file is recorded by `isolated`. Raises UsageError or
    SourceError for what is no lesson and no script with a graph.
    """
    path = _source_path(options.target)
    known = path in (lesson.path for lesson in LESSONS)
    tensor: str | None = options.tensor
    recording = (record if known else isolated)(path, arguments=options.own)
    if recording.error is not None and not recording.moments:
        raise UsageError(_located(path, recording))
    shown = _last_pass(recording, tensor)
    if shown is not None:
        _print(recording.name, shown, options.form)
    elif recording.ending in ("end", "exit") and recording.error is None:
        raise UsageError(f"{path} makes {_nothing(recording, tensor)}")
    return _ended(path, recording)


def _source_path(target: str) -> Path:
    """Where a lesson's or a user's file is, which can be read; raises as `run`."""
    if lesson := find(target):
        return lesson.path
    path = Path(target)
    try:
        read_source(path)
    except SourceError:
        if path.suffix or len(path.parts) > 1:
            raise
        keys = [lesson.key for lesson in LESSONS]
        guess = suggestion(target, keys) or f"; lessons are {', '.join(keys)}"
        raise UsageError(f"{target} is no lesson and no Python file{guess}") from None
    return path


def _last_pass(recording: Recording, tensor: str | None) -> Backward | None:
    """The last backward pass, else the last computed tensor's graph and no gradients.

    Of a tensor where one is named.
    """
    passes = (one for one in reversed(recording.backwards) if _is_of(one.graph, tensor))
    if (latest := next(passes, None)) is not None:
        return latest
    graphs = [graph for graph in reversed(recording.graphs) if _is_of(graph, tensor)]
    computed = (graph for graph in graphs if not graph.nodes[0].is_leaf)
    last = next(computed, graphs[0] if graphs else None)
    return Backward(last, ()) if last else None


def _is_of(graph: Graph, tensor: str | None) -> bool:
    return tensor is None or any(graph.nodes[root].name == tensor for root in graph.roots)


def _print(name: str, shown: Backward, form: Form) -> None:
    if form == "json":
        write_json(document(name, shown))
    elif form == "dot":
        print(dot(shown.graph), end="")
    else:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else UNLIMITED
        unicode = can_show(UNICODE.lines + "".join(UNICODE.marks.values()), sys.stdout)
        for line in lines(shown, width, UNICODE if unicode else ASCII):
            print(line)


def _ended(path: Path, recording: Recording) -> int:
    """Say why the script did not come to its end, where it did not; the exit code."""
    error, done = recording.error, f"after {len(recording.moments):,} lines"
    if recording.ending == "cancelled" or (error and error.type == KeyboardInterrupt.__name__):
        complain(f"{path} was interrupted {done}")
        return 130
    if recording.ending == "bound":
        complain(f"{path} was stopped {done}, as --limit asks")
    elif recording.ending == "time":
        complain(f"{path} was stopped {done}: it took too long")
    elif error is not None:
        complain(_located(path, recording))
    else:
        return 0
    return 1


def _located(path: Path, recording: Recording) -> str:
    error = recording.error
    assert error is not None
    column = f":{error.column}" if error.column is not None else ""
    return f"{path}:{error.line}{column}: {error}"


def _nothing(recording: Recording, tensor: str | None) -> str:
    if tensor is not None and recording.graphs:
        return f"no graph of a tensor {tensor}"
    if any(moment.tensors for moment in recording.moments):
        return "no tensor that requires grad, so there is no graph to show"
    return "no tensor, so there is no graph to show"
