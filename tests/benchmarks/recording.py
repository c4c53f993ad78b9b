"""Recording scripts: what it costs them, how large the files are, and reading those."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from engine.recording.frames import RunFileError
from engine.recording.run_reader import RunReader
from tests.benchmarks import recorded_scripts
from tests.benchmarks.figures import Figure, Samples, at_least, at_most, ratio_at_most
from tests.benchmarks.suite import benchmark

ROUNDS = 5
KILLS = 100
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a script, plain or recorded."""

    lines: tuple[str, ...]
    cpu: float
    """Seconds of all its processes."""
    peak: float
    """Bytes of the largest of them."""
    bytes: int
    """Of the recording, 0 where there is none."""


def execute(script: Path, *arguments: str, options: Sequence[str] | None = None) -> Run:
    """Run the script, recorded where there are `options`; raises where it fails."""
    command = [sys.executable, str(script), *arguments]
    file = script.with_suffix(".run")
    file.unlink(missing_ok=True)
    if options is not None:
        command = [sys.executable, "-m", "tui", "record", str(script), "-o", str(file)]
        command += [*options, "--", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ONE_THREAD, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    size = file.stat().st_size if file.exists() else 0
    cpu = used.ru_utime + used.ru_stime
    return Run(tuple(printed.splitlines()), cpu, used.ru_maxrss * 1024, size)


@contextmanager
def script_file(source: str) -> Iterator[Path]:
    """The source in a folder of its own."""
    with TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(source)
        yield script


@benchmark("recording.loop", "the tutorial's loop, recorded, over the loop alone")
def loop(quick: bool) -> Iterator[Figure]:
    """CPU seconds of whole processes but for their starts, side by side."""
    for count, bound in ((5_000, 1.25), (100_000, 1.15)):
        rounds = 2 if quick or count > 5_000 else ROUNDS
        with script_file(recorded_scripts.LOOP) as script:
            runs = [
                (execute(script, str(count), options=()), execute(script, str(count)))
                for _ in range(rounds)
            ]
            start = median(execute(script, "0", options=()).cpu for _ in range(rounds))
            plain_start = median(execute(script, "0").cpu for _ in range(rounds))
        yield Figure(
            f"recording.loop.{count}",
            f"recorded with defaults, {count:,} iterations",
            "s",
            Samples(tuple(ours.cpu - start for ours, _ in runs)),
            "plain",
            Samples(tuple(plain.cpu - plain_start for _, plain in runs)),
            ratio_at_most(bound),
            f"CPU seconds, less those of runs without a pass ({start:.2f} s and "
            f"{plain_start:.2f} s); file {runs[0][0].bytes / 1e6:.1f} MB",
        )


@benchmark("recording.step", "a training step of 50 ms and more, recorded")
def step(quick: bool) -> Iterator[Figure]:
    """The steps' own CPU seconds: those without lines, armed, and the deep ones."""
    for name, source in (
        ("transformer", recorded_scripts.TRANSFORMER),
        ("lstm", recorded_scripts.LSTM),
    ):
        steps = 12 if quick else 30
        with script_file(source) as script:
            armed, plain, deep = _steps(script, steps, 2 if quick else ROUNDS)
        yield Figure(
            f"recording.step.{name}.armed",
            f"a step of the {name}, --when nonfinite armed",
            "s",
            Samples(tuple(armed)),
            "plain",
            Samples(tuple(plain)),
            ratio_at_most(1.03),
            f"median CPU seconds of the steps without lines, {steps} steps, runs side by side",
        )
        yield Figure(
            f"recording.step.{name}.deep",
            f"a step of the {name} that is recorded line by line",
            "s",
            Samples(tuple(deep.seconds)),
            "plain",
            Samples((median(plain),)),
            ratio_at_most(3),
            "CPU seconds from the end of the step before to its own end",
        )
        yield Figure(
            f"recording.step.{name}.size",
            f"a deep pass of the {name} in the file",
            "B",
            Samples((deep.bytes,)),
            target=at_most(15e6),
            how="the file with --every 1 and without lines, the difference divided by the steps",
        )


@dataclass(frozen=True, slots=True)
class _Deep:
    seconds: tuple[float, ...]
    bytes: float


def _steps(script: Path, steps: int, rounds: int) -> tuple[list[float], list[float], _Deep]:
    armed, plain, deep = [], [], []
    lined = {0, 1, 2, 3, 4, 5, 8, 9, 16, 17, steps - 1}
    for _ in range(rounds):
        run = execute(script, str(steps), options=("--when", "nonfinite"))
        each = [float(line.split()[0]) for line in run.lines]
        armed.append(median(one for number, one in enumerate(each) if number not in lined))
        ends = [float(line.split()[1]) for line in run.lines]
        deep += [ends[number] - ends[number - 1] for number in (4, 8)]
        each = [float(line.split()[0]) for line in execute(script, str(steps)).lines]
        plain.append(median(one for number, one in enumerate(each) if number not in lined))
    every = execute(script, "6", options=("--every", "1"))
    return armed, plain, _Deep(tuple(deep), every.bytes / 6)


OPENING = """\
import sys, time
from pathlib import Path
from engine.recording.run_reader import RunReader
begun = time.perf_counter()
recording = RunReader(Path(sys.argv[1])).recording()
recording.passes.losses(), recording.moments[-1]
opened = time.perf_counter()
print(opened - begun)
for deep in recording.passes.deep:
    begun = time.perf_counter()
    moments = [recording.moments[index] for index in range(deep.first, deep.end)]
    graph = recording.graphs[moments[-1].graph]
    print(time.perf_counter() - begun)
assert "torch" not in sys.modules
"""


@benchmark("recording.open", "opening a recording of 100,000 passes")
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
        "recording.open.file",
        f"open a recording of {count:,} passes",
        "s",
        Samples(tuple(opened)),
        target=at_most(0.3),
        how="from the path to all losses and the last moment",
    )
    yield Figure(
        "recording.open.pass",
        "go to a deep pass in it",
        "s",
        Samples(tuple(moved), percent=95),
        target=at_most(0.05),
        how=f"all lines and the graph of each of its {len(moved) // ROUNDS} deep passes",
    )


@benchmark("recording.live", "passes seen from another process after they ended")
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
        "recording.live.seen",
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


@benchmark("recording.kill", "kill -9 of script and recorder at random moments")
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
        "recording.kill.opened",
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


@benchmark("recording.large", "a tensor of 1 GB in scope")
def large(quick: bool) -> Iterator[Figure]:
    """The peak of the largest process, recorded and plain."""
    with script_file(recorded_scripts.LARGE) as script:
        ours, plain = execute(script, options=("--every", "1")), execute(script)
    yield Figure(
        "recording.large.peak",
        "peak memory over the script's own",
        "B",
        Samples((ours.peak - plain.peak,)),
        target=at_most(200e6),
        how=f"{plain.peak / 1e6:,.0f} MB alone, {ours.peak / 1e6:,.0f} MB recorded, every line",
    )
