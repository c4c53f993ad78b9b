"""Rules that have a case against the gradient that autograd produced, on random input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.backward import record_backward
from engine.autograd.graph import Backward
from engine.rules.local_rule import LocalRule
from engine.rules.table import local_rules
from tests.engine.rules.cases import CASES, Inputs
from tests.examples import examples

if TYPE_CHECKING:
    from engine.autograd.graph import Node, NodeGradient

INDEXED = {"IndexBackward0", "IndexPutBackward0"}


def rules_of(backward: Backward) -> list[tuple[Node, NodeGradient, tuple[LocalRule, ...]]]:
    nodes = backward.graph.nodes
    return [
        (nodes[g.node], g, local_rules(nodes[g.node], g, backward.graph))
        for g in backward.gradients
    ]


@pytest.mark.parametrize("op", CASES)
@examples(6)
@given(data=st.data())
def test_the_rule_gives_what_autograd_gave(op: str, data: st.DataObject) -> None:
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    dtype = data.draw(st.sampled_from([torch.float32, torch.float64]))
    case = CASES[op]
    builds = case if isinstance(case, tuple) else (case,)
    inputs = Inputs(data, dtype, generator, steps=data.draw(st.booleans()))
    output = data.draw(st.sampled_from(builds))(inputs)
    gradient = torch.randn(output.shape, generator=generator, dtype=dtype).to(output.dtype)
    found = rules_of(record_backward(output, gradient))
    for node, _, rules in found:
        for rule in rules:
            assert rule.predicted is not None, (node.op, rule.symbols)
            assert rule.agrees, (node.op, rule.symbols, rule.numbers, rule.predicted, rule.result)
    of_op = [(passed, rules) for node, passed, rules in found if node.op == op]
    assert of_op
    for passed, rules in of_op:
        got = [i for i, value in enumerate(passed.outgoing) if value is not None]
        assert [rule.input for rule in rules] == got
