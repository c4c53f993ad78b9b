"""The optimum on NIST's reference data, beside numpy's least squares with scaled columns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.training.closed_form import solve
from engine.training.dataset import Dataset
from engine.training.extended_fit import fitted
from tests.engine.training.nist import REFERENCES, Reference, digits


def ours(reference: Reference) -> float:
    theory = solve(Dataset(reference.x, reference.y, ()))
    return digits((theory.b, *theory.w), reference.certified)


def standardised(reference: Reference) -> float:
    means, spreads = reference.x.mean(0), reference.x.std(0)
    theory = solve(Dataset((reference.x - means) / spreads, reference.y, ()))
    w = torch.tensor(theory.w, dtype=torch.float64) / spreads
    return digits(((theory.b - means @ w).item(), *w.tolist()), reference.certified)


def numpy(reference: Reference) -> float:
    """The best that numpy does with columns of one length, or of one largest number."""
    columns = torch.cat([torch.ones_like(reference.y), reference.x], 1).numpy()
    lengths = (np.linalg.norm(columns, axis=0), abs(columns).max(0))
    found = [np.linalg.lstsq(columns / s, reference.y.numpy()[:, 0])[0] / s for s in lengths]
    return max(digits(list(w), reference.certified) for w in found)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_optimum_has_as_many_digits_as_numpys(name: str) -> None:
    assert ours(REFERENCES[name]) >= numpy(REFERENCES[name])


def test_what_descent_cannot_tell_apart_is_called_singular_and_solved_all_the_same() -> None:
    filip = REFERENCES["Filip"]
    assert solve(Dataset(filip.x, filip.y, ())).singular
    assert ours(filip) >= 7
    assert standardised(filip) >= 7


def test_dependent_columns_have_no_fit_of_their_own() -> None:
    x = torch.arange(6.0, dtype=torch.float64).unsqueeze(1)
    assert fitted(torch.cat([x, 2 * x], 1), x) is None
    assert fitted(torch.ones(6, 1, dtype=torch.float64), x) is None
    found = fitted(x, 3 * x + 1)
    assert found is not None
    w, b = found
    assert w.item() == pytest.approx(3)
    assert b == pytest.approx(1)
