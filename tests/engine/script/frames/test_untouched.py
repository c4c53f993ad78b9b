"""Looking at a script's scope runs nothing of its own, and never fails or lasts."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
import torch
from torch import nn

from engine.script.frames.known_modules import KnownModules
from engine.script.frames.scope import LOOKS, shown_in, tensors_in
from tests.engine.script.scripts import recorded, view

HOSTILE = """
def no(*_, **__):
    print("ours ran")
    raise RuntimeError("no")
"""


def runs_unseen(source: str) -> set[str]:
    """The names of the tensors of a script that ran to its end and was never called by us."""
    recording = recorded(HOSTILE + source)
    assert recording.ending == "end", recording.error
    assert "ours ran" not in "".join(moment.output for moment in recording.moments)
    return {tensor.name for tensor in recording.moments[-1].tensors}


@pytest.mark.parametrize(
    "method",
    ["repr", "str", "eq", "hash", "len", "iter", "bool", "getattr", "getattribute", "format"],
)
def test_an_object_whose_methods_raise(method: str) -> None:
    names = runs_unseen(
        f"""
class Thing:
    def __init__(self):
        object.__setattr__(self, "w", torch.ones(1))
    __{method}__ = no
thing = Thing()
things = [thing]
x = torch.ones(1)
"""
    )
    assert names == {"thing.w", "things[0].w", "x"}


@pytest.mark.parametrize("attribute", ["__class__", "__dict__", "w", "__module__", "shape"])
def test_an_object_whose_properties_raise(attribute: str) -> None:
    names = runs_unseen(
        f"""
class Thing:
    {attribute} = property(no)
thing = Thing()
x = torch.ones(1)
"""
    )
    assert names == {"x"}


def test_a_class_whose_own_class_raises() -> None:
    names = runs_unseen(
        """
class Meta(type):
    __eq__ = __hash__ = __getattribute__ = __instancecheck__ = __subclasscheck__ = no
class Thing(metaclass=Meta):
    pass
thing = object.__new__(Thing)
cache = {1: thing, 2: [thing]}
x = torch.ones(1)
"""
    )
    assert names == {"x"}


def test_keys_that_cannot_be_written() -> None:
    names = runs_unseen(
        """
import enum
class K:
    __repr__ = __str__ = __format__ = no
class Color(enum.Enum):
    RED = 1
    __repr__ = __str__ = no
x = torch.ones(1, requires_grad=True)
d = {K(): x, K(): x, Color.RED: x, (K(), 1): x, "a" * 10**6: x, 10**5000: x, ("b", 2): x}
y = (x * 2).sum()
y.backward()
"""
    )
    long = "a" * 64
    assert {name for name in names if name.startswith("d")} == {
        "d[<K>]",
        "d[<K 2>]",
        "d[Color.RED]",
        "d[(<K>, 1)]",
        f"d['{long}'…]",
        "d[<int 6>]",
        "d[('b', 2)]",
    }


@pytest.mark.parametrize("kind", ["dict", "list", "tuple"])
def test_a_container_with_methods_of_its_own(kind: str) -> None:
    content = "{0: torch.ones(1)}" if kind == "dict" else "[torch.ones(1)]"
    names = runs_unseen(
        f"""
class Own({kind}):
    items = keys = values = get = __iter__ = __getitem__ = __len__ = __bool__ = __repr__ = no
own = Own({content})
"""
    )
    assert names == {"own[0]"}


def test_a_module_before_it_is_set_up() -> None:
    names = runs_unseen(
        """
class Net(torch.nn.Module):
    def __init__(self, n):
        hidden = n * 2
        super().__init__()
        self.fc = torch.nn.Linear(n, hidden)
net = Net(3)
loss = net.fc(torch.ones(2, 3)).sum()
loss.backward()
"""
    )
    assert names == {"net.fc.weight", "net.fc.bias", "loss"}


def test_a_module_that_names_its_parts_itself() -> None:
    names = runs_unseen(
        """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(1, 1)
        self._modules["again"] = self
    named_parameters = parameters = named_buffers = named_modules = children = no
    __eq__ = __hash__ = __getattr__ = __repr__ = no
    def forward(self, x):
        return torch.nn.functional.linear(x, self._modules["fc"].weight)
net = Net()
"""
    )
    assert names == {"net.fc.weight", "net.fc.bias"}


def test_lazy_modules_are_shown_once_they_have_a_shape() -> None:
    recording = recorded(
        """
        net = torch.nn.LazyLinear(3)
        other = torch.nn.LazyConv2d(3, 3)
        y = net(torch.ones(2, 5)).sum()
        y.backward()
        """
    )
    assert recording.ending == "end", recording.error
    names = [[tensor.name for tensor in moment.tensors] for moment in recording.moments]
    assert names[1] == []
    assert names[-1] == ["net.weight", "net.bias", "y"]


def test_layers_in_a_plain_list_have_names() -> None:
    recording = recorded(
        """
        class Stack(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = [torch.nn.Linear(1, 1) for _ in range(2)]
                self.named = {"a": torch.nn.Linear(1, 1)}
                self.last = torch.nn.Linear(1, 1)
                self.state = torch.zeros(1)
            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return self.last(self.named["a"](x)) + self.state
        net = Stack()
        loss = net(torch.ones(1, 1)).sum()
        loss.backward()
        """
    )
    assert recording.ending == "end", recording.error
    graph = recording.backwards[0].graph
    paths = ("net.blocks[0]", "net.blocks[1]", "net.named['a']", "net.last")
    assert {leaf.name for leaf in graph.leaves} == {
        f"{path}.{name}" for path in paths for name in ("weight", "bias")
    }
    assert {node.module for node in graph.nodes if node.module} == {"net", *paths}
    assert view(recording.moments[-1], "net.state").shape == (1,)


def test_an_optimizer_is_not_opened() -> None:
    names = runs_unseen(
        """
class Own(torch.optim.SGD):
    pass
w = torch.ones(1, requires_grad=True)
opt = Own([w], lr=0.1)
opt.held = w
"""
    )
    assert names == {"w"}


def test_slots() -> None:
    names = runs_unseen(
        """
class Thing:
    __slots__ = ("w", "unset")
thing = Thing()
thing.w = torch.ones(1)
"""
    )
    assert names == {"thing.w"}


class Mine:
    def __init__(self) -> None:
        self.w = torch.ones(1)


def test_which_classes_are_opened_can_be_said() -> None:
    assert not tensors_in({"mine": Mine()})
    assert set(tensors_in({"mine": Mine()}, KnownModules(lambda kind: kind is Mine))) == {"mine.w"}


def test_however_much_there_is_little_is_looked_at() -> None:
    deep: list[object] = []
    deep.append(deep)
    held = {str(i): i for i in range(1_000_000)}
    wide = [torch.ones(1)] * 1_000_000
    nest = [[[*range(100)] for _ in range(100)] for _ in range(300)]
    net = nn.Sequential(*(nn.Linear(1, 1) for _ in range(100)))
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        shown = shown_in({"deep": deep, "held": held, "nest": nest, "net": net, "wide": wide})
    finally:
        sys.setprofile(None)
    assert calls < 100_000
    assert sum(map(len, shown.variables.values())) == 128
    assert shown.more <= LOOKS
