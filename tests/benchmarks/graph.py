"""Autograd graphs: from the live tensor or a script to the first screen, and through a search."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import torch

from engine.autograd.capture import capture
from tests.benchmarks.children import Child
from tests.benchmarks.examples import ENCODER, example
from tests.benchmarks.figures import Figure, Samples, at_most
from tests.benchmarks.measuring import Sample, measure, timed
from tests.benchmarks.peers import torchlens_trace, torchviz_and_dot
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import APP, ROOT, Terminal, app, terminal

SIZES: dict[str, tuple[int | None, int | None]] = {
    "worked": (None, None),
    "encoder": ENCODER,
    "rnn": (800, 20),
    "chain": (20_000, 1_000),
}
"""Of each example, and of its quick form."""
PEER_SECONDS = 20.0


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
    layers = ENCODER[quick]
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
