"""Functions that stand in for those that exist on some hardware, or in some precision, only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

RELU, TANH, LSTM, GRU = range(4)
"""The modes of a recurrent layer, as cuDNN and oneDNN number them."""
BIASED = 4
"""Tensors of weights that a layer with biases has in each direction; without them it is 2."""


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


def _cudnn_layers(
    input: torch.Tensor,  # noqa: A002 - the schema's name
    weight: list[torch.Tensor],
    hx: torch.Tensor,
    cx: torch.Tensor | None,
    mode: int,
    num_layers: int,
    batch_first: bool,
    bidirectional: bool,
    batch_sizes: tuple[int, ...],
    **_: Any,
) -> tuple[torch.Tensor, ...]:
    """All layers of an RNN, LSTM or GRU, without dropout and of sequences of one length."""
    if batch_sizes:
        raise RuntimeError("packed sequences are not computed anew")
    directions = 2 if bidirectional else 1
    biased = len(weight) == BIASED * num_layers * directions
    settings = (weight, biased, num_layers, 0.0, False, bidirectional, batch_first)
    if mode == LSTM:
        assert cx is not None
        return torch.lstm(input, (hx, cx), *settings)
    kinds = {GRU: torch.gru, TANH: torch.rnn_tanh, RELU: torch.rnn_relu}
    return kinds[mode](input, hx, *settings)


def _fused_lstm_cell(
    input_gates: torch.Tensor,
    hidden_gates: torch.Tensor,
    cx: torch.Tensor,
    input_bias: torch.Tensor | None = None,
    hidden_bias: torch.Tensor | None = None,
) -> tuple[torch.Tensor, ...]:
    """One step of an LSTM from what its matrices have made."""
    gates = input_gates + hidden_gates
    for bias in (input_bias, hidden_bias):
        gates = gates if bias is None else gates + bias
    enter, forget, new, leave = gates.chunk(4, -1)
    cell = forget.sigmoid() * cx + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def _fused_gru_cell(
    input_gates: torch.Tensor,
    hidden_gates: torch.Tensor,
    hx: torch.Tensor,
    input_bias: torch.Tensor | None = None,
    hidden_bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """One step of a GRU from what its matrices have made."""
    ahead = input_gates if input_bias is None else input_gates + input_bias
    behind = hidden_gates if hidden_bias is None else hidden_gates + hidden_bias
    reset, update, new = zip(ahead.chunk(3, -1), behind.chunk(3, -1), strict=True)
    share = (update[0] + update[1]).sigmoid()
    fresh = (new[0] + (reset[0] + reset[1]).sigmoid() * new[1]).tanh()
    return fresh + share * (hx - fresh)


STAND_INS: Mapping[str, Callable[..., Any]] = {
    "mkldnn_rnn_layer": _onednn_layer,
    "_cudnn_rnn": _cudnn_layers,
    "_thnn_fused_lstm_cell": _fused_lstm_cell,
    "_thnn_fused_gru_cell": _fused_gru_cell,
}
"""By the function's name below `torch.ops.aten`, with its arguments by name."""
