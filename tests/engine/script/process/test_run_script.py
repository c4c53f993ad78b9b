"""Scripts in a process of their own: windows, files of a project, and the real `__main__`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan, condition
from engine.recording.records import Recording
from tests.forks.forks import RecordForked

MAIN = """\
import torch
from net import Net, Trainer, Twice
net = Net(); trainer = Trainer(net)
for epoch in range(2):
    for name in ("a", "b", "c"):
        loss = net(torch.ones(3)).sum() * (float("nan") if (epoch, name) == (1, "c") else 1)
        loss = Twice.apply(loss)
        loss.backward()
        print(epoch, name)
def deep(n):
    return deep(n + 1)
try:
    deep(0)
except RecursionError:
    pass
net(torch.zeros(3))
"""
NET = """\
import torch
class Net(torch.nn.Module):
    def __init__(self):
        gain = torch.full((3,), 2.0)
        super().__init__()
        self.gain = torch.nn.Parameter(gain)
    def forward(self, x):
        if x.sum() == 0:
            raise ValueError("an empty batch")
        h = torch.tanh(x) * self.gain
        return h
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, gradient):
        return gradient * 2
class Trainer:
    def __init__(self, net):
        self.net = net
        self.mean = torch.zeros(2)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, record_forked: RecordForked) -> Recording:
    folder = tmp_path_factory.mktemp("project")
    (folder / "main.py").write_text(MAIN)
    (folder / "net.py").write_text(NET)
    return record_forked(folder / "main.py", plan=Plan(when=(condition("nonfinite"),)))


def test_lines_are_there_of_the_passes_that_the_plan_wants(project: Recording) -> None:
    assert project.passes.count == 6
    assert [one.number for one in project.passes.deep] == [0, 1, 2, 5]
    first = [m for m in project.moments if m.number == 1 and m.file == 0]
    assert [m.line for m in first] == [5, 6, 7, 8, 9]
    assert not [m for m in project.moments if m.number == 3]


def test_scalars_are_there_of_all(project: Recording) -> None:
    assert list(project.passes.losses)[:5] == pytest.approx([2 * 3 * 2 * 0.7615942] * 5)
    assert project.passes.first_nonfinite_loss() == 5
    assert project.passes.variables(4) == {"epoch": 1, "name": "b"}
    assert project.passes.leaves == ("net.gain",)
    assert project.moments[-1].output == ""
    assert project.output.startswith("0 a\n0 b\n0 c\n1 a\n1 b\n1 c\nTraceback")


def test_files_of_the_project_are_stepped_into(project: Recording) -> None:
    assert [file.name for file in project.files] == ["main.py", "net.py"]
    inside = next(m for m in project.moments if m.file == 1 and m.line == 10)
    assert (inside.function, inside.variables) == ("forward", (("epoch", "0"), ("name", "a")))
    assert not [m for m in project.moments if m.file == 1 and m.function == ""]


def test_objects_of_classes_in_its_files_are_looked_into(project: Recording) -> None:
    names = {tensor.name for tensor in project.moments[-1].tensors}
    assert {"net.gain", "trainer.net.gain", "trainer.mean"} <= names


def test_an_operation_names_the_deepest_line_and_the_way_to_it(project: Recording) -> None:
    nodes = {node.op: node for node in project.backwards[0].graph.nodes}
    product = nodes["MulBackward0"] if nodes["MulBackward0"].file else None
    made = product or next(n for n in project.backwards[0].graph.nodes if n.file)
    assert (made.file, made.line, made.expression) == (
        "net.py",
        10,
        "torch.tanh(x) * self.gain",
    )
    assert made.callers[0].startswith("main.py:6  loss = net(torch.ones(3)).sum()")
    custom = nodes["TwiceBackward"]
    assert (custom.line, custom.expression) == (7, "loss = Twice.apply(loss)")


def test_an_error_names_where_it_was_raised_and_the_way_there(project: Recording) -> None:
    error = project.error
    assert error is not None and str(error) == "ValueError: an empty batch"
    assert (project.files[error.file].name, error.line) == ("net.py", 9)
    assert [line.partition("  ")[0] for line in error.way] == ["main.py:16", "net.py:9"]


REAL = """\
import atexit, faulthandler, inspect, io, os, pickle, signal, sys, threading, traceback, typing
import warnings
import torch
faulthandler.enable()
class Net(torch.nn.Module):
    width: "int" = 3
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
net = Net()
net.layer(torch.ones(1, 1)).sum().backward()
def tick(number, frame):
    raise TimeoutError(number)
signal.signal(signal.SIGALRM, tick)
ticks = 0
for _ in range(20):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        for _ in range(1_000):
            net.layer.weight * 2
    except TimeoutError:
        ticks += 1
print(ticks, signal.getsignal(signal.SIGALRM) is tick)
print(pickle.loads(pickle.dumps(os._exit)) is os._exit)
signal.signal(signal.SIGUSR1, lambda number, frame: print(frame.f_code.co_name, frame.f_lineno))
os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
os.kill(os.getpid(), signal.SIGUSR2)
print(signal.sigwait({signal.SIGUSR2}))
if not os.fork():
    os._exit(0)
print(os.wait()[1])
torch.save(net, io.BytesIO())
print(type(pickle.loads(pickle.dumps(net))) is Net, typing.get_type_hints(Net)["width"])
import __main__
print(__main__.Net is Net, __name__, __spec__, sys.modules["__main__"].__file__ == __file__)
del __main__
print(sys.argv, sys.orig_argv[1:], sys.stdout.isatty())
atexit.register(print, "goodbye")
def recursive(n):
    try:
        return recursive(n + 1)
    except RecursionError:
        return n
print(recursive(0), sys.getrecursionlimit(), sys.gettrace())
def deep(n, loss):
    return deep(n - 1, loss * 1) if n else loss.sum().backward()
deep(960, torch.ones(1, requires_grad=True))
def endless(n):
    return endless(n + 1)
try:
    endless(0)
except RecursionError:
    traceback.print_exc()
warnings.warn("careful")
warnings.warn("for whoever called", stacklevel=2)
w = torch.ones(1, requires_grad=True)
def look(gradient):
    print(*[frame.function for frame in inspect.stack()], traceback.format_stack())
looking = w.register_hook(look)
(w * 2).backward()
looking.remove()
def fail():
    try:
        torch.ones(2) @ torch.ones(3)
    finally:
        torch.zeros(2).backward()
try:
    fail()
except Exception:
    traceback.print_exc()
    print([f.function for f in inspect.trace()])
thread = threading.Thread(target=fail, name="thread")
thread.start()
thread.join()
breakpoint()
(w * 2).backward()
print(sys.stdin.read())
class Ends:
    def __del__(self):
        print("an end", flush=True)
def steps():
    log, end, w = open("log.txt", "a"), Ends(), torch.ones(1, requires_grad=True)
    while w.item() < 12:
        (w * 2).backward()
        w.data += 1
    print(w.item(), file=log)
steps()
print("steps are over", flush=True)
kept, end = open("kept.txt", "a"), Ends()
print("kept", file=kept)
loss = (torch.ones(1, requires_grad=True) * 2).sum()
loss.backward()
loss.backward()
"""


def test_a_script_does_what_it_does_without_us(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text(REAL)
    code = (
        "import sys; from pathlib import Path; from engine.recording.pass_plan import Plan; "
        "from engine.script.process.child import ScriptCall; "
        "from engine.script.process.supervisor import end_like, record_to; "
        "sys.exit(end_like(record_to(ScriptCall('real.py', False, ('-x',)), Plan(), Path('run'))))"
    )
    plain, recorded = (
        subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1"},  # its threads would get the signals
            input="s\nw\nn\nc\ntyped",
            capture_output=True,
            text=True,
            check=False,
        )
        for arguments in (("real.py", "-x"), ("-c", code))
    )
    assert (recorded.stdout, recorded.returncode) == (plain.stdout, plain.returncode)
    assert recorded.stderr == plain.stderr
    assert (tmp_path / "log.txt").read_text() == "12.0\n" * 2
    assert (tmp_path / "kept.txt").read_text() == "kept\n" * 2
    reader = RunReader(tmp_path / "run")
    recording = reader.recording()
    assert plain.returncode == 1 and "careful" in plain.stderr
    assert "tracing was switched off" in " ".join(recording.notes)
    assert recording.error is not None and recording.error.line == REAL.count("\n")
    assert recording.trailing_output.endswith("goodbye\n")
    assert recording.backwards[-1].error is not None
    reader.close()


HOOK_FAILS = """\
import sys
def hook(*error):
    raise KeyError("in the hook")
sys.excepthook = hook
1 / 0
"""


def test_an_excepthook_that_fails_is_shown_as_python_shows_it(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    path = tmp_path / "script.py"
    path.write_text(HOOK_FAILS)
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    recording = record_forked(path)
    assert recording.output == plain.stderr and "Original exception was" in plain.stderr
    assert str(recording.error) == "ZeroDivisionError: division by zero"


READS_LONG = """\
import torch
total = 0
for i in range(5000):
    total += i
w = torch.ones(3, requires_grad=True)
for i in range(7):
    loss = (w * i).sum()
    loss.backward()
for i in range(5000):
    total += i
print(total)
"""


def test_lines_that_make_no_graph_rest_and_the_last_pass_is_whole(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(READS_LONG)
    recording = record_forked(tmp_path / "script.py")
    assert recording.output == "24995000\n"
    assert [one.number for one in recording.passes.deep] == [0, 1, 2, 6]
    before = [m.line for m in recording.moments if m.number == 0]
    assert 1_000 <= len(before) < 1_100
    assert before[-3:] == [6, 7, 8]
    assert [m.line for m in recording.moments if m.number == 6] == [6, 7, 8]
    after = [m.line for m in recording.moments if m.number == 7]
    assert 1_000 <= len(after) < 1_100
    assert recording.notes == (
        "of lines that make no graph 1,000 in a row are recorded, and no more",
    )


FAILS_LATE = """\
import torch
w = torch.ones(3, requires_grad=True)
for i in range(30):
    loss = (w * w).sum()
    loss.backward()
    if i == 21:
        loss.backward()
"""


def test_a_pass_that_fails_without_lines_is_there_as_one_that_failed(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(FAILS_LATE)
    recording = record_forked(tmp_path / "script.py")
    last = recording.backwards[-1]
    assert last.error is not None and "a second time" in last.error
    assert [node.op for node in last.graph.nodes] == [
        "SumBackward0",
        "MulBackward0",
        "AccumulateGrad",
    ]
    failed = recording.passes.deep[-1]
    assert (failed.number, recording.passes.count) == (22, 23)
    assert recording.moments[-1].error is not None and recording.moments[-1].line == 7


WARNS = """\
import torch
import torch.nn.functional as F
net = torch.nn.Linear(6, 6).double()
net.register_full_backward_hook(lambda module, inside, outside: None)
x = torch.ones(4, 6, dtype=torch.double)
def train():
    for i in range(4):
        F.dropout2d(net(x), 0.1).sum().backward()
        for p in net.parameters():
            p.grad = None
train()
w = torch.zeros(1, requires_grad=True)
with torch.autograd.detect_anomaly():
    try:
        (w.sqrt() * 0).backward()
    except RuntimeError:
        w = None
import sys, warnings
with warnings.catch_warnings(record=True) as kept:
    warnings.simplefilter("always")
    (torch.ones(2, requires_grad=True) * 2).grad
print(kept[0].filename, kept[0].lineno, sorted(globals()), file=sys.stderr)
warnings.simplefilter("default")
escapes = "\\d"
torch.ones(1).backward()
"""


def test_warnings_and_names_are_those_of_a_run_without_us(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(WARNS)
    plain = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    recording = record_forked(tmp_path / "script.py")
    assert plain.stderr.endswith("does not have a grad_fn\n")
    assert recording.output.replace(f"{tmp_path}/", "") == plain.stderr.replace(f"{tmp_path}/", "")
    assert recording.output.count("UserWarning") == 4
    assert set(recording.passes.leaves) == {"net.weight", "net.bias", "w"}
    for backward in recording.backwards[:-1]:
        names = {node.name for node in backward.graph.nodes if node.op == "AccumulateGrad"}
        assert names == {"net.weight", "net.bias"}
    assert not any(moment.silent for moment in recording.moments)


@pytest.mark.parametrize(
    "call",
    [
        "signal.raise_signal(signal.SIGTERM)",
        "signal.pthread_kill(threading.get_ident(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGTERM)",
    ],
)
def test_of_a_script_that_kills_itself_all_passes_are_known(
    tmp_path: Path, record_forked: RecordForked, call: str
) -> None:
    (tmp_path / "script.py").write_text(
        "import os, signal, threading\nimport torch\nw = torch.ones(3, requires_grad=True)\n"
        f"for i in range(5):\n    (w * i).sum().backward()\n{call}\n"
    )
    recording = record_forked(tmp_path / "script.py")
    assert list(recording.passes.losses) == [0, 3, 6, 9, 12]
    assert str(recording.error) == "SIGTERM: the process was killed by signal 15"


PRINTS_LATE = """\
import torch
w = torch.ones(3, requires_grad=True)
i = 0
while i < 30:
    (w * i).sum().backward()
    i += 1
    print(i)
print("the end")
"""


def test_what_is_printed_at_the_end_follows_all_passes(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(PRINTS_LATE)
    recording = record_forked(tmp_path / "script.py")
    assert recording.output.splitlines() == [*map(str, range(1, 31)), "the end"]
    assert recording.moments[-1].number == recording.passes.count == 30


def test_what_a_function_has_of_its_own_module_has_a_name(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "model.py").write_text(
        "import torch\nscale = torch.ones(1, requires_grad=True)\ndef train():\n"
        "    loss = scale * 2\n    loss.backward()\n"
    )
    (tmp_path / "script.py").write_text("import model\nscale = 'of the script'\nmodel.train()\n")
    recording = record_forked(tmp_path / "script.py")
    assert recording.passes.leaves == ("scale",)
    assert [node.name for node in recording.backwards[0].graph.nodes] == ["loss", "scale"]
