"""Recording scripts: what it costs them in time and memory, and how large the files are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from engine.recording.file.run_reader import RunReader
from tests.benchmarks import recorded_scripts
from tests.benchmarks.figures import Figure, Samples, at_most, ratio_at_most
from tests.benchmarks.recorded_runs import (
    ROUNDS,
    Run,
    execute,
    execute_alone,
    execute_python,
    script_file,
)
from tests.benchmarks.suite import benchmark


@benchmark("recording.loop", "the tutorial's loop, recorded, over the loop alone")
def loop(quick: bool) -> Iterator[Figure]:
    """CPU seconds after its imports, with all that recording adds at the end, in turns."""
    for count, bound in ((5_000, 1.25), (100_000, 1.15)):
        rounds = 3 if quick or count > 5_000 else 2 * ROUNDS + 1
        with script_file(recorded_scripts.LOOP) as script:
            runs = [(_loop(script, count), _loop(script, count, plain=True)) for _ in range(rounds)]
        end = median(ours.end for ours, _ in runs) - median(plain.end for _, plain in runs)
        read = median(ours.read for ours, _ in runs)
        yield Figure(
            f"recording.loop.{count}",
            f"recorded with defaults, {count:,} iterations",
            "s",
            Samples(tuple(ours.loop + end + ours.read for ours, _ in runs)),
            "plain",
            Samples(tuple(plain.loop for _, plain in runs)),
            ratio_at_most(bound),
            f"CPU seconds of its process from its imports to its last line, runs in turns; of the "
            f"recorded one also what its exit handlers take longer ({end:.3f} s), and the "
            f"reading of its file for the line that is printed then ({read:.3f} s); "
            f"file {runs[0][0].bytes / 1e6:.1f} MB",
        )


@dataclass(frozen=True, slots=True)
class _Loop:
    """One run of the loop, in CPU seconds."""

    loop: float
    """From its imports to its last line."""
    end: float
    """From there until its exit handlers have run."""
    read: float
    """What reads its recording then."""
    bytes: int


def _loop(script: Path, count: int, *, plain: bool = False) -> _Loop:
    run = execute_alone(script, str(count), recorded=not plain)
    begun, ended, left = map(float, " ".join(run.lines[-2:]).split())
    before = time.process_time()
    if not plain:
        with closing(RunReader(script.with_suffix(".run"))) as reader:
            assert reader.recording().passes.count == count
    read = time.process_time() - before
    return _Loop(ended - begun, left - ended, read, run.bytes)


@benchmark("recording.step", "a training step of 50 ms and more, recorded")
def step(quick: bool) -> Iterator[Figure]:
    """The steps' own CPU seconds: those without lines, armed, and the deep ones."""
    for name, source in (
        ("transformer", recorded_scripts.TRANSFORMER),
        ("lstm", recorded_scripts.LSTM),
    ):
        with script_file(source) as script:
            armed, plain, deep = _steps(script, 2 if quick else ROUNDS)
        yield Figure(
            f"recording.step.{name}.armed",
            f"a step of the {name}, --when nonfinite armed",
            "s",
            Samples(tuple(armed)),
            "plain",
            Samples(tuple(plain)),
            ratio_at_most(1.03),
            "median CPU seconds of steps without lines, runs side by side",
        )
        yield Figure(
            f"recording.step.{name}.deep",
            f"a step of the {name} that is recorded line by line",
            "s",
            Samples(tuple(deep.seconds)),
            "plain",
            Samples((median(plain),)),
            ratio_at_most(3),
            "CPU seconds from the end of the step before to that of seven more, less those of "
            "seven plain ones: some of it is written while they run",
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


DEEP = 10
"""A pass that the default plan records line by line, long after the one before it."""
QUIET = range(24, 32)
"""Passes that come so long after it that nothing is left to be written of it."""


def _steps(script: Path, rounds: int) -> tuple[list[float], list[float], _Deep]:
    armed, plain, deep = [], [], []
    steps = QUIET.stop
    for _ in range(rounds):
        run = execute(script, str(steps), options=("--when", "nonfinite"))
        armed.append(_median_of(run, QUIET))
        beside = _median_of(execute(script, str(steps)), QUIET)
        plain.append(beside)
        ends = [float(line.split()[1]) for line in run.lines]
        after = QUIET.start - 1 - DEEP
        deep.append(ends[DEEP + after] - ends[DEEP - 1] - after * beside)
    every = execute(script, "6", options=("--every", "1"))
    return armed, plain, _Deep(tuple(deep), every.bytes / 6)


def _median_of(run: Run, steps: Iterable[int]) -> float:
    each = [float(line.split()[0]) for line in run.lines]
    return median(each[number] for number in steps)


@benchmark("recording.least", "the least that a step costs whose every gradient is looked at")
def least(quick: bool) -> Iterator[Figure]:
    """By a recorder that does nothing else: what `recording.step` is held against."""
    rounds = 2 if quick else ROUNDS
    for name, source in (
        ("transformer", recorded_scripts.TRANSFORMER),
        ("lstm", recorded_scripts.LSTM),
    ):
        with script_file(source) as script:
            turns = [[_least(script, kind) for kind in _KINDS] for _ in range(rounds)]
        plain, *kinds = (Samples(tuple(one)) for one in zip(*turns, strict=True))
        for what, ours in zip(_KINDS[1:], kinds, strict=True):
            yield Figure(
                f"recording.least.{name}.{what}",
                f"a step of the {name}: its lines, calls and gradients seen, {_LEAST[what]}",
                "s",
                ours,
                "plain",
                plain,
                how="CPU seconds, the least of each run, runs in turns: empty functions for lines "
                "and calls and a hook at every node; nothing is named, compared or written",
            )


_LEAST = {"copies": "copied", "statistics": "copied and summed up"}
_KINDS = ("plain", *_LEAST)
_LEAST_STEPS = 12


def _least(script: Path, kind: str) -> float:
    command = [str(script), str(_LEAST_STEPS)]
    if kind != "plain":
        command = ["-m", "tests.benchmarks.least_recorder", kind, *command]
    lines = execute_python(*command).lines
    return min(float(line.split()[0]) for line in lines[3:])


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
