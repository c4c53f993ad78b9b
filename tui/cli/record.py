"""`linreg-tui record`: a script run to its own end, with its recording in a file."""

from __future__ import annotations

import os
import shlex
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from engine.recording.frames import EmptyRunFileError, RunFileError
from engine.recording.pass_plan import Plan
from engine.recording.run_reader import RunReader
from engine.script.child import ScriptCall
from engine.script.supervisor import record_to
from tui.cli.output import complain
from tui.cli.recording_file import kept
from tui.cli.targets import Target
from tui.kit.text import counted, size_text


def run(
    options: Namespace,
    supervise: Callable[[ScriptCall, Plan, Path], int] = record_to,
) -> int:
    """Run the script and record it; returns its exit code.

    Nothing is printed on stdout, and on stderr one line at the end. Raises RunFileError, with the
    script not run, where it cannot be recorded.
    """
    source: Target = options.source
    file: Path = options.output or free_name(source, os.environ)
    call = ScriptCall(str(source.path), source.kind == "module", tuple(options.own))
    with kept(file):
        place = file.absolute()
        code = supervise(call, options.plan, file)
        if not options.quiet:
            _say(file, place)
    return code


def free_name(source: Target, environ: Mapping[str, str]) -> Path:
    """Return a name for a recording in the working directory that no file has.

    It says what runs, since when, and as which of several processes.
    """
    stem = str(source.path) if source.kind == "module" else source.path.stem
    rank = environ.get("RANK", environ.get("SLURM_PROCID", ""))
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}" + (f"-rank{rank}" if rank.isdigit() else "")
    names = (Path(f"{name}{'' if n == 1 else f'-{n}'}.run") for n in count(1))
    return next(path for path in names if not os.path.lexists(path))


def _say(file: Path, place: Path) -> None:
    """One line that says what was recorded, and how it is opened."""
    try:
        reader = RunReader(place)
    except EmptyRunFileError:
        return  # the script was never begun, for a reason that has been said
    except RunFileError as error:
        complain(str(error))
        return
    passes = counted(reader.recording().passes.count, "pass", "passes")
    broken = "" if reader.has_end else ", broken off: it could not be written on"
    reader.close()
    size = size_text(place.stat().st_size)
    complain(f"{passes}, {size}{broken}: linreg-tui inspect {shlex.quote(str(file))}")
