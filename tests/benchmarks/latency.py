"""From a key to its answer: at rest, and while training takes all the CPU it can get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from engine.training.problem import Problem
from tests.benchmarks.figures import Figure, Samples, Target, at_most
from tests.benchmarks.measuring import REPETITIONS
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import ENDLESS, HEADINGS, Terminal, app
from tests.processes import cpu_seconds

PROBE_SECONDS = 0.01


@benchmark("latency.key", "from a key to a settled screen")
def keys(quick: bool) -> Iterator[Figure]:
    """One key after the other, each on a screen that is at rest."""
    times = REPETITIONS if quick else 4 * REPETITIONS
    with app() as work:
        yield from _answers(work, "graph.n", "n in the Graph tab", ["n"], 10)
        yield from _answers(work, "graph.s", "s in the Graph tab, into backward", ["s"], 5)
        work.answer("c")
        yield from _answers(work, "graph.cursor", "cursor over nodes", ["left", "right"], times)
        yield from _answers(work, "tab", "another tab", ["2", "3", "1"], times)
        work.answer("2")
        yield from _answers(work, "train.n", "n in the Train tab", ["n"], times)
        yield from _answers(work, "train.s", "s in the Train tab", ["s"], times)
        work.answer("3")
        yield from _answers(work, "chart.n", "n in the Chart tab", ["n"], times, at_most(0.033))


@benchmark("latency.idle", "nothing runs and no key is pressed")
def idle(quick: bool) -> Iterator[Figure]:
    """On every tab in turn."""
    seconds = 3.0 if quick else 10.0
    written, used = [], []
    with app() as work:
        for tab in ("2", "3", "1"):
            work.answer(tab)
            work.wait(1.0)
            before = cpu_seconds(work.child.pid)
            chunks = work.collect(seconds)
            used.append(100 * (cpu_seconds(work.child.pid) - before) / seconds)
            written.append(float(sum(len(chunk.data) for chunk in chunks)))
    how = f"{seconds:g} s on each tab, whole process"
    bytes_, cpu = Samples(tuple(written)), Samples(tuple(used))
    yield Figure("latency.idle.bytes", "bytes at rest", "B", bytes_, target=at_most(0), how=how)
    yield Figure("latency.idle.cpu", "CPU at rest", "%", cpu, target=at_most(0.5), how=how)


@benchmark("latency.busy", "from a key to its answer while training runs flat out")
def busy(quick: bool) -> Iterator[Figure]:
    """Keys that do not stop the run: one that changes little, and one that changes all."""
    presses = 30 if quick else 150
    with app(*ENDLESS) as work:
        work.answer("c")
        work.answer("2")
        work.press("c")
        work.until("running")
        tabs = [_to_tab(work, key) for key in _in_turn("312", presses, work)]
        work.press("1")
        work.until(HEADINGS["1"])
        work.settle()
        moves = [work.answer(key).seconds for key in _in_turn(["left", "right"], presses, work)]
    how = f"{presses} presses, 50 points, 120×40"
    for name, what, found, until, bound in (
        ("cursor", "cursor over nodes", moves, "to the last byte", 0.05),
        ("tab", "another tab", tabs, "until words of the new tab came", 0.033),
    ):
        for percent in (50, 95, 99):
            label = "median" if percent == 50 else f"p{percent}"
            yield Figure(
                f"latency.busy.{name}.{label}",
                f"{what}, training flat out, {label}",
                "s",
                Samples(tuple(found), percent),
                target=at_most(bound) if percent == 95 else None,
                how=f"{how}, {until}",
            )


@benchmark("latency.lag", "how late the event loop is")
def lag(quick: bool) -> Iterator[Figure]:
    """A timer in the app itself, without a terminal, at rest and while it trains flat out."""
    seconds = 1.0 if quick else 4.0
    resting, training = asyncio.run(_lags(seconds))
    how = f"a timer of {1000 * PROBE_SECONDS:g} ms in the app's event loop for {seconds:g} s"
    for name, what, lags in (("idle", "at rest", resting), ("busy", "flat out", training)):
        for percent in (50, 95, 99):
            label = "median" if percent == 50 else f"p{percent}"
            samples = Samples(tuple(lags), percent)
            text = f"event loop late, {what}, {label}"
            yield Figure(f"latency.lag.{name}.{label}", text, "s", samples, how=how)


def _answers(
    work: Terminal,
    name: str,
    what: str,
    pressed: Sequence[str],
    times: int,
    target: Target | None = None,
) -> Iterator[Figure]:
    answers = [work.answer(key) for key in islice(cycle(pressed), times)]
    how = f"{times} presses at rest, 120×40, to the last byte of the answer"
    seconds = Samples(tuple(answer.seconds for answer in answers))
    sizes = Samples(tuple(float(answer.bytes) for answer in answers))
    yield Figure(
        f"latency.key.{name}.time", f"{what}: to settled", "s", seconds, target=target, how=how
    )
    yield Figure(f"latency.key.{name}.bytes", f"{what}: bytes", "B", sizes, how=how)


def _in_turn(keys: Sequence[str], presses: int, work: Terminal) -> Iterator[str]:
    """The keys in turn, each at another moment of the screen's rhythm."""
    for number, key in enumerate(islice(cycle(keys), presses)):
        yield key
        work.wait(0.05 + 0.1 * (number * 0.618 % 1))


def _to_tab(work: Terminal, key: str) -> float:
    pressed = work.press(key)
    return work.until(HEADINGS[key]) - pressed


async def _lags(seconds: float) -> tuple[list[float], list[float]]:
    from tui.app.app import LinregApp

    program = LinregApp(Problem(target=1_000_000_000))
    async with program.run_test(size=(120, 40)) as pilot:
        bench = program.bench
        while bench.state.run is None or bench.state.busy:
            await pilot.pause(PROBE_SECONDS)
        await pilot.press("2")
        resting = await _probe(seconds)
        await pilot.press("c")
        training = await _probe(seconds)
        bench.trainer.pause()
        while bench.state.busy:
            await pilot.pause(PROBE_SECONDS)
    return resting, training


async def _probe(seconds: float) -> list[float]:
    lags = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        await asyncio.sleep(PROBE_SECONDS)
        lags.append(max(time.perf_counter() - began - PROBE_SECONDS, 0.0))
    return lags
