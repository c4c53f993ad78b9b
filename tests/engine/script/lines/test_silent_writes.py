from __future__ import annotations

import pytest
import torch

from engine.recording.records import Recording, SilentWrite
from engine.script.lines.silent_writes import Fingerprints
from tests.engine.script.scripts import last, numbers, recorded, view

SIGMOID = "a = torch.zeros({n}, requires_grad=True)\nb = torch.sigmoid(a)\n"


def silent(recording: Recording) -> list[SilentWrite]:
    assert recording.ending == "end", recording.error
    return [write for moment in recording.moments for write in moment.silent]


@pytest.mark.parametrize(
    "write",
    [
        "b.data += 1",
        "b.data.fill_(3.0)",
        "b.data[0] = 9.0",
        "b.detach().numpy()[0] = 9.0",
        "v = b.detach().numpy(); v += 1",
        "b.data.copy_(torch.full_like(b, 2.0))",
    ],
)
@pytest.mark.parametrize("n", [1, 64, 65, 5_000])
def test_a_write_between_forward_and_backward_is_harmful(write: str, n: int) -> None:
    recording = recorded(SIGMOID.format(n=n) + f"{write}\nb.sum().backward()\n")
    assert silent(recording) == [SilentWrite("b", 4, True)]
    assert recording.moments[3].silent == (SilentWrite("b", 4, True),)


def test_a_permutation_of_the_content_is_seen() -> None:
    recording = recorded(
        "a = torch.arange(200.0, requires_grad=True)\nb = torch.sigmoid(a)\n"
        "b.data.copy_(b.data.flip(0))\nb.sum().backward()\n"
    )
    assert silent(recording) == [SilentWrite("b", 4, True)]


def test_a_leaf_given_other_data() -> None:
    recording = recorded(
        """
        w = torch.ones(2, requires_grad=True)
        loss = (w * w).sum()
        w.data = torch.full((2,), 5.0)
        loss.backward()
        """
    )
    assert silent(recording) == [SilentWrite("w", 4, True)]


def test_the_old_way_to_update_is_silent_and_harmless() -> None:
    recording = recorded(
        """
        x = torch.ones(3, 1)
        w = torch.ones(1, 1, requires_grad=True)
        for i in range(3):
            loss = ((x @ w - 2) ** 2).mean()
            w.grad = None
            loss.backward()
            w.data -= 0.1 * w.grad
        """
    )
    assert silent(recording) == [SilentWrite("w", 8, False)] * 3


def test_only_writes_after_the_graph_was_made_are_guilty() -> None:
    recording = recorded(
        """
        w = torch.ones(2, requires_grad=True)
        w.data += 1
        loss = (w * w).sum()
        w.data += 2
        loss.backward()
        """
    )
    assert silent(recording) == [SilentWrite("w", 3, False), SilentWrite("w", 5, True)]


def test_a_second_pass_through_a_retained_graph() -> None:
    recording = recorded(
        """
        w = torch.ones(2, requires_grad=True)
        loss = (w * w).sum()
        loss.backward(retain_graph=True)
        w.data += 2
        loss.backward()
        """
    )
    assert silent(recording) == [SilentWrite("w", 5, True)]


def test_writes_that_autograd_sees_are_not_silent() -> None:
    recording = recorded(
        """
        w = torch.ones(2, requires_grad=True)
        loss = (w * 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.detach().add_(1)
        w = torch.zeros(2, requires_grad=True)
        """
    )
    assert silent(recording) == []


def test_what_the_graph_does_not_need_may_change() -> None:
    recording = recorded(
        """
        a = torch.ones(2, requires_grad=True)
        b = a + 1
        b.data += 1
        b.sum().backward()
        """
    )
    assert silent(recording) == [SilentWrite("b", 4, False)]


def test_a_constant_that_a_graph_saved() -> None:
    recording = recorded(
        """
        import numpy
        array = numpy.ones(3, dtype="float32")
        x = torch.from_numpy(array)
        w = torch.ones(3, requires_grad=True)
        loss = (w * x).sum()
        array += 1
        array2 = array
        loss.backward()
        """
    )
    assert silent(recording) == [SilentWrite("x", 7, True)]


@pytest.mark.parametrize("until_backward", ["", "memory.resize_(4096)", "gather()"])
def test_memory_that_is_freed_until_backward_is_not_written(until_backward: str) -> None:
    """As a sharded module does with the weights that it gathers."""
    recording = recorded(
        f"""
        w = torch.ones(2, requires_grad=True)
        memory = w.untyped_storage()
        def gather():
            memory.resize_(4096)
            w.data.fill_(1.0)
        product = w * w
        product.register_hook(lambda gradient: gather())
        memory.resize_(0)
        {until_backward}
        product.sum().backward()
        """
    )
    written_by_gather = SilentWrite("w", 6, False)
    assert set(silent(recording)) <= {written_by_gather}
    assert numbers(view(last(recording, 11), "w").grad) == [2, 2]


def test_memory_that_moves_is_not_written_nor_where_it_holds_nan() -> None:
    recording = recorded(
        """
        w = torch.tensor([float("nan"), 1.0], requires_grad=True)
        w.untyped_storage().resize_(4096)
        w.untyped_storage().resize_(8192)
        """
    )
    assert silent(recording) == []


def test_a_large_tensor_is_compared_when_backward_runs() -> None:
    recording = recorded(SIGMOID.format(n=200_000) + "b.data[7] = 3\nb.sum().backward()\n")
    assert silent(recording) == [SilentWrite("result of torch.sigmoid(a)", 5, True)]


def test_a_tensor_without_a_name() -> None:
    recording = recorded(
        """
        a = torch.zeros(2, requires_grad=True)
        def halves():
            b = torch.sigmoid(a)
            return b.sum(), b.detach().numpy()
        total, array = halves()
        array += 1
        total.backward()
        """
    )
    assert silent(recording) == [SilentWrite("result of torch.sigmoid(a)", 8, True)]


def test_inside_a_function_made_of_several_operations() -> None:
    recording = recorded(
        """
        scores = torch.zeros(2, 3, requires_grad=True)
        x = scores.detach()
        w = torch.ones(3, 3, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(x @ w, torch.tensor([0, 1]))
        x.numpy()[:] = 4
        loss.backward()
        """
    )
    assert silent(recording) == [SilentWrite("scores", 6, True)]


def test_running_statistics_change_unseen_and_harm_nothing() -> None:
    recording = recorded(
        """
        norm = torch.nn.BatchNorm1d(3)
        x = torch.rand(4, 3)
        loss = norm(x).sum() + (norm(x) ** 2).sum()
        loss.backward()
        """
    )
    assert silent(recording) == []


def test_a_graph_of_many_nodes_is_not_watched() -> None:
    recording = recorded(
        """
        a = torch.zeros(2, requires_grad=True)
        b = torch.sigmoid(a)
        c = b
        for i in range(600): c = torch.sigmoid(c)
        d = b.detach().numpy()
        d += 1
        c.sum().backward()
        b = torch.sigmoid(a)
        d = b.detach().numpy()
        d += 1
        b.sum().backward()
        """
    )
    assert [write for write in silent(recording) if write.harmful] == [SilentWrite("b", 11, True)]


def test_the_content_of_many_large_tensors_is_read_within_bounds() -> None:
    node = torch.sigmoid(torch.zeros(6_000, requires_grad=True)).grad_fn
    assert node is not None
    prints, kept = Fingerprints(elements=6_000).of(node)
    assert prints.keys() == kept.keys() == {"result"}
    prints, kept = Fingerprints(elements=5_000).of(node)
    assert not prints
    assert kept.keys() == {"result"}, "a version costs no reading"
    assert Fingerprints(nodes=0).of(node) == ({}, {})


MANY_LINES = """
w = torch.ones(2, requires_grad=True)
kept = [torch.ones(70) for i in range(20)]
a = torch.zeros(3)
d = a.numpy()
h = w * w
for i in range(100):
    h = torch.tanh(h)
"""


def test_a_silent_write_late_in_a_long_pass_is_seen_at_its_line() -> None:
    recording = recorded(MANY_LINES + "w.data += 1\nz = 1\nh.sum().backward()\n")
    assert silent(recording) == [SilentWrite("w", 9, True)]
    assert numbers(view(last(recording, 9), "w").value) == [2, 2]


def test_what_numpy_writes_late_in_a_long_pass_is_shown_when_backward_has_run() -> None:
    recording = recorded(MANY_LINES + "d += 1\nz = 1\nh.sum().backward()\n")
    assert numbers(view(last(recording, 11), "a").value) == [1, 1, 1]


def test_what_is_written_in_the_middle_of_an_operation_is_counted_at_its_end() -> None:
    recording = recorded(
        """
        from torch.utils._python_dispatch import TorchDispatchMode
        class Counts(TorchDispatchMode):
            calls = 0
            def __torch_dispatch__(self, func, types, args=(), kwargs=None):
                result = func(*args, **(kwargs or {}))
                Counts.calls += 1
                return result
        w = torch.ones(2, requires_grad=True)
        with Counts():
            loss = (w * w).sum()
            loss.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
        """
    )
    assert silent(recording) == []
