from __future__ import annotations

import pytest
import torch
from hypothesis import settings

# Examples are as slow as the machine is busy, and that is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> None:
    """Small problems are quicker on one thread, and other tests get the other core."""
    torch.set_num_threads(1)
