"""`linreg-tui record`: a script run to its own end, with its recording in a file.

Of several ranks, as torchrun or Slurm starts them, each has a file in one folder.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

from engine.plurals import counted
from engine.recording.file.frames import EmptyRunFileError, RunFileError
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.recording.records import Ending
from engine.script.distributed.launch import RankLaunch, launch_of, leave_empty, recording_in
from engine.script.frames.script_errors import signal_name
from engine.script.process.child import ScriptCall
from engine.script.process.supervisor import end_like, record_to
from tui.cli.options.targets import Target
from tui.cli.printing.output import complain
from tui.cli.scripts.recording_file import kept
from tui.kit.text import size_text

STOPPED: Mapping[Ending, str] = {
    "bound": ", stopped as --limit asks",
    "time": ", stopped as --time asks",
}
"""Said of a script that would have gone on."""


def run(
    options: Namespace,
    supervise: Callable[[ScriptCall, Plan, Path], int] = record_to,
) -> int:
    """Run the script and record it; returns its exit code.

    One of several ranks is recorded in a file of its own, in a folder that all of them have.
    Nothing is printed on stdout, and on stderr one line at the end. Raises RunFileError, with the
    script not run, where it cannot be recorded.
    """
    launch = launch_of(os.environ)
    if launch is not None:
        return _run_as_rank(options, launch, supervise)
    source: Target = options.source
    file: Path = options.output or free_name(source)
    with kept(file):
        place = file.absolute()
        code = supervise(_call(options), options.plan, file)
        if not options.quiet and code >= 0:
            _say(file, place)
    return end_like(code)


def _run_as_rank(
    options: Namespace, launch: RankLaunch, supervise: Callable[[ScriptCall, Plan, Path], int]
) -> int:
    """Record the script of one rank; only one of them says where the recordings are."""
    folder: Path = options.output or Path(f"{_stem(options.source)}-{launch.name}")
    file = recording_in(folder, launch)
    place = file.absolute()  # the script may go elsewhere
    try:
        with kept(file):
            call = replace(_call(options), place=launch.place)
            code = supervise(call, options.plan, file)
            if not options.quiet and (launch.place.rank == 0 or _failed(code)):
                _say_rank(folder, place, launch, code)
    finally:
        leave_empty(place.parent)
    return end_like(code)


def _failed(code: int) -> bool:
    """Whether a script has ended badly, and not because its launcher ended all of them."""
    return code not in (0, -signal.SIGTERM, -signal.SIGINT, 128 + signal.SIGTERM)


def _call(options: Namespace) -> ScriptCall:
    source: Target = options.source
    return ScriptCall(str(source.path), source.kind == "module", tuple(options.own))


def _stem(source: Target) -> str:
    return str(source.path) if source.kind == "module" else source.path.stem


def free_name(source: Target) -> Path:
    """Return a name for a recording in the working directory that no file has.

    It says what runs, and since when.
    """
    name = f"{_stem(source)}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (Path(f"{name}{'' if n == 1 else f'-{n}'}.run") for n in count(1))
    return next(path for path in names if not os.path.lexists(path))


def _say(file: Path, place: Path) -> None:
    """One line that says what was recorded, and how it is opened."""
    if (said := _recorded(place)) is not None:
        complain(f"{said}: linreg-tui inspect {shlex.quote(str(file))}")


def _say_rank(folder: Path, place: Path, launch: RankLaunch, code: int) -> None:
    """One line of rank 0 for the whole run, or of a rank that has failed for itself."""
    rank = launch.place.rank
    sizes = [size for file in _of_launch(place.parent, launch) if (size := _size(file))]
    if (said := _recorded(place, sum(sizes))) is None:
        return
    who = f"{launch.place.world_size} ranks"
    if rank or _failed(code):
        how = f"exit code {code}" if code >= 0 else signal_name(-code)
        who = f"rank {rank} of {launch.place.world_size} ended with {how}"
    complain(f"{who}, {said}: linreg-tui inspect {shlex.quote(str(folder))}")


def _of_launch(folder: Path, launch: RankLaunch) -> Iterable[Path]:
    """The recordings of all ranks, as far as they are there."""
    ranks = range(launch.place.world_size)
    places = (replace(launch, place=replace(launch.place, rank=rank)) for rank in ranks)
    return (folder / one.file_name for one in places)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _recorded(file: Path, size: int = 0) -> str | None:
    """How much was recorded in a file, or in all of that size; None where nothing was begun."""
    try:
        reader = RunReader(file)
    except EmptyRunFileError:
        return None  # the script was never begun, for a reason that has been said
    except RunFileError as error:
        complain(str(error))
        return None
    recording = reader.recording()
    passes = counted(recording.passes.count, "pass", "passes")
    broken = "" if reader.has_end else ", broken off: it could not be written on"
    reader.close()
    stopped = STOPPED.get(recording.ending, "")
    return f"{passes}, {size_text(size or _size(file))}{stopped}{broken}"
