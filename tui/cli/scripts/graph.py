"""`linreg-tui graph`: a lesson, a script or a recording, and one graph that it made."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from engine.autograd.graphviz import dot
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.recording.records import Recording
from engine.script.process.subprocess_recorder import record_isolated
from tui.cli.options.targets import Target
from tui.cli.printing.json_output import write_json
from tui.cli.printing.output import can_show, complain
from tui.cli.scripts.graph_choice import ChosenGraph, choose
from tui.cli.scripts.graph_json import document
from tui.cli.scripts.graph_of_ranks import GraphOfRanks
from tui.cli.scripts.graph_report import GOOD, Report
from tui.cli.scripts.graph_text import lines
from tui.cli.scripts.recording_file import kept
from tui.config.errors import UsageError
from tui.kit.glyphs import ASCII, UNICODE

Form = Literal["text", "json", "dot"]


class Recorder(Protocol):
    """Runs a script and records it."""

    def __call__(
        self,
        path: Path,
        *,
        arguments: Sequence[str],
        plan: Plan,
        module: bool,
        keep: Path | None,
    ) -> Recording:
        """The recording of the script at `path`, or the module of that name."""


def run(options: Namespace, isolated: Recorder = record_isolated) -> int:
    """Print the graph and, but for Graphviz, the backward pass; returns the exit code.

    A lesson runs in this process, a script is recorded by `isolated`, a recording is read. Raises
    UsageError, SourceError or RunFileError for what has no graph or cannot be read.
    """
    source: Target = options.source
    ranks = GraphOfRanks(options) if source.is_folder else None
    if ranks is None and options.rank is not None:
        raise UsageError("--rank is for a folder of recordings, one a rank")
    with kept(options.output):
        about = recorded(source, options, isolated) if ranks is None else ranks.report
    recording, form = about.recording, options.form
    if recording.error is not None and not len(recording.moments):
        raise UsageError(about.located())
    try:
        shown, missing = choose(recording, options.number, options.tensor, source.about), ""
    except UsageError as error:
        shown, missing = None, str(error)
    good = recording.ending in GOOD and recording.error is None
    if shown is None and not missing and good and recording.ending != "running":
        missing = f"{source.path} makes {about.nothing(options.tensor)}"
    if shown is not None or (form == "json" and not missing):
        _print(about, shown, form, ranks)
    return _said(about, form, missing, ranks, worth=shown is not None or not good)


def _said(
    about: Report, form: Form, missing: str, ranks: GraphOfRanks | None, *, worth: bool
) -> int:
    """Say on stderr what there is to say, if it is worth it; the exit code."""
    code = 0
    if ranks is not None and form != "json":
        ranks.explained()
    if worth or about.recording.ending == "running":
        if form != "json" and about.source.kind != "lesson":
            about.printed()
        if form != "json":
            about.explained()
        code = about.ended()
    for note in about.notes():
        complain(note)
    if ranks is not None:
        ranks.noted()
    if missing:
        raise UsageError(missing)
    return code


def recorded(source: Target, options: Namespace, isolated: Recorder) -> Report:
    """Return what there is to say of a target: a lesson or a script is run, a recording read."""
    if source.kind == "recording":
        reader = RunReader(source.path)
        return Report(source, reader.recording(), lambda: reader.recording().notes)
    if source.kind == "lesson":
        # Late: torch, which a recording needs none of.
        from engine.script.recorder import record

        recording = record(source.path, arguments=options.own)
    else:
        recording = isolated(
            source.path,
            arguments=options.own,
            plan=options.plan,
            module=source.kind == "module",
            keep=options.output,
        )
    return Report(source, recording, lambda: recording.notes)


def _print(
    about: Report, shown: ChosenGraph | None, form: Form, ranks: GraphOfRanks | None
) -> None:
    if form == "json":
        of_ranks = {} if ranks is None else ranks.document(shown)
        write_json(document(about.recording, shown) | about.document() | of_ranks)
    elif shown is not None and form == "dot":
        print(dot(shown.backward.graph), end="")
    elif shown is not None:
        width = shutil.get_terminal_size().columns  # without a terminal 80, or COLUMNS
        unicode = can_show(UNICODE.lines + "".join(UNICODE.marks.values()), sys.stdout)
        for line in lines(shown, width, UNICODE if unicode else ASCII):
            print(line)
        if ranks is not None:
            ranks.print_lines(shown)
    sys.stdout.flush()  # what is said of it comes after it, also where both go into one file
