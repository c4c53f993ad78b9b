"""Which process of which launch this one is, as torchrun, Slurm or a shell script has set it up.

Nothing is asked of the other ranks: all of them come to the same folder by what they were given.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.recording.file.frames import RunFileError, shown
from engine.recording.rank_records import RankPlace

MARK = ".launch"
"""The file in the folder of a run that says which launch its recordings are of."""
_MARK_SECONDS = 2.0
"""So long a mark that is empty is waited for: whoever made it is about to write it."""


@dataclass(frozen=True, slots=True)
class RankLaunch:
    """One process of a launch of several."""

    place: RankPlace
    name: str
    """What all ranks of the launch, and no others, call it: part of a file's name."""
    base: str
    """What the launch has in common with its restarts."""
    restart: int = 0
    """How many times the launcher has started all ranks again."""

    @property
    def file_name(self) -> str:
        """The name of this rank's recording; those of all ranks sort in their order."""
        width = len(str(self.place.world_size - 1))
        again = f".restart-{self.restart}" if self.restart else ""
        return f"rank-{self.place.rank:0{width}}{again}.run"


def launch_of(environ: Mapping[str, str]) -> RankLaunch | None:
    """Return which process of which launch this is; None where it is the only one."""
    return _torchrun(environ) or _slurm(environ)


def _torchrun(environ: Mapping[str, str]) -> RankLaunch | None:
    """As torchrun, or whoever sets the same variables by hand, has started it."""
    rank, world_size = _number(environ, "RANK"), _number(environ, "WORLD_SIZE")
    if rank is None or world_size is None or not rank < world_size > 1:
        return None
    name = base = "-".join(environ.get(key, "") for key in ("MASTER_ADDR", "MASTER_PORT"))
    run = environ.get("TORCHELASTIC_RUN_ID", "none")
    if run != "none":  # else nobody has named it, and all are called so
        name = base = run
    folder = Path(environ.get("TORCHELASTIC_ERROR_FILE", "")).parents
    if len(folder) > 3 and environ.get("GROUP_WORLD_SIZE", "1") == "1":
        # One launcher has started all ranks, and has a folder of its own.
        base = folder[2].name
        with contextlib.suppress(OSError):
            began = time.localtime(folder[3].stat().st_mtime)
            name = time.strftime("%Y%m%d-%H%M%S", began)
    return _launch(
        rank,
        world_size,
        _number(environ, "LOCAL_RANK") or 0,
        name,
        f"{base} {world_size}" if run == "none" else base,
        _number(environ, "TORCHELASTIC_RESTART_COUNT") or 0,
    )


def _slurm(environ: Mapping[str, str]) -> RankLaunch | None:
    """As `srun` has started it; a batch script, which is no step of its job, is one process."""
    rank, world_size = _number(environ, "SLURM_PROCID"), _number(environ, "SLURM_NTASKS")
    world_size = _number(environ, "SLURM_STEP_NUM_TASKS") or world_size
    job, step = environ.get("SLURM_JOB_ID", ""), environ.get("SLURM_STEP_ID", "")
    if rank is None or world_size is None or not rank < world_size > 1 or (job and not step):
        return None
    base = f"job-{job}.{step}" if job else "job"
    local_rank = _number(environ, "SLURM_LOCALID") or 0
    again = _number(environ, "SLURM_RESTART_COUNT") or 0
    return _launch(rank, world_size, local_rank, base, base, again)


def _launch(
    rank: int, world_size: int, local_rank: int, name: str, base: str, restart: int
) -> RankLaunch:
    base = "".join(letter for letter in base if letter.isprintable())
    launch = f"{base} restart {restart}" if restart else base
    place = RankPlace(rank, world_size, local_rank, platform.node(), launch)
    return RankLaunch(
        place, re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "run", base, restart
    )


def _number(environ: Mapping[str, str], name: str) -> int | None:
    text = environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def recording_in(folder: Path, launch: RankLaunch) -> Path:
    """Make the folder of a run, whichever rank is first, and say which file in it is this rank's.

    Raises RunFileError where it cannot be made, or has recordings of another launch.
    """
    try:
        folder.mkdir(parents=False, exist_ok=True)
        found = _marked(folder, launch)
    except FileExistsError:
        what = f"{launch.place.world_size} ranks need a folder, and it is a file"
        raise RunFileError(f"cannot record to {shown(folder)}: {what}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no folder can have this name"
        raise RunFileError(f"cannot record to {shown(folder)}: {reason}") from error
    if found != launch.base:
        raise RunFileError(
            f"cannot record to {shown(folder)}: it has recordings of another launch; "
            "give another folder with -o"
        )
    return folder / launch.file_name


def leave_empty(folder: Path) -> None:
    """Take the folder away again, where no rank has recorded anything in it."""
    with contextlib.suppress(OSError):
        if {entry.name for entry in folder.iterdir()} <= {MARK}:
            (folder / MARK).unlink(missing_ok=True)
            folder.rmdir()


def _marked(folder: Path, launch: RankLaunch) -> str:
    """The launch that the folder's mark names: this one, unless another one has been here."""
    mark = folder / MARK
    if _has_recordings(folder) and not mark.exists():  # a launch marks first, and then records
        return ""
    mine = folder / f"{MARK}-{launch.place.rank}"
    mine.write_text(launch.base, encoding="utf-8")
    try:
        # With its content at once, and by one rank only.
        with contextlib.suppress(FileExistsError):
            os.link(mine, mark)
    except OSError:  # no such links on this file system
        with contextlib.suppress(FileExistsError), mark.open("x", encoding="utf-8") as file:
            file.write(launch.base)
    finally:
        mine.unlink(missing_ok=True)
    found = _read(mark)
    if found != launch.base and not _has_recordings(folder):
        mark.write_text(launch.base, encoding="utf-8")
        return launch.base
    return found


def _read(mark: Path) -> str:
    until = time.monotonic() + _MARK_SECONDS
    while not (found := mark.read_text("utf-8", "replace")) and time.monotonic() < until:
        time.sleep(0.01)
    return found


def _has_recordings(folder: Path) -> bool:
    return any(folder.glob("*.run"))
