"""Frames that are there because a script is recorded are in no traceback that it prints."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from engine.script.recorder import record_source
from engine.script.unseen.our_frames import hide_in

REFUSED = """\
import torch
def refused():
    try:
        torch.ones(2) @ torch.ones(3)
    except RuntimeError as error:
        return error
first, second = refused(), refused()
"""


def functions(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_nor_in_those_of_the_exceptions_in_a_group(depth: int) -> None:
    variables: dict[str, Any] = {}
    record_source(REFUSED, "script", variables)
    errors = variables["first"], variables["second"]
    assert all("__torch_function__" in functions(error) for error in errors)
    group: BaseException = errors[0]
    for _ in range(depth):
        group = ExceptionGroup("several", [group, errors[1]])
    hide_in(group)
    for error in errors[: depth + 1]:
        assert functions(error) == ["refused"]
