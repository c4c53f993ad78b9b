"""What is found in scripts with a planted mistake and in correct ones, and what costs cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from textwrap import dedent

import torch

from engine.autograd.backward import record_backward
from engine.autograd.graph import Backward
from engine.recording.problems import problems
from engine.script.recorder import record_source
from tests.benchmarks.bare_app import BareApp
from tests.benchmarks.examples import example
from tests.benchmarks.figures import Figure, Samples, at_least, at_most
from tests.benchmarks.suite import benchmark
from tests.engine.script.checks.correct import CORRECT
from tests.engine.script.checks.planted import IMPORTS, PLANTED
from tui.graph.costs_dialog import CostsScreen

MARK = "# ← "


@benchmark("checks.scripts", "mistakes named in scripts, and words about correct ones")
def scripts(quick: bool) -> Iterator[Figure]:
    """Each script runs once, in this process; a mistake counts at its own line alone."""
    right = sum(_found(text) == _planted(text) for text in PLANTED.values())
    yield Figure(
        "checks.scripts.planted",
        f"planted mistakes named with their line, of {len(PLANTED)}",
        ours=Samples((float(right),)),
        target=at_least(len(PLANTED)),
        how="nothing else may be said of the script",
    )
    silent = sum(not _found(text) for text in CORRECT.values())
    yield Figure(
        "checks.scripts.correct",
        f"correct scripts of which nothing is said, of {len(CORRECT)}",
        ours=Samples((float(silent),)),
        target=at_least(len(CORRECT)),
    )


@benchmark("checks.costs", "memory and time of a large graph")
def costs(quick: bool) -> Iterator[Figure]:
    """From the key to the table on the screen."""
    torch.set_num_threads(1)
    model, given = example("encoder", 4 if quick else None).build()
    backward = record_backward(model(given).sum())
    seconds = asyncio.run(_opened(backward, 3 if quick else 9))
    yield Figure(
        "checks.costs.opened",
        f"what {len(backward.graph.nodes):,} nodes cost, on the screen",
        "s",
        Samples(tuple(seconds)),
        target=at_most(0.1),
        how="the dialog pushed, composed and filled, without a terminal, 120×40",
    )
    took = sum(one.seconds or 0.0 for one in backward.gradients)
    yield Figure(
        "checks.costs.accounted",
        "time of the nodes over that of their pass",
        ours=Samples((took / _pass_seconds(model, given),)),
        target=at_least(0.9),
        how="of a recorded pass, over the median of plain ones: what calling hooks takes is in it",
    )


def _planted(text: str) -> set[tuple[str, int]]:
    lines = enumerate(_source(text).splitlines(), 1)
    return {(line.partition(MARK)[2], at) for at, line in lines if MARK in line}


def _found(text: str) -> set[tuple[str, int]]:
    recording = record_source(_source(text), "script")
    return {(one.kind, one.line) for one in problems(recording, range(len(recording.moments)))}


def _source(text: str) -> str:
    return IMPORTS + dedent(text).lstrip("\n")


def _pass_seconds(model: torch.nn.Module, given: torch.Tensor) -> float:
    found = []
    for _ in range(5):
        loss = model(given).sum()
        began = time.perf_counter()
        loss.backward()
        found.append(time.perf_counter() - began)
    return sorted(found)[len(found) // 2]


async def _opened(backward: Backward, times: int) -> list[float]:
    gradients = {one.node: one for one in backward.gradients}
    found = []
    app = BareApp()
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(times):
            began = time.perf_counter()
            await app.push_screen(CostsScreen(backward.graph, gradients))
            await pilot.pause()
            found.append(time.perf_counter() - began)
            app.pop_screen()
            await pilot.pause()
    return found
