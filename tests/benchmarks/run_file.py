"""Recordings as files: opening them, also while they are written, killed or very long."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from engine.recording.file.frames import RunFileError
from engine.recording.file.run_reader import RunReader
from tests.benchmarks import recorded_scripts
from tests.benchmarks.figures import Figure, Samples, at_least, at_most
from tests.benchmarks.recorded_runs import ONE_THREAD, ROUNDS, execute, script_file
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import APP, terminal
from tests.processes import peak_memory

KILLS = 100
LOOKS = ("2", "left", "3", "5", "7", "1", "N")
"""Keys that look at all of a recording: Train, Chart and its figures, the graph."""

OPENING = """\
import sys, time
from pathlib import Path
from engine.recording.file.run_reader import RunReader
begun = time.perf_counter()
recording = RunReader(Path(sys.argv[1])).recording()
recording.passes.losses, recording.moments[-1]
opened = time.perf_counter()
print(opened - begun)
for deep in recording.passes.deep:
    begun = time.perf_counter()
    moments = [recording.moments[index] for index in range(deep.first, deep.end)]
    graph = recording.graphs[moments[-1].graph]
    print(time.perf_counter() - begun)
assert "torch" not in sys.modules
"""


@benchmark("run_file.open", "opening a recording of 100,000 passes")
def opening(quick: bool) -> Iterator[Figure]:
    """In a new process, which never loads torch."""
    count = 10_000 if quick else 100_000
    opened: list[float] = []
    moved: list[float] = []
    with script_file(recorded_scripts.LOOP) as script:
        execute(script, str(count), options=())
        for _ in range(ROUNDS):
            command = [sys.executable, "-c", OPENING, str(script.with_suffix(".run"))]
            printed = subprocess.check_output(command, text=True).split()
            opened.append(float(printed[0]))
            moved.extend(map(float, printed[1:]))
    yield Figure(
        "run_file.open.file",
        f"open a recording of {count:,} passes",
        "s",
        Samples(tuple(opened)),
        target=at_most(0.3),
        how="from the path to all losses and the last moment",
    )
    yield Figure(
        "run_file.open.pass",
        "go to a deep pass in it",
        "s",
        Samples(tuple(moved), percent=95),
        target=at_most(0.05),
        how=f"all lines and the graph of each of its {len(moved) // ROUNDS} deep passes",
    )


@benchmark("run_file.live", "passes seen from another process after they ended")
def live(quick: bool) -> Iterator[Figure]:
    """The script says when a pass has ended; a reader refreshes 20 times a second."""
    with script_file(recorded_scripts.LIVE) as script:
        seen: dict[int, float] = {}
        file = script.with_suffix(".run")
        over = threading.Event()
        watching = threading.Thread(target=_watch, args=(file, seen, over))
        watching.start()
        run = execute(script, options=())
        over.set()
        watching.join()
    late = [seen[n] - float(line) for n, line in enumerate(run.lines[:-5]) if n in seen]
    yield Figure(
        "run_file.live.seen",
        "a pass is seen after it has ended",
        "s",
        Samples(tuple(late), percent=100),
        target=at_most(1),
        how=f"the latest of {len(late)} passes, 0.1 s apart",
    )


def _watch(file: Path, seen: dict[int, float], over: threading.Event) -> None:
    reader: RunReader | None = None
    while not over.wait(0.05):
        try:
            reader = reader or RunReader(file)
        except (RunFileError, OSError):
            continue
        if reader.refresh():
            for number in range(reader.recording().passes.count):
                seen.setdefault(number, time.time())


@benchmark("run_file.kill", "kill -9 of script and recorder at random moments")
def kills(quick: bool) -> Iterator[Figure]:
    """The whole group dies, and the file must open with all that it had before."""
    chance = random.Random(0)
    count = KILLS // 10 if quick else KILLS
    opened: list[int] = []
    with script_file(recorded_scripts.LOOP) as script:
        file = script.with_suffix(".run")
        for _ in range(count):
            file.unlink(missing_ok=True)
            command = [sys.executable, "-m", "tui", "record", str(script), "-o", str(file)]
            process = subprocess.Popen(
                [*command, "--every", "7", "--", "1000000"],
                stdout=subprocess.DEVNULL,
                env=ONE_THREAD,
                start_new_session=True,
            )
            while not file.exists() or not file.stat().st_size:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 2.5))
            os.killpg(process.pid, 9)
            process.wait()
            passes = _passes_of(file)
            if passes is not None:
                opened.append(passes)
    yield Figure(
        "run_file.kill.opened",
        "recordings that open whole after kill -9",
        "",
        Samples((len(opened),)),
        target=at_least(count),
        how=f"{count} kills, 0 to 2.5 s after the file was begun; {min(opened):,} to "
        f"{max(opened):,} passes were in them",
    )


def _passes_of(file: Path) -> int | None:
    """How many passes are in a file that opens and is whole."""
    try:
        reader = RunReader(file)
    except RunFileError:
        return None
    try:
        recording = reader.recording()
        lines = len(list(recording.moments))
        whole = not any("damaged" in note for note in recording.notes)
        return recording.passes.count if lines >= 0 and whole else None
    finally:
        reader.close()


@benchmark("run_file.app", "the app on a recording of 1,000,000 passes")
def app(quick: bool) -> Iterator[Figure]:
    """Its peak, after every tab and chart has been looked at."""
    count = 10_000 if quick else 1_000_000
    with script_file(recorded_scripts.LOOP) as script:
        execute(script, str(count), options=())
        inspect = (*APP, "inspect", str(script.with_suffix(".run")))
        with terminal(inspect) as work:
            work.until("torch 2", "Quit")
            work.settle()
            for key in LOOKS:
                work.answer(key)
            peak = peak_memory(work.child.pid)
    yield Figure(
        "run_file.app.peak",
        f"peak of the app, {count:,} passes",
        "B",
        Samples((peak,)),
        target=at_most(300e6),
        how=f"inspect in a pty, 120×40, after {' '.join(LOOKS)}; torch is in it",
    )
