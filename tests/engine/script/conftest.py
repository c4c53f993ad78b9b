"""Scripts recorded in processes of their own, which need not import torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

import pytest

from engine.recording.records import Recording
from engine.script.child import Popen
from engine.script.subprocess_recorder import record_isolated
from tests.forks.forks import Forks

RecordForked = Callable[..., Recording]


@pytest.fixture(scope="session")
def record_forked(forks: Forks) -> RecordForked:
    """Records like `record_isolated`, but in a fork."""
    return partial(record_isolated, popen=cast(Popen, forks.popen))
