"""Tensors of every kind are shown as far as they can be, and run nothing for it."""

from __future__ import annotations

import pytest

from engine.autograd.values import Value
from tests.engine.script.scripts import numbers, recorded, view
from tests.engine.script.unseen.plainly import prints_the_same

WRAPPER = """
calls = []
class Wrapper(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, dtype=inner.dtype, requires_grad=inner.requires_grad)
    def __init__(self, inner):
        self.inner = inner
    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        calls.append(str(func))
        inner = [a.inner if isinstance(a, Wrapper) else a for a in args]
        return Wrapper(func(*inner, **(kwargs or {})))
"""


def test_a_gradient_of_a_subclass_has_its_own_calls_only() -> None:
    prints_the_same(
        """
        calls = []
        class Own(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                calls.append(str(func))
                return super().__torch_function__(func, types, args, kwargs or {})
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        y.backward(torch.ones(3).as_subclass(Own))
        print(calls, x.grad.tolist(), type(x.grad).__name__)
        """
    )


def test_a_wrapper_is_shown_by_its_shape_and_runs_only_for_the_script() -> None:
    recording = recorded(
        WRAPPER
        + """
w = Wrapper(torch.ones(3, requires_grad=True))
y = torch.exp(w)
z = y * 2
before = len(calls)
a = [w, z]
after = len(calls)
assert before == after, calls
"""
    )
    assert recording.ending == "end", recording.error
    shown = view(recording.moments[-1], "w").value
    assert shown == Value((3,), "float32", (), (0,))


@pytest.mark.parametrize(
    "attribute", ["shape", "dtype", "grad_fn", "is_nested", "detach", "numel", "tolist", "__len__"]
)
def test_a_subclass_with_its_own_methods(attribute: str) -> None:
    recording = recorded(
        f"""
        def no(*_):
            raise RuntimeError("no")
        class Own(torch.Tensor):
            {attribute} = property(no)
            __torch_function__ = classmethod(no)
        with torch._C.DisableTorchFunction():
            x = torch.ones(2).as_subclass(Own)
        z = 1
        """
    )
    assert recording.ending == "end", recording.error
    assert numbers(view(recording.moments[-1], "x").value) == [1, 1]


@pytest.mark.parametrize(
    "made",
    [
        "torch.nested.nested_tensor([torch.ones(1), torch.ones(2)], layout=torch.jagged)",
        "torch.eye(3).to_sparse()",
        "torch.ones(100, device='meta')",
        "torch.ones(0, 7)",
        "torch._efficientzerotensor(3)",
        "torch.ones(3, dtype=torch.cfloat).conj()",
        "torch.ones(300, dtype=torch.cfloat).conj()",
        "torch.ones(300).to(torch.float8_e4m3fn)",
        "torch.ones(1).expand(10**12)",
        "torch.func.vmap(lambda x: kept.append(x) or x)(torch.ones(2, 3))",
        "torch.func.grad(lambda x: kept.append(x) or x.sum())(torch.ones(3))",
        "torch.func.functionalize(lambda x: kept.append(x) or x * 2)(torch.ones(3))",
        "FakeTensorMode().from_tensor(torch.ones(300, requires_grad=True)) * 2",
    ],
)
def test_every_kind_of_tensor(made: str) -> None:
    recording = recorded(
        f"""
        from torch._subclasses.fake_tensor import FakeTensorMode
        kept = []
        t = {made}
        u = torch.ones(1)
        """
    )
    assert recording.ending == "end", recording.error
    assert view(recording.moments[-1], "u").shape == (1,)


def test_under_a_fake_mode_nothing_is_disturbed() -> None:
    prints_the_same(
        """
        from torch._subclasses.fake_tensor import FakeTensorMode
        real = torch.ones(300)
        with FakeTensorMode():
            x = torch.ones(300, requires_grad=True)
            y = torch.exp(x).sum()
            y.backward()
            print(type(y).__name__, x.grad.shape)
        print(real.sum())
        """
    )


def test_inside_a_transform_plain_tensors_are_read() -> None:
    recording = recorded(
        """
        p = torch.ones(300)
        def f(x):
            q = x * 2
            return (q * p[:3]).sum()
        g = torch.func.grad(f)(torch.ones(3))
        h = torch.func.vmap(f)(torch.ones(2, 3))
        """
    )
    assert recording.ending == "end", recording.error
    assert numbers(view(recording.moments[-1], "g").value) == [2, 2, 2]
    assert numbers(view(recording.moments[-1], "h").value) == [6, 6]


def test_a_tensor_that_cannot_even_be_asked_is_left_out() -> None:
    recording = recorded(
        """
        class Odd(torch.Tensor):
            @staticmethod
            def __new__(cls):
                return torch.Tensor._make_wrapper_subclass(
                    cls, (3,), dispatch_sizes_strides_policy="sizes")
            @classmethod
            def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
                raise RuntimeError("no")
        odd = Odd()
        x = torch.ones(1)
        """
    )
    assert recording.ending == "end", recording.error
    assert [tensor.name for tensor in recording.moments[-1].tensors] == ["x"]
