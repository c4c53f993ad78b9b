from __future__ import annotations

import torch
from torch.nn.modules import module

from engine.recording.records import Recording
from tests.engine.script.scripts import recorded


def modules(recording: Recording) -> list[tuple[str, str | None]]:
    """Title and module of the operations of the last graph, in forward order."""
    assert recording.ending == "end", recording.error
    place = recording.moments[-1].graph
    assert place is not None
    nodes = recording.graphs[place].nodes
    return [(node.title, node.module) for node in reversed(nodes) if not node.is_leaf]


def test_nested_modules_from_the_variable_on() -> None:
    recording = recorded(
        """
        inner = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Sigmoid())
        model = torch.nn.Sequential(inner, torch.nn.ReLU())
        inner = None
        y = model(torch.ones(1, requires_grad=True)) * 2
        """
    )
    assert modules(recording) == [
        ("Tanh", "model.0.0"),
        ("Sigmoid", "model.0.1"),
        ("Relu", "model.1"),
        ("Mul", None),
    ]


def test_every_node_of_a_module_made_of_several() -> None:
    recording = recorded("fc = torch.nn.Linear(2, 3)\ny = fc(torch.ones(1, 2))\n")
    assert set(modules(recording)) == {("T", "fc"), ("Addmm", "fc")}


def test_a_module_without_a_variable_goes_by_its_class() -> None:
    recording = recorded("y = torch.nn.Tanh()(torch.ones(1, requires_grad=True))\n")
    assert modules(recording) == [("Tanh", "Tanh")]


def test_a_module_that_raises_is_left() -> None:
    recording = recorded(
        """
        class Bad(torch.nn.Module):
            def forward(self, x):
                raise ValueError
        bad = Bad()
        try:
            bad(1)
        except ValueError:
            pass
        y = torch.ones(1, requires_grad=True) * 2
        """
    )
    assert modules(recording) == [("Mul", None)]


def test_no_hook_is_left_behind() -> None:
    recorded("y = torch.nn.Tanh()(torch.ones(1, requires_grad=True))\n")
    assert not module._global_forward_hooks
    assert not module._global_forward_pre_hooks
    torch.nn.Tanh()(torch.ones(1))
