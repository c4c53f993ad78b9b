"""Reading a script's tensors is seen by nobody, and changes nothing."""

from __future__ import annotations

import contextlib
import io
import sys
from textwrap import dedent

import pytest
import torch

from engine.autograd.values import Value
from engine.script.lines.snapshots import Snapshots
from tests.engine.script.scripts import numbers, recorded, view
from tests.forks.forks import Forks
from tests.processes import HAS_PROC, forget_peak, peak_memory

LOG = """
from torch.utils._python_dispatch import TorchDispatchMode
class Log(TorchDispatchMode):
    calls = []
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        Log.calls.append(str(func))
        return func(*args, **(kwargs or {}))
"""

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


COMPREHENSIONS = """
ws = [torch.ones(2, requires_grad=True), torch.zeros(2, requires_grad=True)]
def doubled(tensors, times=2):
    for step in range(3):
        found = [
            tensor * times + step
            for tensor in tensors
            if tensor.requires_grad
        ]
    return found, step, times
class Sums:
    all = [
        w.sum()
        for w in (torch.ones(1), torch.ones(2))
        if w.dim() == 1
    ]
def each(tensors):
    for tensor in tensors:
        yield [
            tensor + more
            for more in (1, 2)
        ]
both = {
    i: w.sum()
    for i, w in enumerate(ws)
    if w.dim() == 1
}
print(doubled(ws), Sums.all, list(each(ws)), both)
sum(both.values()).backward()
print([w.grad for w in ws])
"""


def prints_the_same(source: str) -> None:
    """What a script prints must be the same without us."""
    recording = recorded(source)
    assert recording.ending == "end", recording.error
    assert "".join(moment.output for moment in recording.moments) == plainly(source)


def plainly(source: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), torch.random.fork_rng(devices=[]):
        exec(
            compile("import torch\n" + dedent(source).lstrip("\n"), "plain", "exec"),
            {"__name__": "__main__"},
        )
    return output.getvalue()


def test_a_dispatch_mode_logs_the_calls_of_the_script_only() -> None:
    prints_the_same(
        LOG
        + """
x = torch.ones(2, requires_grad=True)
big = torch.ones(300, requires_grad=True)
with Log():
    y = x * 2
    z = torch.exp(y).sum() + big.sum()
    a = y
z.backward()
print(Log.calls)
"""
    )


def test_autograd_adds_and_steals_gradients_as_if_they_were_not_read() -> None:
    prints_the_same(
        LOG
        + """
w = torch.ones(300, requires_grad=True)
v = torch.ones(2, requires_grad=True)
y = w * w
z = (y.sin() + y.cos() + y * 3).sum() + (v * 2).sum()
with Log():
    z.backward()
print(Log.calls)
"""
    )


def test_tensors_can_be_swapped_that_were_looked_at() -> None:
    """As a module with distributed parameters does where it is moved."""
    prints_the_same(
        """
        torch.__future__.set_swap_module_params_on_conversion(True)
        model = torch.nn.Linear(1, 1)
        for _ in range(2):
            model(torch.ones(1, 1)).sum().backward()
            model.double().zero_grad()
            model.float()
        print([p.dtype for p in model.parameters()])
        """
    )


def test_the_memory_of_a_tensor_that_was_looked_at_can_be_freed() -> None:
    """As sharded modules do with the parameters that they have gathered."""
    prints_the_same(
        """
        gathered = torch.ones(4)
        later = torch.ones(40, 40)
        for kept in (gathered, later):
            kept.untyped_storage().resize_(0)
            print(kept.untyped_storage().nbytes())
            kept.untyped_storage().resize_(kept.numel() * 4)
            kept.fill_(2)
        """
    )


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


STATES = (
    "torch.set_default_dtype(torch.float64)",
    "torch.set_default_device('meta')",
    "torch.use_deterministic_algorithms(True)",
    "torch.autograd.set_detect_anomaly(True, check_nan=False)",
    "torch.set_grad_enabled(False)",
    "torch.inference_mode().__enter__()",
    "torch.autocast('cpu', torch.bfloat16).__enter__()",
)
IN_EACH = """
import os, sys, torch, warnings
warnings.simplefilter("ignore")
from engine.script.recorder import record_source
torch.set_num_threads(1)
def run(state):
    torch.manual_seed(0)
    recording = record_source(f'''
import torch
x = torch.rand(300, device="cpu")
{state}
y = torch.ones(300, device="cpu") * 2
r = torch.get_rng_state().sum().item() if x.device == y.device else 0
print(torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_inference_mode_enabled(), r)
''', "script")
    assert recording.ending == "end", recording.error
    y = next(t for t in recording.moments[-1].tensors if t.name == "y")
    assert y.value.summary.norm == 2 * 300**0.5, y
run("")
for state in sys.argv[1:]:
    child = os.fork()
    if not child:
        run(state)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, state
"""


def test_the_state_of_torch_neither_matters_nor_changes(forks: Forks) -> None:
    # In a process of its own, with one more for each, since some of it is not undone.
    done = forks.run([sys.executable, "-c", IN_EACH, *STATES])
    assert done.returncode == 0, done.stderr


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


@pytest.mark.parametrize(
    "source",
    [
        """
        from torch.func import grad, vmap
        w, xs = torch.ones(3), torch.arange(6.0).reshape(2, 3)
        print(vmap(grad(lambda w, x: (w * x).sum() ** 2), in_dims=(None, 0))(w, xs))
        """,
        """
        import warnings
        warnings.simplefilter("ignore")  # newer versions of torch speak of its end
        net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
        traced = torch.jit.trace(net, torch.ones(4, 2))
        print(len(list(traced.graph.nodes())), traced(torch.ones(1, 2)).shape)
        def twice(x):
            found = x.exp()
            return found * 2
        print(traced.code, torch.jit.trace(twice, torch.ones(1)).code)
        """,
        """
        w = torch.nn.Parameter(torch.ones(2, dtype=torch.cfloat))
        optimizer = torch.optim.Adam([w])
        for _ in range(3):
            optimizer.zero_grad()
            (w * w.conj()).real.sum().backward()
            optimizer.step()
        print(w)
        """,
        """
        calls = []
        class Counting(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                calls.append(func.__name__)
                return super().__torch_function__(func, types, args, kwargs or {})
        x = torch.ones(3).as_subclass(Counting).requires_grad_()
        (x * 2).sum().backward()
        print(calls)
        """,
    ],
    ids=["vmap of grad", "jit.trace", "complex Adam", "a counting subclass"],
)
def test_what_torch_transforms_traces_and_calls_is_the_scripts_alone(source: str) -> None:
    prints_the_same(source)
    assert recorded(source).notes == ()


def test_comprehensions_compute_what_they_do_without_us() -> None:
    prints_the_same(COMPREHENSIONS)


@pytest.mark.parametrize("name", ["Tensor.backward", "autograd.grad"])
def test_a_function_of_the_scripts_around_a_pass_is_called_once(name: str) -> None:
    call = "y.backward()" if name == "Tensor.backward" else "torch.autograd.grad(y, w)"
    recording = recorded(f"""
import torch
real, calls = torch.{name}, []
torch.{name} = lambda *args, **options: (calls.append(1), real(*args, **options))[1]
w = torch.ones(1, requires_grad=True)
y = w * 2
try:
    {call}
finally:
    torch.{name} = real
print(len(calls))
""")
    assert recording.output == "1\n"
    assert len(recording.backwards) == 1
