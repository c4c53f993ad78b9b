"""Nodes that only a GPU makes, put together from what a CPU computes: their rules must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from engine.autograd.backward import record_backward
from engine.autograd.graph import Graph, Node, NodeGradient, Saved
from engine.autograd.tensor_reader import value_of
from engine.autograd.values import Plain
from engine.rules.local_rule import LocalRule
from engine.rules.table import local_rules

Content = Tensor | Plain


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def renamed(loss: Tensor, op: str, new: str, **names: str) -> tuple[LocalRule, ...]:
    """The rules of a node under the name, and with the saved names, that it has elsewhere."""
    backward = record_backward(loss)
    nodes = backward.graph.nodes
    node, gradient = next((nodes[g.node], g) for g in backward.gradients if nodes[g.node].op == op)
    saved = tuple(replace(one, name=names.get(one.name, one.name)) for one in node.saved)
    return local_rules(replace(node, op=new, saved=saved), gradient, backward.graph)


def rules_of(
    op: str,
    saved: Mapping[str, Content],
    inputs: Sequence[Tensor | None],
    outputs: Sequence[Tensor],
    rest: int = 0,
) -> tuple[LocalRule, ...]:
    """The rules of a node that has saved this; `rest`: outputs that nobody used."""
    grads = [torch.randn_like(output) for output in outputs]
    given = [one for one in inputs if one is not None]
    found = iter(torch.autograd.grad(outputs, given, grads))
    outgoing = tuple(None if one is None else value_of(next(found)) for one in inputs)
    gradient = NodeGradient(0, (*map(value_of, grads), *[None] * rest), outgoing)
    contents = tuple(
        Saved(name, value_of(one.detach()) if isinstance(one, Tensor) else one)
        for name, one in saved.items()
    )
    node = Node(0, op, saved=contents)
    return local_rules(node, gradient, Graph((node,), ()))


def batch_norm(new: str) -> tuple[LocalRule, ...]:
    output = F.batch_norm(drawn(3, 2), None, None, drawn(2), drawn(2), training=True)
    return renamed((output * drawn(3, 2)).sum(), "NativeBatchNormBackward0", new, eps="epsilon")


def attention(new: str) -> tuple[LocalRule, ...]:
    mask = torch.randn(3, 2, dtype=torch.float64)
    q, k, v = drawn(1, 2, 3, 4), drawn(1, 2, 2, 4), drawn(1, 2, 2, 4)
    output = F.scaled_dot_product_attention(q, k, v, mask)
    op = "ScaledDotProductFlashAttentionForCpuBackward0"
    return renamed((output * drawn(1, 2, 3, 4)).sum(), op, new, attn_mask="attn_bias")


BUILT: Mapping[str, Callable[[str], tuple[LocalRule, ...]]] = {
    "CudnnBatchNormBackward0": batch_norm,
    "MiopenBatchNormBackward0": batch_norm,
    "ScaledDotProductFlashAttentionBackward0": attention,
    "ScaledDotProductEfficientAttentionBackward0": attention,
    "ScaledDotProductCudnnAttentionBackward0": attention,
    "ScaledDotProductFusedAttentionOverrideableBackward0": attention,
}


@pytest.mark.parametrize("op", BUILT)
def test_a_written_rule_holds_under_the_names_of_another_device(op: str) -> None:
    rules = BUILT[op](op)
    assert len(rules) == 3
    assert all(rule.agrees and "∂" not in rule.symbols for rule in rules)


@pytest.mark.parametrize(("mode", "kind"), [(1, torch.rnn_tanh), (2, torch.lstm), (3, torch.gru)])
def test_cudnns_recurrent_layers_are_computed_anew(mode: int, kind: Callable[..., Tensor]) -> None:
    gates = {1: 1, 2: 4, 3: 3}[mode]
    x, hx, cx = drawn(2, 1, 3), drawn(1, 1, 2), drawn(1, 1, 2)
    weights = [drawn(2 * gates, 3), drawn(2 * gates, 2), drawn(2 * gates), drawn(2 * gates)]
    hidden = (hx, cx) if mode == 2 else hx
    outputs = [*kind(x, hidden, weights, True, 1, 0.0, True, False, False)]
    saved: dict[str, Content] = {"input": x, "hx": hx, "cx": cx if mode == 2 else None}
    saved |= {f"weight[{i}]": weight for i, weight in enumerate(weights)}
    saved |= {"mode": mode, "hidden_size": 2, "proj_size": 0, "num_layers": 1, "dropout": 0.0}
    saved |= {"batch_first": False, "train": True, "bidirectional": False, "batch_sizes": ()}
    saved |= {"weight_stride0": 4}
    inputs = [x, *weights, hx, cx if mode == 2 else None]
    rules = rules_of("CudnnRnnBackward0", saved, inputs, outputs, rest=mode != 2)
    assert len(rules) == 6 + (mode == 2)
    assert all(rule.agrees and "∂cudnn_rnn(" in rule.symbols for rule in rules)


def test_fused_cells_are_computed_anew() -> None:
    cell = torch.nn.LSTMCell(3, 2).double()
    x, h, c = drawn(1, 3), drawn(1, 2), drawn(1, 2)
    ahead = (x @ cell.weight_ih.T).detach().requires_grad_()
    behind = (h @ cell.weight_hh.T).detach().requires_grad_()
    enter, forget, new, leave = (ahead + behind + cell.bias_ih + cell.bias_hh).chunk(4, 1)
    after = forget.sigmoid() * c + enter.sigmoid() * new.tanh()
    made = leave.sigmoid() * after.tanh()
    assert torch.allclose(made, cell(x, (h, c))[0])
    saved = {"input_gates": ahead, "hidden_gates": behind, "cx": c}
    saved |= {"input_bias": cell.bias_ih, "hidden_bias": cell.bias_hh}
    inputs = [ahead, behind, c, cell.bias_ih, cell.bias_hh]
    rules = rules_of("ThnnFusedLstmCellBackward0", saved, inputs, [made, after])
    assert [rule.agrees for rule in rules] == [True] * 5


def test_a_fused_gru_cell_is_computed_anew() -> None:
    cell = torch.nn.GRUCell(3, 2).double()
    x, h = drawn(1, 3), drawn(1, 2)
    ahead = (x @ cell.weight_ih.T).detach().requires_grad_()
    behind = (h @ cell.weight_hh.T).detach().requires_grad_()
    r, z, n = (ahead + cell.bias_ih).chunk(3, 1)
    hr, hz, hn = (behind + cell.bias_hh).chunk(3, 1)
    share = (z + hz).sigmoid()
    made = (1 - share) * (n + (r + hr).sigmoid() * hn).tanh() + share * h
    assert torch.allclose(made, cell(x, h))
    saved = {"input_gates": ahead, "hidden_gates": behind, "hx": h}
    saved |= {"input_bias": cell.bias_ih, "hidden_bias": cell.bias_hh}
    inputs = [ahead, behind, h, cell.bias_ih, cell.bias_hh]
    rules = rules_of("ThnnFusedGruCellBackward0", saved, inputs, [made])
    assert [rule.agrees for rule in rules] == [True] * 5
