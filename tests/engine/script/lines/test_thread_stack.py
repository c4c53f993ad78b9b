"""What another thread runs, read at one go."""

from __future__ import annotations

import gc
import threading

import pytest

from engine.script.lines.thread_stack import stack_of


def test_the_functions_that_another_thread_is_in() -> None:
    begun, over = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        over.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    begun.wait()
    collects = gc.isenabled()
    stack = stack_of(thread.ident or 0)
    over.set()
    thread.join()

    names = [(code.co_name, module) for code, module, _ in stack]
    at = names.index(("wait", __name__))
    assert {module for _, module in names[:at]} <= {"threading"}
    assert names[at + 1] == ("run", "threading")
    assert stack_of(-1) == []
    assert gc.isenabled() == collects


def test_garbage_is_collected_again_where_a_look_fails() -> None:
    class Numberless(int):
        def __hash__(self) -> int:
            raise KeyboardInterrupt

    assert gc.isenabled()
    with pytest.raises(KeyboardInterrupt):
        stack_of(Numberless(1))
    assert gc.isenabled()
