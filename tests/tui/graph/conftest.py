"""A script of a small network, and what records scripts in forks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.forks.forks import RecordForked
from tui.graph.subjects.loader import Recorders, record_script

NET = """\
import sys
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(*(nn.Sequential(nn.Linear(2, 2), nn.Tanh()) for _ in range(3)))
scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
loss = (model(torch.ones(2, 2)) * scale).log().sum()
loss.backward()
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


@pytest.fixture
def forked(record_forked: RecordForked) -> Recorders:
    """Scripts in a process of their own, which need not import torch."""
    return Recorders(script=partial(record_script, isolated=record_forked))
