"""Autograd graphs: from the live tensor to the first screen, through a search, and backward."""

from __future__ import annotations

import gc
import re
import tempfile
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import torch

from engine.autograd.backward import record_backward, watch_backward
from engine.autograd.capture import capture, walk
from engine.script.live_tensor import Live
from tests.benchmarks.children import Child, Work
from tests.benchmarks.examples import example
from tests.benchmarks.figures import Figure, Samples, Target, at_most, ratio_at_most
from tests.benchmarks.measuring import Sample, measure, timed
from tests.benchmarks.peers import torchlens_trace, torchviz_and_dot
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import APP, ROOT, Terminal, app, terminal
from tests.processes import memory

SIZES: dict[str, tuple[int | None, int | None]] = {
    "worked": (None, None),
    "encoder": (48, 4),
    "rnn": (800, 20),
    "chain": (20_000, 1_000),
}
"""Of each example, and of its quick form."""
PEER_SECONDS = 20.0
PASSES = 1_000
LOOKS = 20


FIRST_SCREEN = {"encoder": 0.07, "rnn": 0.07, "chain": 0.2}
"""Seconds until the graph of an example is on the screen, at most."""


@benchmark("graph.open", "from a live tensor to its graph on the screen")
def opened(quick: bool) -> Iterator[Figure]:
    """Against pictures of the same graph as SVG; both begin when the forward pass is done."""
    for name, sizes in SIZES.items():
        size = sizes[quick]
        target = at_most(FIRST_SCREEN[name]) if name in FIRST_SCREEN and not quick else None
        lenses = (("torchviz + dot", torchviz_and_dot), ("TorchLens", torchlens_trace))
        for peer_name, make in lenses:
            short = peer_name.partition(" ")[0].lower()
            figure = Figure(
                f"graph.open.{name}.{short}",
                f"{example(name, size).what}: capture to first screen",
                "s",
                peer_name=peer_name,
                target=target,
                how=f"a key in a pty, 120×40, to the last byte; peer to SVG, {PEER_SECONDS:g} s"
                " at most; TorchLens runs the forward pass too",
            )
            program = ("-m", "tests.benchmarks.graph_screen", name, str(size or 0))
            with (
                terminal(program) as work,
                Child(make, name, size, limit=PEER_SECONDS) as peer,
            ):
                work.until("ready")
                work.settle()
                # TorchLens counts operations of its own.
                same = _equal if short == "torchviz" else lambda ours, theirs: theirs > 0
                yield measure(partial(_open, work, example(name, size).root), peer, same).on(figure)


@benchmark("graph.capture", "from a live tensor to records, without a screen")
def captured(quick: bool) -> Iterator[Figure]:
    """The part of opening that is the engine's, and that of the lanes."""
    from tui.diagram.layout.rails import rails
    from tui.kit.glyphs import UNICODE

    torch.set_num_threads(1)  # as in the app
    for name, sizes in SIZES.items():
        model, given = example(name, sizes[quick]).build()
        output = model(given)
        what = example(name, sizes[quick]).what
        figure = Figure(
            f"graph.capture.{name}.records", f"{what}: capture", "s", how="in one process"
        )
        yield measure(timed(partial(capture, output))).on(figure)
        graph = capture(output)
        figure = Figure(f"graph.capture.{name}.lanes", f"{what}: lanes", "s", how="in one process")
        yield measure(timed(partial(rails, graph, UNICODE))).on(figure)


@benchmark("graph.key", "keys on a large graph in the app")
def keys(quick: bool) -> Iterator[Figure]:
    """A script that builds the encoder is opened, and its graph walked and searched."""
    layers = SIZES["encoder"][quick]
    times = 5 if quick else 20
    what = example("encoder", layers).what
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "encoder.py"
        script.write_text(
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from tests.benchmarks.examples import encoder\n"
            f"model, x = encoder({layers}).build()\n"
            "loss = model(x)\nloss.backward()\n"
        )
        began = time.perf_counter()
        with terminal((*APP[:2], "inspect", str(script))) as work:
            work.until("loss.backward()", "torch 2", "no room for boxes")
            work.settle()
            recorded = time.perf_counter() - began
            work.press("c")
            work.settle()
            yield _pressed(
                work, "cursor", f"{what}: cursor move", islice(cycle(["down"]), times), 0.008
            )
            work.answer("/")
            yield _pressed(
                work, "search", f"{what}: search keystroke", "layernorm addmm mul"[:times], 0.016
            )
        opened = [_opened_in_the_app(script) for _ in range(1 if quick else 5)]
    yield Figure(
        "graph.key.inspect",
        f"{what}: own script recorded",
        "s",
        Samples((recorded,)),
        target=None if quick else at_most(1.0),
        how="from the start of the process until it is on the screen, torch's import included",
    )
    yield Figure(
        "graph.key.opened",
        f"{what}: own script opened in the app",
        "s",
        Samples(tuple(opened)),
        target=None if quick else at_most(1.0),
        how="from the enter key in the prompt for its path until graph and gradients are there; "
        f"the prompt has been there for {TYPING:g} seconds",
    )


TYPING = 3.0
"""Seconds that it takes to type a path."""


def _opened_in_the_app(script: Path) -> float:
    with app() as work:
        for keys in ("o", "\x1b[F", "\r"):  # the list, its last entry, and that is chosen
            work.press(keys)
            work.settle()
        work.press(str(script))
        work.wait(TYPING)
        pressed = work.press("\r")
        return work.until("no room for boxes", "gradient in") - pressed


@benchmark("graph.hooks", "a backward pass that is watched at every node")
def hooks(quick: bool) -> Iterator[Figure]:
    """Against the same pass without."""
    torch.set_num_threads(1)  # as in the app
    sizes = SIZES["encoder"][quick]
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

    figure = Figure(
        "graph.hooks.pass",
        f"backward of {len(walked.nodes):,} nodes with all hooks",
        "s",
        peer_name="without hooks",
        target=ratio_at_most(2),
        how="the pass itself, all hooks in place",
    )
    yield measure(hooked, bare).on(figure)
    figure = Figure(
        "graph.hooks.recorded",
        f"backward of {len(walked.nodes):,} nodes, recorded",
        "s",
        peer_name="without hooks",
        target=ratio_at_most(2),
        how="walk, records of nodes, saved tensors and every gradient included",
    )
    yield measure(recorded, bare).on(figure)
    with Live(output) as live:
        figure = Figure(
            "graph.hooks.rehearsed",
            f"backward of {len(walked.nodes):,} nodes, rehearsed when a live tensor is opened",
            "s",
            peer_name="without hooks",
            how="the graph is known; leaves and every gradient are read",
        )
        yield measure(timed(live.rehearse), bare).on(figure)
        figure = Figure(
            "graph.hooks.look",
            f"first look at one of its nodes, the median of {LOOKS}",
            "s",
            how="what it has saved is read then",
        )
        chosen = range(0, len(walked.nodes), len(walked.nodes) // LOOKS)
        looks = [timed(partial(live.details, node))()[0] for node in chosen]
        yield replace(figure, ours=Samples(tuple(looks)))


@benchmark("graph.repeat", "a thousand recorded backward passes")
def repeated(quick: bool) -> Iterator[Figure]:
    """In a process of its own."""
    count = 200 if quick else PASSES
    with Child(_passes, count) as child:
        first, last, grown, alive = child()[1]
    how = f"{count:,} forward and recorded backward passes over the same leaf, one after the other"
    what = f"recorded backward, last tenth of {count:,}"
    flat: Target = ratio_at_most(1.2)
    yield Figure("graph.repeat.time", what, "s", first_of(last), "first tenth", first_of(first),
                 flat, how)  # fmt: skip
    yield Figure(
        "graph.repeat.memory",
        "memory grown since the first tenth",
        "B",
        Samples((float(grown),)),
        target=at_most(1e6),
        how=how,
    )
    yield Figure(
        "graph.repeat.alive",
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


def _open(work: Terminal, root: str) -> Sample:
    pressed = work.press("x")
    shown = work.until(" nodes", root)
    shown = max(work.settle(), shown)
    found = re.search(r"(\d+) nodes", work.text)
    assert found is not None
    work.press("z")
    work.until("ready")
    work.settle()
    return shown - pressed, int(found[1])


def _equal(ours: object, theirs: object) -> bool:
    return ours == theirs


def _pressed(
    work: Terminal, name: str, what: str, pressed: Iterator[str] | str, bound: float
) -> Figure:
    seconds = tuple(work.answer(key).seconds for key in pressed)
    how = f"{len(seconds)} presses at rest in a pty, 120×40, to the last byte of the answer"
    return Figure(f"graph.key.{name}", what, "s", Samples(seconds), target=at_most(bound), how=how)
