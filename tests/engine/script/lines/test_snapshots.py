"""Reading tensors is given little memory and little time, and what is shown is what is there."""

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


@pytest.mark.parametrize("size", [70, 200_000])
def test_a_parameter_in_scope_by_two_names_is_read_once(size: int) -> None:
    snapshots, w = Snapshots(), torch.ones(size, requires_grad=True)
    outer = snapshots.take({"model": {"model.w": w}}, check=False)
    inner = snapshots.take({"self": {"self.w": w}}, check=False, local={"self"}, depth=1)
    assert inner.views[0].value is outer.views[0].value
    w.data.add_(1)  # unseen by autograd
    again = snapshots.take({"layer": {"layer.w": w}}, local={"layer"}, depth=2)
    assert again.views[0].value.numbers == (2, 2, 2, 2)
