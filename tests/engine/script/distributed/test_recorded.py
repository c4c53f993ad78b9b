"""Of which passes the gradients of ranks are recorded, and over what a loss is a mean."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise

import pytest
import torch
import torch.distributed as dist
from torch.nn import functional

from engine.recording.journal import Journal
from engine.recording.rank_records import RankPlace
from engine.script.distributed.loss_samples import samples_of
from engine.script.distributed.marks import Marks
from engine.script.distributed.own_reductions import OwnReductions
from engine.script.distributed.rank_watch import DENSE, RankWatch, recorded
from engine.script.frames.own_files import OwnFiles
from engine.script.passes.leaf_rows import LeafRows

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def test_every_pass_is_recorded_at_first_and_then_ever_fewer() -> None:
    assert all(recorded(number, 2) for number in range(DENSE // 2))
    assert [recorded(DENSE // 2 + n, 2) for n in range(4)] == [True, False, True, False]
    assert all(recorded(number, 5_000) for number in range(1_000))
    kept = [number for number in range(100_000) if recorded(number, 1_000)]
    assert len(kept) < 6_000
    assert max(after - before for before, after in pairwise(kept)) <= 256


@pytest.mark.parametrize(
    ("loss", "samples"),
    [
        (lambda x, y, t: functional.mse_loss(x, y), 24),
        (lambda x, y, t: functional.mse_loss(x, y, reduction="sum"), None),
        (lambda x, y, t: functional.l1_loss(x, y), 24),
        (lambda x, y, t: ((x - y) ** 2).mean(), 24),
        (lambda x, y, t: ((x - y) ** 2).mean(dim=(0, 1)), 24),
        (lambda x, y, t: ((x - y) ** 2).mean(-1).sum(), None),
        (lambda x, y, t: ((x - y) ** 2).sum() / 24, 24),
        (lambda x, y, t: ((x - y) ** 2).sum(), None),
        (lambda x, y, t: functional.mse_loss(x, y) / 3, 24),
        (lambda x, y, t: functional.mse_loss(x, y) * 40 * 2 / 51, None),
        (lambda x, y, t: functional.mse_loss(x, y) + 0.1 * x.square().sum(), None),
        (lambda x, y, t: functional.cross_entropy(x, t), 5),
        (lambda x, y, t: functional.cross_entropy(x, t, weight=torch.ones(4)), None),
        (lambda x, y, t: functional.binary_cross_entropy_with_logits(x, y.sigmoid()), 24),
    ],
)
def test_a_graph_tells_over_how_many_numbers_its_loss_is_a_mean(
    loss: Loss, samples: int | None
) -> None:
    x = torch.ones(6, 4, requires_grad=True)
    targets = torch.tensor([0, 1, 2, 3, -100, 1])  # one of them is left out

    assert samples_of(loss(x, torch.zeros(6, 4), targets)) == samples


def test_the_scale_of_a_scaler_leaves_a_mean_what_it_is() -> None:
    loss = torch.ones(24, requires_grad=True).mean()

    assert samples_of(loss * torch.tensor(65536.0) / 3, 65536.0) == 24
    assert samples_of(loss * 1.5 * torch.tensor(65536.0), 65536.0) is None
    assert samples_of(loss * 0.0, 0.0) is None, "a scale that was halved until it was 0"


def test_a_leaf_with_a_hook_may_be_frozen_between_passes() -> None:
    w, b = (torch.ones(2, requires_grad=True) for _ in range(2))
    w.register_hook(lambda gradient: 2 * gradient)  # type: ignore[no-untyped-call]
    journal, numbers = Journal("train.py", ""), count()
    files = OwnFiles(journal, "train.py", "")
    watch = RankWatch(RankPlace(0, 2), files, journal, lambda _: {"w": w, "b": b}, LeafRows())
    run = watch.around(torch.autograd.backward, lambda: next(numbers), lambda: False)

    run([(w + b).sum()])
    w.grad = b.grad = None
    w.requires_grad_(False)
    run([(w + b).sum()])
    watch.flush(last=True)

    norms = [{g.leaf: g.local_norm for g in one.gradients} for one in journal.rank_passes]
    size = pytest.approx(2**0.5)
    assert norms == [{"w": size, "b": size}, {"w": None, "b": size}]
    assert journal.notes == []


def test_all_gradients_of_a_call_that_goes_on_are_looked_at_once_it_is_waited_for() -> None:
    gradients, work = [torch.ones(2), torch.ones(3)], dist.Work()

    def call(tensors: list[torch.Tensor]) -> dist.Work:
        for tensor in tensors:
            tensor *= 2
        return work

    own = OwnReductions(2, pytest.fail)
    own.began(gradients)
    assert own.around("all_reduce_coalesced", (gradients,), {}, call) is work
    assert [one.after for one in own.calls] == [None, None]
    own.waited(work)
    copies = [one.copy for one in own.calls]
    assert [one.tolist() for one in copies if one is not None] == [[2, 2], [2, 2, 2]]
    assert not any(one.was_written_since for one in own.calls)


def test_equal_tensors_have_equal_marks_and_others_do_not() -> None:
    large = torch.arange(10_000.0)
    other = large + torch.linspace(0, 1e-2, 10_000)
    read = Marks([large, large.clone(), other, None, torch.ones(4, dtype=torch.bfloat16)]).read()

    assert read[0] == read[1] != read[2]
    assert read[3] is None
    assert read[4] is not None
    assert read[4][0] == 2
