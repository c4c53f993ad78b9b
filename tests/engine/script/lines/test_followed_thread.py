"""Which thread of a script is followed, and whether it waits for another one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.script.lines.followed_thread import FollowedThread


@contextmanager
def followed(run: Callable[[threading.Event], None]) -> Iterator[FollowedThread]:
    """While entered, a thread is followed that runs this until it is over."""
    thread, begun, over = FollowedThread(), threading.Event(), threading.Event()

    def begin() -> None:
        thread.take()
        begun.set()
        run(over)

    running = threading.Thread(target=begin)
    running.start()
    begun.wait()
    try:
        yield thread
    finally:
        over.set()
        running.join()


def test_one_that_stands_still_for_a_while_may_be_about_to_wait() -> None:
    def wait_late(over: threading.Event) -> None:
        time.sleep(0.03)
        over.wait()

    with followed(wait_late) as thread:
        assert thread.waits()


def test_one_that_goes_on_runs() -> None:
    def go_on(over: threading.Event) -> None:
        while not over.is_set():
            sum(range(100))

    with followed(go_on) as thread:
        assert not thread.waits()
        assert not thread.is_waiting()


def test_one_that_never_goes_on_is_not_looked_at_forever() -> None:
    def sleep(over: threading.Event) -> None:
        while not over.is_set():
            time.sleep(0.5)

    with followed(sleep) as thread:
        assert not thread.waits()
        assert not thread.waits()
