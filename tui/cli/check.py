"""`linreg-tui check`: run a script, and print only what is wrong with it, a line each."""

from __future__ import annotations

from argparse import Namespace

from engine.recording.findings import Finding
from engine.recording.problems import problems
from engine.script.subprocess_recorder import record_isolated
from tui.cli.graph import Recorder, recorded
from tui.cli.graph_report import Report, looked_at
from tui.cli.output import Json, complain, write_json
from tui.cli.recording_file import kept
from tui.kit.text import safe


def run(options: Namespace, isolated: Recorder = record_isolated) -> int:
    """Print what is wrong on stdout; returns 1 where anything is, 0 where nothing.

    A script that is stopped, or killed, is not right; one that is interrupted ends with 130.

    Raises UsageError, SourceError or RunFileError for what cannot be run or read.
    """
    with kept(options.output):
        about = recorded(options.source, options, isolated)
    found = problems(about.recording, looked_at(about.recording))
    if options.form == "json":
        write_json([_plain(one, about) for one in found])
    else:
        for one in found:
            print(_line(one, about))
    for note in about.notes():
        complain(note)
    if about.recording.ending in ("end", "exit", "error", "running"):
        return 1 if found else 0
    return about.ended()


def _line(finding: Finding, about: Report) -> str:
    """Return a line as compilers write them: the place, what is wrong, why, and the remedy."""
    words = " ".join(filter(None, (finding.what, finding.why)))
    instead = f" → {finding.instead}" if finding.instead else ""
    return safe(f"{about.file_of(finding.file)}:{finding.line}: {words}{instead}")


def _plain(finding: Finding, about: Report) -> Json:
    return {
        "kind": finding.kind,
        "file": about.file_of(finding.file),
        "line": finding.line,
        "pass": finding.number,
        "what": finding.what,
        "why": finding.why,
        "instead": finding.instead,
    }
