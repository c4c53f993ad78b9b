"""Backward passes that are watched at every node, beside bare ones, and many of them in a row."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

import torch

from engine.autograd.backward import record_backward, watch_backward
from engine.autograd.capture import walk
from engine.script.live_tensor import Live
from tests.benchmarks.children import Child, Work
from tests.benchmarks.examples import ENCODER, example
from tests.benchmarks.figures import Figure, Samples, Target, at_most, ratio_at_most
from tests.benchmarks.measuring import Sample, measure, timed
from tests.benchmarks.suite import benchmark
from tests.processes import memory

PASSES = 1_000
LOOKS = 20


@benchmark("backward.hooks", "a backward pass that is watched at every node")
def hooks(quick: bool) -> Iterator[Figure]:
    """Against the same pass without."""
    torch.set_num_threads(1)  # as in the app
    sizes = ENCODER[quick]
    model, given = example("encoder", sizes).build()
    output = model(given)
    walked = walk(output)

    def bare() -> Sample:
        return timed(lambda: output.backward(retain_graph=True))()

    def hooked() -> Sample:
        seconds: list[float] = []
        watch_backward(walked, lambda: seconds.append(bare()[0]), {})
        return seconds[0], None

    def recorded() -> Sample:
        return timed(lambda: record_backward(output, retain_graph=True))()

    beside = partial(Figure, unit="s", peer_name="without hooks")
    nodes = f"backward of {len(walked.nodes):,} nodes"
    yield measure(hooked, bare).on(
        beside(
            "backward.hooks.pass",
            f"{nodes} with all hooks",
            target=ratio_at_most(2),
            how="the pass itself, all hooks in place",
        )
    )
    yield measure(recorded, bare).on(
        beside(
            "backward.hooks.recorded",
            f"{nodes}, recorded",
            target=ratio_at_most(2),
            how="walk, records of nodes, saved tensors and every gradient included",
        )
    )
    with Live(output) as live:
        yield measure(timed(live.rehearse), bare).on(
            beside(
                "backward.hooks.rehearsed",
                f"{nodes}, rehearsed when a live tensor is opened",
                how="the graph is known; leaves and every gradient are read",
            )
        )
        yield _looks(live, len(walked.nodes))


def _looks(live: Live, nodes: int) -> Figure:
    chosen = range(0, nodes, nodes // LOOKS)
    looks = [timed(partial(live.details, node))()[0] for node in chosen]
    return Figure(
        "backward.hooks.look",
        f"first look at one of its nodes, the median of {LOOKS}",
        "s",
        Samples(tuple(looks)),
        how="what it has saved is read then",
    )


@benchmark("backward.repeat", "a thousand recorded backward passes")
def repeated(quick: bool) -> Iterator[Figure]:
    """In a process of its own."""
    count = 200 if quick else PASSES
    with Child(_passes, count) as child:
        first, last, grown, alive = child()[1]
    how = f"{count:,} forward and recorded backward passes over the same leaf, one after the other"
    what = f"recorded backward, last tenth of {count:,}"
    flat: Target = ratio_at_most(1.2)
    yield Figure("backward.repeat.time", what, "s", first_of(last), "first tenth", first_of(first),
                 flat, how)  # fmt: skip
    yield Figure(
        "backward.repeat.memory",
        "memory grown since the first tenth",
        "B",
        Samples((float(grown),)),
        target=at_most(1e6),
        how=how,
    )
    yield Figure(
        "backward.repeat.alive",
        "graphs and hooks still alive",
        "",
        Samples((float(alive),)),
        target=at_most(0),
        how=f"{how}; weak references to what hangs on every graph",
    )


def first_of(seconds: list[float]) -> Samples:
    """Many short times as one sample, their median: they are not paired."""
    return Samples((median(seconds),))


class _Alive:
    """Hung on a node: it lives as long as the graph."""


def _passes(count: int) -> Work:
    def work() -> tuple[list[float], list[float], int, int]:
        x = torch.arange(4.0).reshape(2, 2).requires_grad_()
        seconds, alive, sizes = [], [], []
        for _ in range(count):
            out = (3 * (x + 2) ** 2).mean()
            hung = _Alive()
            root: Any = out.grad_fn
            root.metadata["alive"] = hung
            alive.append(weakref.ref(hung))
            began = time.perf_counter()
            record_backward(out)
            seconds.append(time.perf_counter() - began)
            sizes.append(memory())
            del out, root, hung
        gc.collect()
        tenth = count // 10
        left = sum(one() is not None for one in alive)
        return seconds[:tenth], seconds[-tenth:], sizes[-1] - sizes[tenth], left

    return work
