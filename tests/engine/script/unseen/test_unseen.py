"""Reading a script's tensors is seen by nobody, and changes nothing."""

from __future__ import annotations

import sys

import pytest

from tests.engine.script.scripts import recorded
from tests.engine.script.unseen.plainly import prints_the_same
from tests.forks.forks import Forks, RecordText

LOG = """
from torch.utils._python_dispatch import TorchDispatchMode
class Log(TorchDispatchMode):
    calls = []
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        Log.calls.append(str(func))
        return func(*args, **(kwargs or {}))
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
        from torch.fx.experimental.proxy_tensor import make_fx
        def scaled(x):
            size = x.shape[0]
            y = x * 2
            return y.sum() * size
        traced = make_fx(scaled, tracing_mode="symbolic")(torch.ones(3))
        print(traced.code, traced.shape_env.guards)
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
    ids=["vmap of grad", "jit.trace", "make_fx", "complex Adam", "a counting subclass"],
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


PATCHED = """
import torch.nn.functional as F
calls = []
def counted(real):
    def call(*arguments, **options):
        calls.append(real.__name__)
        return real(*arguments, **options)
    return call
class Counted:
    def __init__(self, real):
        self.real = real
    def __call__(self, *arguments, **options):
        calls.append("object")
        return self.real(*arguments, **options)
real = torch.Tensor.mean, torch.Tensor.norm, torch.exp, F.softplus, F.dropout
try:
    torch.Tensor.mean, torch.Tensor.norm = counted(real[0]), counted(real[1])
    torch.exp, F.softplus, F.dropout = counted(real[2]), counted(real[3]), Counted(real[4])
    w = torch.ones(3, requires_grad=True)
    y = F.dropout(F.softplus(torch.exp(w)), 0.0).mean() + w.norm()
    y.backward()
finally:
    torch.Tensor.mean, torch.Tensor.norm, torch.exp, F.softplus, F.dropout = real
print(calls, y.item())
"""


def test_functions_that_the_script_has_put_in_place_of_those_of_torch_are_called_once() -> None:
    prints_the_same(PATCHED)


SUBCLASS = """\
import torch
class Logged(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        print(func.__name__)
        return super().__torch_function__(func, types, args, kwargs)
logged = torch.ones(2).as_subclass(Logged)
w = torch.ones(2, requires_grad=True)
for i in range(3):
    (w * i).sum().backward()
"""


def test_a_subclass_is_not_asked_where_the_tensors_of_a_pass_are_named(
    record_text: RecordText,
) -> None:
    recording = record_text(SUBCLASS)
    assert (recording.output, recording.passes.count) == ("", 3)
