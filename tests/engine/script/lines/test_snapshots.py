"""Reading large tensors is given little memory and little time."""

from __future__ import annotations

import pytest
import torch

from engine.script.lines.snapshots import Snapshots
from tests.processes import HAS_PROC, forget_peak, peak_memory


@pytest.mark.skipif(not HAS_PROC, reason="needs /proc")
def test_the_copies_of_a_large_tensor_are_small() -> None:
    wide = torch.ones(1 << 12, 1 << 14).t()[::2]  # 128 MB of 256
    forget_peak()
    before = peak_memory()
    patient = Snapshots(reading_time=1e9)  # however busy the machine is
    first = patient.take({"": {"wide": wide, "whole": wide.to(torch.int8)}})
    assert peak_memory() - before < 120e6  # 33 MB of it are the integers
    for shown in first.views:
        assert shown.value.summary is not None
        assert shown.value.summary.norm == wide.numel() ** 0.5


def test_a_large_tensor_that_is_always_changed_is_not_always_read() -> None:
    snapshots, x = Snapshots(reading_time=0.0, reading_share=0.0), torch.ones(200_000)
    assert snapshots.take({"x": {"x": x}}).views[0].value.summary is not None
    x.add_(1)
    shown = snapshots.take({"x": {"x": x}})
    assert shown.changed == ("x",)
    assert shown.views[0].value.summary is None
    assert shown.views[0].value.numbers == (2, 2, 2, 2)
