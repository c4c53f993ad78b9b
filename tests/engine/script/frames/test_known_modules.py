"""What is found in a module a second time is what is in it then, and it is found quickly."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import pytest
import torch
from torch import nn

from engine.script.frames.known_modules import KnownModules
from engine.script.frames.scope import SHOWN_LIMIT, shown_in, tensors_in


class Net(nn.Module):
    """A class of the script's own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        self.lazy = nn.LazyLinear(2)
        self.register_buffer("count", torch.zeros(1))
        self.state: Any = torch.zeros(2)
        self.spare: Any = None
        self.sizes: Any = [2, 2]
        self.step = 0


class Other(Net):
    pass


def own_modules() -> KnownModules:
    return KnownModules(lambda kind: kind is Net)


def same(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    return [*one] == [*other] and all(one[name] is other[name] for name in one)


def move_to_end(net: Net) -> None:
    net.first._parameters["weight"] = net.first._parameters.pop("weight")


def become_parameter(net: Net) -> None:
    net._parameters["count"] = net._buffers.pop("count")  # type: ignore[assignment]


def replace_registered(net: Net) -> None:
    vars(net.first)["_parameters"] = {"weight": net.first.weight}


def replace_attributes(net: Net) -> None:
    net.__dict__ = {**vars(net), "_buffers": {}}


def reuse_memory(net: Net) -> None:
    """Put other tensors where the old ones were, as often as it takes to get their place."""
    for _ in range(100):
        net.first.weight = nn.Parameter(torch.ones(2, 2))


CHANGES: dict[str, Callable[[Net], object]] = {
    "another tensor": lambda net: setattr(net.first, "weight", nn.Parameter(torch.ones(2, 2))),
    "another at the same address": reuse_memory,
    "the same tensor twice": lambda net: setattr(net.second, "weight", net.first.weight),
    "no tensor": lambda net: setattr(net.first, "bias", None),
    "a tensor more": lambda net: net.second._parameters.update(more=nn.Parameter(torch.ones(1))),
    "another name": lambda net: net.second._parameters.update(
        more=net.second._parameters.pop("bias")
    ),
    "another order": move_to_end,
    "another kind": become_parameter,
    "another dict": replace_registered,
    "other attributes": replace_attributes,
    "another module": lambda net: setattr(net, "second", nn.Linear(2, 2)),
    "a module more": lambda net: net.add_module("third", nn.Linear(2, 2)),
    "a module less": lambda net: delattr(net, "first"),
    "modules that change places": lambda net: net._modules.update(
        first=net.second, second=net.first
    ),
    "a lazy module that was run": lambda net: net.lazy(torch.ones(1, 3)),
    "a lazy tensor that has a shape": lambda net: net.lazy.weight.materialize((2, 2)),
    "another class": lambda net: setattr(net, "__class__", Other),
    "another plain tensor": lambda net: setattr(net, "state", torch.ones(2)),
    "a plain tensor more": lambda net: setattr(net, "spare", torch.ones(2)),
    "a plain list of tensors": lambda net: setattr(net, "spare", [torch.ones(2)]),
    "a tensor in a list": lambda net: net.sizes.append(torch.ones(2)),
    "a tensor in place of an item": lambda net: net.sizes.__setitem__(0, torch.ones(2)),
    "a module in a list": lambda net: net.sizes.append(nn.Linear(1, 1)),
    "a module as a plain attribute": lambda net: vars(net).update(plain=nn.Linear(1, 1)),
    "a list in place of a tensor": lambda net: setattr(net, "state", [net.state]),
    "something that is no dict": lambda net: vars(net.first).update(_parameters=None),
}


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_seen(change: str) -> None:
    net, modules = Net(), own_modules()
    scope = {"net": net, "held": [net.first]}
    for _ in range(2):
        before = tensors_in(scope, modules)
        assert same(before, tensors_in(scope, own_modules()))
    CHANGES[change](net)
    for _ in range(2):
        now = tensors_in(scope, modules)
        assert same(now, tensors_in(scope, own_modules()))
    assert not same(now, before)


def test_a_large_module_that_has_changed_is_counted_anew() -> None:
    net = nn.Sequential(*(nn.Linear(1, 1) for _ in range(SHOWN_LIMIT)))
    modules, scope = KnownModules(), {"net": net}
    counted = shown_in(scope, modules)
    assert counted.more == SHOWN_LIMIT
    assert shown_in(scope, modules, counted.rests) == counted
    net[-1].register_parameter("bias", None)
    assert shown_in(scope, modules, counted.rests) == counted  # its rest is known
    assert shown_in(scope, modules).more == SHOWN_LIMIT - 1
    net[0].register_parameter("bias", None)
    now = shown_in(scope, modules, counted.rests)
    assert now.variables == shown_in(scope).variables
    assert now.variables != counted.variables


def test_nothing_is_kept_alive() -> None:
    net, modules = Net(), own_modules()
    tensors_in({"net": net}, modules)
    held = [weakref.ref(thing) for thing in (net, net.first, net.first.weight, net.state)]
    del net
    gc.collect()
    assert [one() for one in held] == [None] * 4


def test_a_module_in_the_place_of_another_is_not_taken_for_it() -> None:
    modules = KnownModules()
    for size in range(20):
        net = nn.Sequential(*(nn.Linear(1, 1) for _ in range(size)))
        assert len(tensors_in({"net": net}, modules)) == 2 * size


@pytest.mark.parametrize("part", [lambda: nn.Linear(1, 1), lambda: nn.BatchNorm1d(1, affine=False)])
def test_what_has_not_changed_is_found_in_few_calls(part: Callable[[], nn.Module]) -> None:
    net = nn.Sequential(*(part() for _ in range(1000)))
    scope, modules = {"net": net}, KnownModules()
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    rests = shown_in(scope, modules).rests
    first = tensors_in(scope, modules), shown_in(scope, modules, rests)
    sys.setprofile(count)
    try:
        again = tensors_in(scope, modules), shown_in(scope, modules, rests)
    finally:
        sys.setprofile(None)
    assert again[1] == first[1]
    assert same(again[0], first[0])
    assert calls < 200


def test_methods_of_dicts_in_a_module_are_not_called() -> None:
    called: list[object] = []

    class Own(dict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            called.append(self)
            return iter(())

        def __getitem__(self, key: str) -> Any:
            called.append(key)
            return {}

    net, modules = Net(), own_modules()
    tensors_in({"net": net}, modules)
    attributes = vars(net)
    net.__dict__ = Own(attributes)
    assert "net.count" in tensors_in({"net": net}, modules)
    net.__dict__ = {**attributes, "_buffers": Own(count=torch.zeros(1))}
    assert "net.count" in tensors_in({"net": net}, modules)
    assert not called
