"""What a graph keeps alive, against what is freed when it goes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.autograd.backward import record_backward
from engine.autograd.capture import capture


def kept(loss: torch.Tensor, /, **scope: torch.Tensor) -> int:
    graph = capture(loss, scope, for_good=True)
    return sum(node.keeps or 0 for node in graph.nodes)


MODELS = {
    "dense": lambda: nn.Sequential(nn.Linear(30, 40), nn.Tanh(), nn.Linear(40, 1)),
    "normalised": lambda: nn.Sequential(nn.Linear(30, 16), nn.LayerNorm(16), nn.GELU()),
    "dropped": lambda: nn.Sequential(nn.Linear(30, 16), nn.Dropout(0.5), nn.ReLU()),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_sum_is_what_only_the_graph_holds(name: str) -> None:
    torch.manual_seed(0)
    model, x = MODELS[name](), torch.rand(64, 30)
    others = {p.untyped_storage().data_ptr() for p in model.parameters()}
    others.add(x.untyped_storage().data_ptr())
    sizes: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        torch.manual_seed(1)
        seen = model(x).pow(2).mean()
    expected = sum(size for address, size in sizes.items() if address not in others)
    del seen
    torch.manual_seed(1)
    loss = model(x).pow(2).mean()
    assert kept(loss, x=x, loss=loss) == pytest.approx(expected, rel=0.05)


def test_a_storage_counts_once_and_parameters_not_at_all() -> None:
    w = torch.rand(10, requires_grad=True)
    h = w.exp()
    loss = (h * h + h.sin()).sum()
    del h
    assert kept(loss) == 40, "exp's result, that product and sine use as well"


def test_what_a_name_holds_is_not_counted_and_said() -> None:
    x, w = torch.rand(10), torch.rand(10, requires_grad=True)
    graph = capture((x * w).sum(), {"x": x, "w": w}, for_good=True)
    product = next(node for node in graph.nodes if node.op == "MulBackward0")
    assert (product.keeps, product.held_by) == (0, ("x",)), "w needs no gradient of x"


def test_the_times_of_the_nodes_are_most_of_the_pass() -> None:
    model = nn.Sequential(*[nn.Linear(300, 300) for _ in range(6)])
    loss = model(torch.rand(256, 300)).pow(2).mean()
    backward = record_backward(loss)
    seconds = [gradient.seconds for gradient in backward.gradients]
    assert all(one is not None and one >= 0 for one in seconds)
    assert sum(one for one in seconds if one) > 0


@pytest.mark.cuda
def test_on_a_gpu_its_own_time_counts_and_what_is_kept_is_what_is_freed() -> None:
    model = nn.Sequential(*[nn.Linear(512, 512) for _ in range(4)], nn.Tanh()).cuda()
    x = torch.rand(4096, 512, device="cuda")
    loss = model(x).pow(2).mean()
    said = kept(loss, x=x, loss=loss)
    backward = record_backward(loss)
    assert all(gradient.device_seconds is not None for gradient in backward.gradients)
    loss = model(x).pow(2).mean()
    before = torch.cuda.memory_allocated()
    loss.detach_()
    assert before - torch.cuda.memory_allocated() == pytest.approx(said, rel=0.05)
