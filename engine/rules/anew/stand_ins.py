"""Functions that stand in for those that exist on some hardware, or in some precision, only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

LSTM, GRU, TANH, RELU = 2, 3, 1, 0
"""The modes of a recurrent layer, as cuDNN and oneDNN number them."""


def _onednn_layer(
    input: torch.Tensor,  # noqa: A002 - the schema's name
    weight0: torch.Tensor,
    weight1: torch.Tensor,
    weight2: torch.Tensor,
    weight3: torch.Tensor,
    hx_: torch.Tensor,
    cx_: torch.Tensor,
    reverse: bool,
    mode: int,
    **_: Any,
) -> tuple[torch.Tensor, ...]:
    """One layer in one direction of an LSTM, `input` as time × batch × features."""
    if mode != LSTM:
        raise RuntimeError("oneDNN's layer is an LSTM")
    steps = input.flip(0) if reverse else input
    hidden, cell = hx_.reshape(-1, hx_.shape[-1]), cx_.reshape(-1, cx_.shape[-1])
    outputs = []
    for step in steps:
        gates = step @ weight0.T + weight2 + hidden @ weight1.T + weight3
        enter, forget, new, leave = gates.chunk(4, -1)
        cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
        hidden = leave.sigmoid() * cell.tanh()
        outputs.append(hidden)
    made = torch.stack(outputs[::-1] if reverse else outputs)
    return made, hidden.reshape(hx_.shape), cell.reshape(cx_.shape)


STAND_INS: Mapping[str, Callable[..., Any]] = {"mkldnn_rnn_layer": _onednn_layer}
"""By the function's name below `torch.ops.aten`, with its arguments by name."""
