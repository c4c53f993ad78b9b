"""A folder of recordings, one a rank, read as one run: also while its files appear and grow.

Whoever writes them is in other processes, perhaps on other machines: nothing is locked, and a
file that is not there yet, is empty, or is no recording keeps none of the others from being read.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.launches import Launch, RankFile, newest_launch
from engine.ranks.rank_fault import ranks_text
from engine.recording.file.frames import EmptyRunFileError, RunFileError, is_recording, shown
from engine.recording.file.run_reader import RunReader
from engine.recording.rank_records import RankPlace

OPEN_LIMIT = 256
"""At most so many files are open at a time, one a rank; a process may often have no more than
1,024."""
LOOKED_AT = 4096
"""Of so many files in a folder it is found out whether they are recordings."""
_NAMED = re.compile(r"rank-?(\d{1,5})\b")


class RankFolder:
    """The recordings in a folder; raises RunFileError where there is none of a rank.

    `refresh` reads what has been written since, and `run` gives what there is as a record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._readers: dict[str, RunReader] = {}
        self._files: dict[str, RankFile] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._notes: dict[str, str] = {}
        self._launch: Launch | None = None
        self._empty = False
        self.refresh()
        if self._launch is None:
            self.close()
            raise self._nothing()

    @property
    def running(self) -> bool:
        """Whether any of the ranks may still be running."""
        return any(reader.running for reader in self._readers.values())

    def refresh(self) -> bool:
        """Read what is new, and look for new files; whether anything was."""
        new = self._refresh_readers()
        new |= self._look_for_files()
        files = list(self._files.values()) or list(self._named())
        self._launch = newest_launch(files) or self._launch
        if self._launch is not None:
            self._keep_open(self._launch)
        return new

    def run(self) -> DistributedRun:
        """The run as far as it is written; what it has is read when it is looked at."""
        launch = self._launch
        assert launch is not None
        readers = {rank: self.reader(rank) for rank in range(launch.world_size)}
        found = {rank: one.recording() for rank, one in readers.items() if one is not None}
        ranks = tuple(found.get(rank) for rank in range(launch.world_size))
        notes = (*launch.notes, *self._notes.values(), *self._missing(launch), *self._elsewhere())
        return DistributedRun(self.path.name, launch.world_size, ranks, notes)

    def reader(self, rank: int) -> RunReader | None:
        """What reads the recording of one rank; None where there is none, or none yet."""
        file = self._launch.files.get(rank) if self._launch is not None else None
        return None if file is None else self._readers.get(file.name)

    def close(self) -> None:
        """Close all files; nothing can be read any more."""
        for name in tuple(self._readers):
            self._readers.pop(name).close()

    def _refresh_readers(self) -> bool:
        new = False
        for name, reader in tuple(self._readers.items()):
            try:
                new |= reader.refresh()
            except RunFileError:  # it is gone, or another one has its name now
                self._forget(name)
                new = True
                continue
            self._know(name, reader)
        return new

    def _look_for_files(self) -> bool:
        new = False
        self._empty = False
        for name in self._changed():
            self._notes.pop(name, None)
            try:
                reader = self._open(name)
            except EmptyRunFileError:
                self._empty = True
                self._seen.pop(name)
                continue
            except RunFileError as error:
                if _NAMED.search(name):
                    self._notes[name] = str(error)
                continue
            new = True
            self._know(name, reader)
            if len(self._readers) > OPEN_LIMIT:
                self._readers.pop(name).close()
        return new

    def _changed(self) -> Iterator[str]:
        """The regular files that are not open and were never looked at as they are now."""
        try:
            with os.scandir(self.path) as entries:
                names = sorted(entry.name for entry in entries if entry.name[0] != ".")
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise RunFileError(f"cannot read {shown(self.path)}: {why}") from error
        there = self._readers.keys() | set(names)
        for known in (self._files, self._seen, self._notes):
            for name in known.keys() - there:
                del known[name]
        for name in names[:LOOKED_AT]:
            if name in self._readers:
                continue
            with contextlib.suppress(OSError, ValueError):
                found = (self.path / name).stat()
                state = (found.st_ino, found.st_size, found.st_mtime_ns)
                if stat.S_ISREG(found.st_mode) and self._seen.get(name) != state:
                    self._seen[name] = state
                    yield name

    def _open(self, name: str) -> RunReader:
        path = self.path / name
        if not _NAMED.search(name) and not is_recording(path):  # which looks at the beginning only
            raise RunFileError(f"{shown(path)} is not a recording")
        reader = self._readers[name] = RunReader(path)
        return reader

    def _know(self, name: str, reader: RunReader) -> None:
        place = reader.place
        if place is not None:
            self._files[name] = RankFile(name, place, _started(reader))

    def _forget(self, name: str) -> None:
        self._readers.pop(name).close()
        self._files.pop(name, None)
        self._seen.pop(name, None)

    def _named(self) -> Iterator[RankFile]:
        """The recordings that do not say yet of which rank they are, but have names that do."""
        named = {name: _NAMED.search(name) for name in self._readers}
        ranks = {name: int(one[1]) for name, one in named.items() if one is not None}
        size = max(ranks.values(), default=0) + 1
        for name, rank in ranks.items():
            yield RankFile(name, RankPlace(rank, size), _started(self._readers[name]))

    def _keep_open(self, launch: Launch) -> None:
        """Close what is not of the launch, and open what is, as far as there may be open files."""
        mine = [one.name for _, one in sorted(launch.files.items())][:OPEN_LIMIT]
        undecided = {name for name in self._readers if name not in self._files}
        for name in self._readers.keys() - set(mine) - undecided:
            self._readers.pop(name).close()
        for name in mine:
            if name not in self._readers:
                with contextlib.suppress(RunFileError):
                    self._open(name)

    def _missing(self, launch: Launch) -> Iterator[str]:
        missing = [rank for rank in range(launch.world_size) if self.reader(rank) is None]
        if unread := [rank for rank in missing if rank in launch.files]:
            yield f"{ranks_text(unread)}: not read, as only {OPEN_LIMIT} files are open at a time"
        if none := [rank for rank in missing if rank not in launch.files]:
            yet = " yet" if self.running else ""
            yield f"there is no recording of {ranks_text(none)}{yet}"

    def _elsewhere(self) -> Iterator[str]:
        """Ranks that may or may not be running, on machines that are not seen from here."""
        hosts: dict[str, list[int]] = {}
        for rank in self._launch.files if self._launch is not None else ():
            reader = self.reader(rank)
            if reader is not None and reader.running and reader.head.get("host"):
                hosts.setdefault(str(reader.head["host"]), []).append(rank)
        hosts.pop(platform.node(), None)
        for host, ranks in hosts.items():
            verb = "it still runs" if len(ranks) == 1 else "they still run"
            yield f"whether {verb} is not known here: {ranks_text(ranks)}, on {host}"

    def _nothing(self) -> RunFileError:
        """Why there is no run in the folder, in one line that names it."""
        name = shown(self.path)
        if self._empty:
            return EmptyRunFileError(f"{name} is empty so far: no rank has recorded anything in it")
        single = sorted(self._seen_recordings())
        if single:
            return RunFileError(
                f"{name} holds no recording of a rank; {single[0]} is one of a single process"
            )
        return RunFileError(f"{name} is a folder in which no rank has recorded anything")

    def _seen_recordings(self) -> list[str]:
        return [name for name in self._seen if is_recording(self.path / name)]


def _started(reader: RunReader) -> float:
    started = reader.head.get("started")
    return float(started) if isinstance(started, int | float) else 0.0
