from __future__ import annotations

from dataclasses import replace

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import capture
from engine.autograd.graph import Graph
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import address_of
from engine.autograd.tensor_reader import value_of
from engine.autograd.values import Value


def saved(graph: Graph) -> Value:
    """What the root has saved of its result."""
    content = graph.nodes[0].content("result")
    assert isinstance(content, Value)
    return content


def result(size: int) -> torch.Tensor:
    return torch.linspace(-1, 1, size, requires_grad=True).exp()


def leave(tensor: torch.Tensor, note: Note) -> None:
    node: AutogradNode = tensor.grad_fn
    node.metadata[NOTE_KEY] = note


def test_what_was_noted_when_it_was_made_is_not_read_again() -> None:
    y = result(1000)
    noted = replace(value_of(y), numbers=(1.0, 2.0, 3.0, 4.0))
    leave(y, Note(noted))
    assert saved(capture(y)) is noted
    assert saved(capture(y, changed={address_of(y)})) == value_of(y)


def test_a_note_on_another_output_or_another_version_says_nothing() -> None:
    y = result(1000)
    noted = replace(value_of(y), numbers=(1.0, 2.0, 3.0, 4.0))
    for note in (Note(noted, number=1), Note(noted, version=1)):
        leave(y, note)
        assert saved(capture(y)) == value_of(y)


def test_what_was_read_for_an_earlier_line_is_read_again_only_where_it_has_changed() -> None:
    y = result(1000)
    before = saved(capture(y, again=True))
    y.data.zero_()
    assert saved(capture(y)) is before
    assert saved(capture(y, changed={address_of(y)})) == value_of(y) != before


def test_a_small_tensor_is_always_read() -> None:
    y = result(64)
    capture(y, again=True)
    y.data.zero_()
    assert saved(capture(y)) == value_of(y)
