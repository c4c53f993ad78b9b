"""A gradient may be read while another thread lets go of it, as `zero_grad` does."""

from __future__ import annotations

import threading

import pytest
import torch

from engine.autograd.shared_gradients import gradient_of

READS = 20_000


def test_a_gradient_is_read_as_it_is() -> None:
    leaf = torch.ones(2, requires_grad=True)
    assert gradient_of(leaf) is None
    leaf.grad = torch.ones(2)
    assert gradient_of(leaf) is leaf.grad


@pytest.mark.parametrize("statement", ["leaf.grad = None", "del leaf.grad"])
def test_a_gradient_that_another_thread_lets_go_of(statement: str) -> None:
    """Read as `leaf.grad`, it would end the process within as many reads."""
    leaf, over = torch.ones(2, requires_grad=True), threading.Event()
    source = f"while not over.is_set():\n    leaf.grad = one.clone()\n    {statement}"
    names = {"leaf": leaf, "over": over, "one": torch.ones(2)}
    threads = [
        threading.Thread(target=exec, args=(source, names)),
        threading.Thread(target=over.wait),
    ]
    for thread in threads:
        thread.start()
    found = [gradient_of(leaf) is not None for _ in range(READS)]
    over.set()
    for thread in threads:
        thread.join()
    assert {*found} <= {True, False}
