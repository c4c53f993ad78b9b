"""`linreg-tui check`: run a script, and print only what is wrong with it, a line each."""

from __future__ import annotations

from argparse import Namespace

from engine.recording.problems import problems
from engine.script.process.subprocess_recorder import record_isolated
from tui.cli.printing.json_output import write_json
from tui.cli.printing.output import complain
from tui.cli.scripts.check_ranks import check_ranks
from tui.cli.scripts.finding_lines import finding_document, finding_line
from tui.cli.scripts.graph import Recorder, recorded
from tui.cli.scripts.graph_report import looked_at
from tui.cli.scripts.ranks import read_ranks
from tui.cli.scripts.recording_file import kept


def run(options: Namespace, isolated: Recorder = record_isolated) -> int:
    """Print what is wrong on stdout; returns 1 where anything is, 0 where nothing.

    A script that is stopped, or killed, is not right; one that is interrupted ends with 130.

    Raises UsageError, SourceError or RunFileError for what cannot be run or read.
    """
    if options.source.is_folder:
        return check_ranks(read_ranks(options.source.path), options.form)
    with kept(options.output):
        about = recorded(options.source, options, isolated)
    found = problems(about.recording, looked_at(about.recording))
    if options.form == "json":
        write_json([finding_document(one, about) for one in found])
    else:
        for one in found:
            print(finding_line(one, about))
    for note in about.notes():
        complain(note)
    if about.recording.ending in ("end", "exit", "error", "running"):
        return 1 if found else 0
    return about.ended()
