"""Digits of the optimum on NIST's data: ours, and numpy's with scaled columns."""

from __future__ import annotations

import numpy as np
import torch

from engine.training.closed_form import solve
from engine.training.dataset import Dataset
from tests.engine.training.nist import Reference, digits


def digits_of_theory(reference: Reference) -> float:
    theory = solve(Dataset(reference.x, reference.y, ()))
    return digits((theory.b, *theory.w), reference.certified)


def digits_standardised(reference: Reference) -> float:
    means, spreads = reference.x.mean(0), reference.x.std(0)
    theory = solve(Dataset((reference.x - means) / spreads, reference.y, ()))
    w = torch.tensor(theory.w, dtype=torch.float64) / spreads
    return digits(((theory.b - means @ w).item(), *w.tolist()), reference.certified)


def digits_of_numpy(reference: Reference) -> float:
    """The best that numpy does with columns of one length, or of one largest number."""
    columns = torch.cat([torch.ones_like(reference.y), reference.x], 1).numpy()
    lengths = (np.linalg.norm(columns, axis=0), abs(columns).max(0))
    found = [np.linalg.lstsq(columns / s, reference.y.numpy()[:, 0])[0] / s for s in lengths]
    return max(digits(list(w), reference.certified) for w in found)
