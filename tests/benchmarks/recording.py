"""Recording scripts: what it costs them in time and memory, and how large the files are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks import recorded_scripts
from tests.benchmarks.figures import Figure, Samples, at_most, ratio_at_most
from tests.benchmarks.recorded_runs import ROUNDS, execute, script_file
from tests.benchmarks.suite import benchmark


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
