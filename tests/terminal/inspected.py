"""Programs that open the app on a tensor of theirs, and say afterwards what is left of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import termios
import threading
from pathlib import Path

import torch

from tui import inspect

w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w * w).sum()


def state() -> dict[str, object]:
    """What the app could have changed of its host."""
    signals = (s for s in signal.Signals if s not in (signal.SIGKILL, signal.SIGSTOP))
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    return {
        "handlers": {number.name: signal.getsignal(number) for number in signals},
        "wakeup": wakeup,
        "hooks": (sys.excepthook, threading.excepthook, sys.displayhook, sys.gettrace()),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "terminal": termios.tcgetattr(0),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "files": sorted(Path("/proc/self/fd").iterdir()),
        "environment": dict(os.environ),
        # Python 3.12 itself puts a few hundred objects aside; imported are a hundred thousand.
        "garbage": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 10_000),
        "torch": (torch.get_num_threads(), torch.get_rng_state().sum(), torch.is_grad_enabled()),
        "gradient": w.grad,
        "loop": asyncio._get_running_loop(),
    }


def visited() -> None:
    """Look twice, and name what is not as it was."""
    before = state()
    inspect(loss)
    print("closed once")
    inspect(loss)
    after = state()
    print("changed:", [name for name in before if before[name] != after[name]])
    torch.autograd.backward(loss)


async def in_a_loop() -> None:
    """In a loop that has tasks and a handler of its own."""
    heard = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, heard.set)
    ticks = asyncio.Queue[int]()
    task = asyncio.create_task(tick(ticks))
    await ticks.get()
    mine = asyncio.current_task()
    visited()
    assert asyncio.current_task() is mine
    await ticks.get()
    task.cancel()
    os.kill(os.getpid(), signal.SIGTERM)
    await heard.wait()


async def tick(ticks: asyncio.Queue[int]) -> None:
    while True:
        ticks.put_nowait(1)
        await asyncio.sleep(0)


def with_a_handler() -> None:
    """A program that has its own idea of a signal to leave."""
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    inspect(loss)
    print("heard", heard)


def interrupted() -> None:
    try:
        inspect(loss)
    except KeyboardInterrupt:
        print("interrupted")


def failing() -> None:
    """`m` fails."""
    from tui.graph.pane import GraphPane

    def fail(_: GraphPane) -> None:
        raise ZeroDivisionError

    GraphPane.action_tensors = fail  # type: ignore[assignment]
    try:
        inspect(loss)
    except RuntimeError as error:
        print(error)


def at_a_breakpoint() -> None:
    scale = torch.tensor(3.0, requires_grad=True)
    scaled = loss * scale
    breakpoint()
    print("went on", scaled.item())


if __name__ == "__main__":
    program = sys.argv[1]
    if program == "in_a_loop":
        asyncio.run(in_a_loop())
    else:
        globals()[program]()
    print("done")
    input()  # until all of it has been read
