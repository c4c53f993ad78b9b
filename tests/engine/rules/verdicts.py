"""What may be expected of a rule on a kind of input, and whether its text says what it computed."""

from __future__ import annotations

import torch

from engine.rules.local_rule import LocalRule
from engine.rules.named import tensor_of
from engine.rules.table import FAILED
from tests.engine.rules.formula import InWordsError, evaluated
from tests.engine.rules.variants import Case, Outcome

OPEN = {"CopySlices", "AsStridedBackward0"}
"""What is checked under the recorder only, or where the input lies in one piece."""


def agrees(case: Case, outcome: Outcome, rule: LocalRule) -> bool:
    """Whether a rule agrees, or is open where it may be: in what is large, unseen or infinite."""
    unseen = outcome.op in OPEN or "checkpoint" in case.call or not outcome.small
    may_be_open = unseen or case.variant in ("edges", "ties")
    return rule.note != FAILED and (rule.agrees is True or (rule.agrees is None and may_be_open))


def says_so(outcome: Outcome, rule: LocalRule) -> bool | None:
    """Whether the rule's text, read anew, gives what the rule gave; None where it is in words."""
    if not rule.agrees or "∂" in rule.symbols or rule.predicted is None:
        return None
    values = {name: tensor_of(value) for name, value in outcome.values.items()}
    known = {name: value for name, value in values.items() if value is not None}
    try:
        said = evaluated(rule.symbols, known, rule.result.shape)
    except InWordsError:
        return None
    predicted = tensor_of(rule.predicted)
    return predicted is not None and same(said, predicted, rule.predicted.dtype)


def same(said: torch.Tensor, predicted: torch.Tensor, dtype: str) -> bool:
    """Equal but for the four digits to which a text writes numbers, and the gradient's own type.

    That is of the largest element, for sums of terms that are larger than they are.
    """
    finite = said.isfinite() & predicted.isfinite()
    if not finite.any():
        return True
    digits = max(1e-3, torch.finfo(getattr(torch, dtype)).eps)
    scale = predicted[finite].abs().max()
    return bool(((said - predicted)[finite].abs() <= digits * scale + 1e-6).all())
