"""Every differentiable operation: rules that never fail, agree with autograd and say what is."""

from __future__ import annotations

import pytest
import torch

from engine.rules.table import RULES
from tests.engine.rules.cases import CASES
from tests.engine.rules.formula import InWordsError, evaluated
from tests.engine.rules.test_other_hardware import BUILT
from tests.engine.rules.test_table import INDEXED
from tests.engine.rules.variants import (
    WRONG_IN_TORCH,
    Case,
    cases,
    node_classes,
    outcomes,
)
from tests.engine.rules.verdicts import agrees, says_so

AS_PINNED = pytest.mark.skipif(
    not torch.__version__.startswith("2.13."), reason="other versions have other operations"
)
BY_CALL: dict[str, list[Case]] = {}
for case in cases():
    BY_CALL.setdefault(case.call, []).append(case)


def chosen(call: str) -> list[Case]:
    """Two of a call's cases, others for other calls; the benchmark `rules` runs all of them."""
    all_ = BY_CALL[call]
    return [all_[0], all_[1 + sum(map(ord, call)) % (len(all_) - 1)]]


def test_there_are_operations_enough() -> None:
    assert len(BY_CALL) >= 800


@pytest.mark.parametrize("call", BY_CALL)
def test_rules_agree_with_autograd_and_say_what_is_so(call: str) -> None:
    for case in chosen(call):
        for outcome in outcomes(case):
            assert outcome.rule is not None or outcome.op.startswith("_"), (str(case), outcome.op)
            if outcome.rule is None:
                continue
            told = str(case), outcome.op, outcome.rule
            if call not in WRONG_IN_TORCH:
                assert agrees(case, outcome, outcome.rule), told
            if case.variant != "edges":
                assert says_so(outcome, outcome.rule) is not False, told


@AS_PINNED
def test_every_rule_is_reached_by_an_operation() -> None:
    reached: set[str] = set()
    for call in BY_CALL:
        made = node_classes(Case(call, "plain", torch.float32))
        made = made or node_classes(Case(call, "plain", torch.float64))
        assert made, call
        reached |= made
    assert set(RULES) - reached - set(CASES) - INDEXED == set(BUILT)


def test_a_text_is_read_as_it_stands() -> None:
    values = {"g": torch.tensor([1.0, 2.0]), "self": torch.tensor([3.0, 4.0])}
    assert evaluated("g · 2 / self²", values, (2,)).tolist() == pytest.approx([2 / 9, 4 / 16])
    assert evaluated("0 where self > 3, else −g", values, (2,)).tolist() == [-1, 0]
    assert evaluated("g at [1:]", {"g": torch.tensor([5.0])}, (2,)).tolist() == [0, 5]
    with pytest.raises(InWordsError):
        evaluated("g at its windows", values, (2,))
