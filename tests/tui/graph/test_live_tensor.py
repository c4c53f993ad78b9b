from __future__ import annotations

import sys

import pytest
import torch

from engine.autograd.capture import NoGraphError
from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    pane_of,
    selected,
)
from tui import variables_of
from tui.diagram.node_details import NodeDetails
from tui.inspect_tensor import live_tensor


async def test_a_live_tensor_is_walked_without_changing_it(open_app: Open) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    subject = live_tensor(loss, {"w": w, "loss": loss})
    async with open_app(subject=subject) as screen:
        pane = pane_of(screen)
        await screen.until(lambda: pane.state.recording is not None)
        await screen.pilot.pause()
        assert selected(screen).name == "loss"
        await screen.press("s", "s", "s")
        assert selected(screen).name == "w"
        assert "[2, 4]" in screen.app.query_one(NodeDetails).text
    assert w.grad is None
    torch.autograd.backward(loss)  # the graph is still whole
    assert w.grad is not None


def test_names_come_from_the_locals_before_the_globals() -> None:
    w = object()
    torch = w  # instead of the module, which is a global here
    seen = variables_of(sys._getframe())
    assert seen["w"] is seen["torch"] is torch
    assert seen["pytest"] is pytest


def test_a_tensor_without_a_graph_is_refused() -> None:
    with pytest.raises(NoGraphError):
        live_tensor(torch.ones(2), {})
