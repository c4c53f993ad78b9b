"""`linreg-tui` on several ranks, as torchrun starts it, but forked: one import of torch for all.

`python -m tests.tui.cli.training.ranks` reads runs from stdin and writes what every rank
said, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

PATIENCE = 25.0
"""Seconds after which ranks that are still there are killed."""


@dataclass(frozen=True)
class RankRun:
    """One run: the arguments of every rank, and a signal for one of them."""

    arguments: Sequence[Sequence[str]]
    signal: int = 0
    """Sent once rank 0 has printed a row; none for 0."""
    to: Sequence[int] = ()
    """The ranks that it is sent to."""


@dataclass(frozen=True)
class Said:
    """What one rank ended with; the code is negative for a signal."""

    code: int
    out: str
    err: str


def main() -> None:
    """Import once, then fork the ranks of every run in turn."""
    from tui.cli.training import train  # noqa: F401 - what every rank would import

    answers = []
    for run in json.load(sys.stdin):
        agent, port = _agent()
        try:
            answers.append([asdict(said) for said in _answers(RankRun(**run), port)])
        finally:
            os.kill(agent, signal.SIGKILL)
            os.waitpid(agent, 0)
    json.dump(answers, sys.stdout)


def _agent() -> tuple[int, str]:
    """A process that keeps the store where the ranks meet, as torchrun's does; and its port.

    Of its own, since it has threads, and a process that has any is not to be forked.
    """
    from torch._C._distributed_c10d import TCPStore

    reader, writer = os.pipe()
    if pid := os.fork():
        os.close(writer)
        with os.fdopen(reader) as stream:
            return pid, stream.readline().strip()
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    os.write(writer, f"{store.port}\n".encode())
    while True:
        signal.pause()


def _answers(run: RankRun, port: str) -> list[Said]:
    with TemporaryDirectory() as folder:
        files = [Path(folder) / str(rank) for rank in range(len(run.arguments))]
        pids = [_forked(run, port, rank, file) for rank, file in enumerate(files)]
        if run.signal:
            _until_a_row(files[0].with_suffix(".out"))
            for rank in run.to:
                os.kill(pids[rank], run.signal)
        codes = _codes(pids)
        texts = [[f.with_suffix(end).read_text() for end in (".out", ".err")] for f in files]
    return [Said(code, *text) for code, text in zip(codes, texts, strict=True)]


def _forked(run: RankRun, port: str, rank: int, file: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        with file.with_suffix(".out").open("w") as out, file.with_suffix(".err").open("w") as err:
            code = _as_rank(run, port, rank, out, err)
    finally:
        os._exit(code)


def _as_rank(run: RankRun, port: str, rank: int, out: TextIO, err: TextIO) -> int:
    from tui.cli.main import main as command

    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(len(run.arguments)),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "TORCHELASTIC_USE_AGENT_STORE": "True",
    }
    os.dup2(err.fileno(), 2)
    sys.stdout, sys.stderr = out, err
    return command(list(run.arguments[rank]))


def _until_a_row(file: Path) -> None:
    given_up = time.monotonic() + PATIENCE
    while time.monotonic() < given_up and not (file.exists() and file.stat().st_size):
        time.sleep(0.01)


def _codes(pids: Sequence[int]) -> list[int]:
    """How every process ended; those that do not are killed."""
    given_up, codes = time.monotonic() + PATIENCE, dict.fromkeys(pids, -signal.SIGKILL)
    left = set(pids)
    while left and time.monotonic() < given_up:
        for pid in sorted(left):
            if (ended := os.waitpid(pid, os.WNOHANG))[0]:
                codes[pid] = os.waitstatus_to_exitcode(ended[1])
                left.remove(pid)
        time.sleep(0.01)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return [codes[pid] for pid in pids]


if __name__ == "__main__":
    main()
