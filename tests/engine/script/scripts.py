"""Scripts written in tests, recorded in a line."""

from __future__ import annotations

from textwrap import dedent

import torch

from engine.autograd.values import TensorView, Value
from engine.recording.records import Moment, Recording
from engine.script.recorder import record_source

HEAD = "import torch\n"


def recorded(source: str) -> Recording:
    """The script after an `import torch`; its line 1 is therefore line 2."""
    return record_source(HEAD + dedent(source).lstrip("\n"), "script")


def last(recording: Recording, line: int) -> Moment:
    """The latest moment of a source line."""
    return [moment for moment in recording.moments if moment.line == line][-1]


def lines(recording: Recording) -> list[int]:
    return [moment.line for moment in recording.moments]


def names(recording: Recording, line: int) -> list[str]:
    return [tensor.name for tensor in last(recording, line).tensors]


def view(moment: Moment, name: str) -> TensorView:
    return next(tensor for tensor in moment.tensors if tensor.name == name)


def numbers(value: Value | None) -> list[float] | None:
    """The real numbers of a whole value."""
    if value is None:
        return None
    assert value.whole
    return [float(number.real) for number in value.numbers]


def content(value: Value | None) -> torch.Tensor | None:
    """A whole value as a tensor again."""
    if value is None:
        return None
    assert value.whole
    return torch.tensor(value.numbers).reshape(value.shape)
