"""The scalars of passes, against what torch itself says of the same training."""

from __future__ import annotations

import math
import warnings
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.quiet import quiet
from engine.recording.journal import Journal
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_plan import condition
from engine.recording.pass_table import PassTable
from engine.script.passes.leaf_columns import Row
from engine.script.passes.leaf_rows import LeafRows
from engine.script.passes.pass_scalars import DENSE, PassScalars, kept, taken


class Chunks(Journal):
    def __init__(self) -> None:
        super().__init__("train.py", "")
        self.chunks: list[PassChunk] = []

    def add_passes(self, chunk: PassChunk) -> None:
        self.chunks.append(PassChunk.decoded(chunk.encoded()))

    @property
    def table(self) -> PassTable:
        return PassTable(self.chunks)


def scalars_of(journal: Journal, leaves: Mapping[str, torch.Tensor]) -> PassScalars:
    return PassScalars(journal, lambda _: leaves, lambda _: {})


def step(scalars: PassScalars, number: int, loss: torch.Tensor) -> None:
    with quiet():
        scalars.before(number, [loss], None)
    loss.backward()  # type: ignore[no-untyped-call]
    with quiet():
        scalars.after(number, None, {})


@pytest.mark.parametrize("shape", [(), (3,), (8, 8), (20, 30)])
def test_norms_of_value_gradient_and_update(shape: tuple[int, ...]) -> None:
    journal, w = Chunks(), torch.randn(shape, dtype=torch.float64, requires_grad=True)
    scalars = scalars_of(journal, {"w": w})
    expected = []
    for number in range(4):
        before = w.detach().clone()
        step(scalars, number, (w**2).sum())
        assert w.grad is not None
        gradient = w.grad.clone()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad = None
        expected.append((before, gradient, w.detach() - before))
        if number == 1:
            scalars.flush()
    scalars.flush(last=True)
    norms = journal.table.norms("w")
    assert list(norms.numbers) == [0, 1, 2, 3]
    assert list(journal.table.losses) == pytest.approx(
        [float((v**2).sum()) for v, _, _ in expected]
    )
    for column, found in enumerate((norms.value, norms.gradient, norms.update)):
        for row, tensors in enumerate(expected):
            whole = tensors[column]
            exact = float(whole) if whole.numel() == 1 else float(whole.norm())
            # The update of a large leaf is an estimate from a sample of it.
            close = 0.15 if whole.numel() > 256 and column == 2 else 1e-5
            assert found[row] == pytest.approx(exact, rel=close)


def test_a_leaf_without_a_gradient_and_one_that_comes_later() -> None:
    journal = Chunks()
    a, b = torch.ones(2, requires_grad=True), torch.ones(1, requires_grad=True)
    scalars = scalars_of(journal, {"a": a, "b": b})
    step(scalars, 0, a.sum())
    a.grad = None
    step(scalars, 1, b.sum())
    scalars.flush(last=True)
    assert journal.table.leaves == ("a", "b")
    assert [math.isnan(number) for number in journal.table.norms("a").gradient] == [False, True]
    assert [math.isnan(number) for number in journal.table.norms("b").value] == [True, False]


def test_a_leaf_made_anew_under_its_name_keeps_its_columns() -> None:
    journal = Chunks()
    scope: dict[str, torch.Tensor] = {}
    scalars = scalars_of(journal, scope)
    for number in range(3):
        scope["w"] = torch.full((1,), float(number), requires_grad=True)
        step(scalars, number, scope["w"].sum())
    scalars.flush(last=True)
    assert journal.table.leaves == ("w",)
    assert list(journal.table.norms("w").value) == [0, 1, 2]


@pytest.mark.parametrize("data", [torch.zeros(2).double(), torch.zeros(5), torch.zeros(0)], ids=str)
def test_whatever_a_leaf_becomes_the_others_keep_their_norms(data: torch.Tensor) -> None:
    journal, w, v = Chunks(), torch.ones(2, requires_grad=True), torch.ones(1, requires_grad=True)
    scalars = scalars_of(journal, {"v": v, "w": w})
    for number in range(6):
        step(scalars, number, (v**2).sum() + (w**2).sum())
        if number == 3:
            w.grad = None
            w.data = data
    scalars.flush(last=True)
    assert journal.table.count == 6
    assert list(journal.table.norms("v").value) == [1] * 6
    assert list(journal.table.norms("w").value)[:4] == pytest.approx([2**0.5] * 4)


class Unreadable(LeafRows):
    def columns(self, numbers: Sequence[int], rows: Sequence[Row]) -> array[float]:
        raise RuntimeError("no")


def test_norms_that_cannot_be_read_cost_neither_losses_nor_memory() -> None:
    journal, w = Chunks(), torch.ones(2, requires_grad=True)
    scalars = PassScalars(journal, lambda _: {"w": w}, lambda _: {}, leaves=Unreadable())
    for number in range(4):
        step(scalars, number, (w**2).sum())
        scalars.flush()
    assert list(journal.table.losses) == [2, 2, 2, 2]
    assert len(journal.table.norms("w").numbers) == 0
    assert journal.notes == ["norms could not be read: RuntimeError"]


def test_losses_of_several_types_keep_their_signs() -> None:
    journal = Chunks()
    scalars = scalars_of(journal, {})
    for number, dtype in enumerate((torch.float32, torch.float64, torch.float16)):
        step(scalars, number, torch.tensor([-1.5], dtype=dtype, requires_grad=True).sum())
    scalars.flush()
    assert list(journal.table.losses) == [-1.5, -1.5, -1.5]


def test_a_root_of_several_elements_has_no_loss() -> None:
    journal, w = Chunks(), torch.ones(2, requires_grad=True)
    scalars = scalars_of(journal, {"w": w})
    with quiet():
        scalars.before(0, [w * 2], None)
        scalars.after(0, None, {})
    scalars.flush()
    assert math.isnan(journal.table.loss(0))


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("nonfinite", math.inf, True),
        ("nonfinite", 1, False),
        ("loss>3", 4, True),
        ("loss>3", 3, False),
    ],
)
def test_a_condition_on_the_loss_is_known_before_backward(
    text: str, value: float, met: bool
) -> None:
    w = torch.tensor([float(value)], requires_grad=True)
    scalars = scalars_of(Chunks(), {"w": w})
    with quiet():
        scalars.before(0, [w.sum()], None)
        assert scalars.met_by_loss((condition(text),)) is met


@pytest.mark.parametrize(
    ("text", "met"), [("grad>4.9", True), ("grad>5.1", False), ("loss>0", False)]
)
def test_a_condition_on_all_gradients_together(text: str, met: bool) -> None:
    w = torch.ones(2, requires_grad=True)
    scalars = scalars_of(Chunks(), {"w": w})
    step(scalars, 0, (w * torch.tensor([3.0, 4.0])).sum())
    assert scalars.met_by_gradients((condition(text),)) is met


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 7, 64, 65, 1_000]), st.sampled_from(["float32", "float64"])),
        min_size=1,
        max_size=5,
    )
)
def test_the_norm_of_all_gradients_is_the_same_where_a_row_was_made_of_them(
    leaves: list[tuple[int, str]],
) -> None:
    tensors = [torch.ones(size, dtype=getattr(torch, kind)) for size, kind in leaves]
    for at, tensor in enumerate(tensors):
        tensor.requires_grad_()
        tensor.grad = torch.full_like(tensor, at - 1.5) if at != 3 else None
    rows = LeafRows()
    rows.follow(tensors, {id(tensor): f"w{at}" for at, tensor in enumerate(tensors)})
    alone = rows.gradient_norm()
    rows.row(None, {}, asked=True)
    assert rows.gradient_norm() == pytest.approx(alone, rel=1e-6)
    squares = (float((t.grad**2).sum()) for t in tensors if t.grad is not None)
    assert alone == pytest.approx(math.sqrt(sum(squares)), rel=1e-6)


@given(st.integers(0, 10 * DENSE))
def test_a_kept_pass_is_read_with_the_one_after_it(number: int) -> None:
    assert taken(number) or not kept(number)
    assert taken(number + 1) or not kept(number)


def test_of_a_million_passes_the_norms_of_few_are_kept() -> None:
    assert sum(map(kept, range(1_000_000))) < 3 * DENSE


@contextmanager
def nothing_waits() -> Iterator[None]:
    """Every wait for a GPU is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is a prototype
        torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode("default")


@pytest.mark.cuda
def test_no_pass_waits_for_a_gpu_unless_its_loss_is_asked_for() -> None:
    shapes: tuple[tuple[int, ...], ...] = ((), (3,), (200, 300))
    leaves = {
        f"w{at}": torch.ones(shape, device="cuda", requires_grad=True)
        for at, shape in enumerate(shapes)
    }
    leaves["half"] = torch.ones(100, device="cuda", dtype=torch.bfloat16, requires_grad=True)
    journal = Chunks()
    scalars = scalars_of(journal, leaves)

    def one(number: int) -> None:
        squares = [leaf.float().pow(2).sum() for leaf in leaves.values()]
        step(scalars, number, sum(squares, start=leaves["w0"] * number))
        assert not scalars.met_by_loss((condition("pass=3"),))
        with torch.no_grad():
            for leaf in leaves.values():
                leaf.grad = None

    one(0)  # what is loaded first may wait
    with nothing_waits():
        for number in range(1, 20):
            one(number)
    with pytest.raises(RuntimeError), nothing_waits(), quiet():
        scalars.before(20, [leaves["w0"] * 2], None)
        scalars.met_by_loss((condition("nonfinite"),))
    scalars.flush(last=True)
    table = journal.table
    assert list(table.losses) == [60_104.0 + number for number in range(20)]
    assert list(table.norms("w1").gradient)[:2] == pytest.approx([2 * 3**0.5] * 2)


@pytest.mark.cuda
def test_a_row_of_leaves_on_several_devices_waits_for_none() -> None:
    leaves = [torch.ones(5), torch.ones(300, device="cuda")]
    for leaf in leaves:
        leaf.requires_grad_()
        leaf.grad = torch.ones_like(leaf)
    rows = LeafRows()
    with quiet():
        rows.follow(leaves, {id(leaf): leaf.device.type for leaf in leaves})
        rows.row(None, {})  # what is loaded first may wait
        with nothing_waits():
            row = rows.row(None, {})
    assert row.is_cuda
    assert row[:12].tolist() == [1.0] * 10 + [pytest.approx(300**0.5)] * 2
