"""How long one waits for the program."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.figures import Figure, at_most, ratio_at_most
from tests.benchmarks.measuring import Sample, Sampler, measure, timed
from tests.benchmarks.suite import benchmark
from tests.benchmarks.terminal import APP, ROOT, terminal

EMPTY_APP = (
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class Empty(App):\n"
    "    def compose(self):\n"
    "        yield Static('ready')\n"
    "Empty().run()\n"
)
IMPORT_TORCH = ("-c", "import torch")
FRAME = "Quit"
"""The last word of the bottom row: once it is there the frame is whole."""
LESSON = "out.backward()"
"""In the last line of the lesson that is open at the start."""


@benchmark("start.frame", "first whole frame in a pty")
def frame(quick: bool) -> Iterator[Figure]:
    """Against the import of torch, and against an app of Textual that shows one word."""
    how = "from the start of the process until the bottom row of its first frame came, 120×40"
    torch = Figure(
        "start.frame.torch",
        "first whole frame",
        "s",
        peer_name="import torch",
        target=ratio_at_most(0.20),
        how=f"{how}; the peer is python -c 'import torch' in a pty, start to end",
    )
    yield measure(_shows(APP, FRAME), _ends(IMPORT_TORCH)).on(torch)
    textual = Figure(
        "start.frame.textual", "first whole frame", "s", peer_name="empty Textual app", how=how
    )
    yield measure(_shows(APP, FRAME), _shows(("-c", EMPTY_APP), "ready")).on(textual)


@benchmark("start.lesson", "the first lesson, run and on the screen")
def lesson(quick: bool) -> Iterator[Figure]:
    """All of torch's import is in it."""
    figure = Figure(
        "start.lesson",
        "lesson on the screen",
        "s",
        peer_name="import torch",
        how="from the start of the process until the last line of the lesson's source came",
    )
    yield measure(_shows(APP, LESSON), _ends(IMPORT_TORCH)).on(figure)


@benchmark("start.help", "--help")
def help_text(quick: bool) -> Iterator[Figure]:
    """And what Python itself needs."""
    yield _command("start.help", "--help", at_most_seconds=0.15)


@benchmark("start.version", "--version")
def version_text(quick: bool) -> Iterator[Figure]:
    """And what Python itself needs."""
    yield _command("start.version", "--version", at_most_seconds=0.15)


def _command(name: str, option: str, at_most_seconds: float) -> Figure:
    figure = Figure(
        name,
        f"linreg-tui {option}",
        "s",
        peer_name="python -c pass",
        target=at_most(at_most_seconds),
        how="the whole process, its output into a pipe",
    )
    return measure(timed(_process((*APP, option))), timed(_process(("-c", "pass")))).on(figure)


def _process(arguments: Sequence[str]) -> Callable[[], object]:
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, capture_output=True, check=True, cwd=ROOT)


def _shows(arguments: Sequence[str], words: str) -> Sampler:
    def sample() -> Sample:
        with terminal(arguments) as work:
            return work.until(words) - work.started, None

    return sample


def _ends(arguments: Sequence[str]) -> Sampler:
    def sample() -> Sample:
        with terminal(arguments) as work:
            work.child.wait()
            return time.perf_counter() - work.started, None

    return sample
