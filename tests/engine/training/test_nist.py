"""The optimum on NIST's reference data, beside numpy's least squares with scaled columns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.training.closed_form import solve
from engine.training.dataset import Dataset
from engine.training.extended_fit import fitted
from tests.engine.training.nist import REFERENCES
from tests.engine.training.nist_digits import (
    digits_of_numpy,
    digits_of_theory,
    digits_standardised,
)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_optimum_has_as_many_digits_as_numpys(name: str) -> None:
    assert digits_of_theory(REFERENCES[name]) >= digits_of_numpy(REFERENCES[name])


@pytest.mark.skipif(
    bool(np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps), reason="no longer numbers here"
)
def test_extended_precision_keeps_digits_that_double_precision_loses() -> None:
    assert digits_of_theory(REFERENCES["Wampler5"]) >= 8.5


def test_what_descent_cannot_tell_apart_is_called_singular_and_solved_all_the_same() -> None:
    filip = REFERENCES["Filip"]
    assert solve(Dataset(filip.x, filip.y, ())).singular
    assert digits_of_theory(filip) >= 7
    assert digits_standardised(filip) >= 7


def test_dependent_columns_have_no_fit_of_their_own() -> None:
    x = torch.arange(6.0, dtype=torch.float64).unsqueeze(1)
    assert fitted(torch.cat([x, 2 * x], 1), x) is None
    assert fitted(torch.ones(6, 1, dtype=torch.float64), x) is None
    found = fitted(x, 3 * x + 1)
    assert found is not None
    w, b = found
    assert w.item() == pytest.approx(3)
    assert b == pytest.approx(1)
