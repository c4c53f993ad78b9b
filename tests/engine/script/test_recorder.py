from __future__ import annotations

import sys
import threading
import warnings
from pathlib import Path

import pytest
import torch

from engine.autograd.values import Value
from engine.recording.records import Recording
from engine.script.captured_output import OUTPUT_LIMIT
from engine.script.recorder import record, record_source
from engine.script.source_file import SourceError
from tests.engine.script.scripts import last, numbers, recorded, view


def lines(recording: Recording) -> list[int]:
    return [moment.line for moment in recording.moments]


def names(recording: Recording, line: int) -> list[str]:
    return [tensor.name for tensor in last(recording, line).tensors]


def test_lines_in_the_order_in_which_they_ran() -> None:
    recording = recorded(
        """
        for i in range(2):
            x = torch.tensor(i)
        if False:
            x = None
        """
    )
    assert lines(recording) == [1, 2, 3, 2, 3, 2, 4]
    assert recording.ending == "end"
    assert recording.error is None


def test_with_blocks() -> None:
    recording = recorded(
        """
        x = torch.ones(1, requires_grad=True)
        with torch.no_grad():
            y = x * 2
        """
    )
    assert set(lines(recording)) == {1, 2, 3, 4}
    assert not view(last(recording, 4), "y").requires_grad


def test_functions_of_the_same_file_are_entered_and_others_are_not() -> None:
    recording = recorded(
        """
        from statistics import mean
        def double(t):
            u = t * 2
            return u
        y = double(torch.ones(1))
        z = mean([1, 3])
        """
    )
    inside = last(recording, 4)
    assert lines(recording) == [1, 2, 3, 4, 5, 6, 7]
    assert (inside.function, inside.depth) == ("double", 1)
    assert [tensor.name for tensor in inside.tensors] == ["t", "u"]
    assert (last(recording, 6).function, last(recording, 6).depth) == ("", 0)
    assert names(recording, 6) == ["y"]


def test_comprehensions_and_lambdas_are_part_of_their_line_and_generators_are_entered() -> None:
    recording = recorded(
        """
        xs = [torch.tensor(float(i)) for i in range(3)]
        f = lambda t: t + 1
        ys = list(map(f, xs))
        def pair():
            yield 1
            yield 2
        zs = list(pair())
        """
    )
    assert lines(recording) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert names(recording, 2) == ["xs[0]", "xs[1]", "xs[2]"]


def test_what_a_line_changed() -> None:
    recording = recorded(
        """
        x = torch.ones(2, requires_grad=True)
        y = x * 2
        z = y.sum()
        z.backward()
        y = x * 2
        x.grad.zero_()
        """
    )
    assert [moment.changed for moment in recording.moments[1:]] == [
        ("x",),
        ("y",),
        ("z",),
        ("x",),
        ("y",),
        ("x",),
    ]


def test_a_nan_that_stays_is_no_change() -> None:
    recording = recorded("x = torch.tensor([float('nan')])\ni = 1\n")
    assert recording.moments[-1].changed == ()


def test_caught_and_uncaught_errors() -> None:
    recording = recorded(
        """
        def fail():
            raise ValueError("inner")
        try:
            fail()
        except ValueError:
            pass
        x = torch.ones(1)
        1 / 0
        x = None
        """
    )
    assert str(last(recording, 3).error) == "ValueError: inner"
    assert str(last(recording, 5).error) == "ValueError: inner"
    assert recording.error is not None
    assert str(recording.error) == "ZeroDivisionError: division by zero"
    assert (recording.ending, recording.error.line) == ("error", 9)
    assert names(recording, 9) == ["x"]


def test_an_error_in_the_middle_of_a_loop_iteration_is_not_hidden_by_the_end_of_iteration() -> None:
    recording = recorded("for i in iter([1]):\n    pass\n")
    assert all(moment.error is None for moment in recording.moments)


def test_a_syntax_error_has_a_line_and_a_column() -> None:
    recording = record_source("x = 1\ny = = 2\n", "script")
    assert recording.moments == ()
    assert recording.ending == "error"
    assert recording.error is not None
    assert (recording.error.type, recording.error.line, recording.error.column) == (
        "SyntaxError",
        2,
        5,
    )


@pytest.mark.parametrize(
    ("call", "message"), [("sys.exit()", None), ("sys.exit(3)", "3"), ("sys.exit('no')", "no")]
)
def test_sys_exit(call: str, message: str | None) -> None:
    recording = recorded(f"import sys\n{call}\nx = 1\n")
    assert recording.ending == "exit"
    assert lines(recording) == [1, 2, 3]
    assert (recording.error.message if recording.error else None) == message


def test_output_belongs_to_the_line_that_printed_it() -> None:
    recording = recorded(
        """
        import sys
        print("out", "ö")
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"bytes")
        """
    )
    outputs = [moment.output for moment in recording.moments[2:]]
    assert outputs == ["out ö\n", "err\n", "bytes"]
    assert recording.output == "out ö\nerr\nbytes"


def test_megabytes_of_output_are_cut() -> None:
    recording = recorded("for i in range(5):\n    print('x' * 500_000)\n")
    assert len(recording.output) == OUTPUT_LIMIT


def test_stdin_is_empty() -> None:
    recording = recorded("import sys\nx = sys.stdin.read()\ninput()\n")
    assert str(recording.error) == "EOFError: EOF when reading a line"


def test_the_bound() -> None:
    recording = record_source("while True:\n    x = 1\n", "script", limit=10)
    assert recording.ending == "bound"
    assert len(recording.moments) == 10


def test_a_script_that_catches_everything_is_stopped_all_the_same() -> None:
    source = "while True:\n    try:\n        x = 1\n    except Exception:\n        pass\n"
    assert record_source(source, "script", limit=10).ending == "bound"


def test_cancel() -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 5

    recording = record_source("while True:\n    x = 1\n", "script", cancelled=cancelled)
    assert recording.ending == "cancelled"
    assert len(recording.moments) == 5


def test_a_file_with_its_arguments_and_neighbours(tmp_path: Path) -> None:
    (tmp_path / "helper_of_test.py").write_text("VALUE = 7\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom helper_of_test import VALUE\nprint(sys.argv[1:], VALUE, __name__)\n"
    )
    before = list(sys.argv), list(sys.path)
    recording = record(script, arguments=["--lr", "0.1"])
    assert recording.output == "['--lr', '0.1'] 7 __main__\n"
    assert recording.name == "script.py"
    assert (sys.argv, sys.path) == before
    del sys.modules["helper_of_test"]


@pytest.mark.parametrize("content", [None, b"\x00\xff", b"x = 1\0"])
def test_files_that_are_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "script.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError):
        record(path)
    with pytest.raises(SourceError, match="is a directory"):
        record(tmp_path)


def test_torch_and_the_process_are_as_before() -> None:
    state = torch.get_rng_state()
    trace, stdout = sys.gettrace(), sys.stdout
    recorded(
        """
        import warnings
        torch.manual_seed(5)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        warnings.simplefilter("ignore")
        x = torch.rand(1)
        """
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()
    assert (sys.gettrace(), sys.stdout) == (trace, stdout)
    with pytest.raises(UserWarning):
        warnings.warn("still an error", stacklevel=1)


def test_tensors_in_containers_modules_and_objects() -> None:
    recording = recorded(
        """
        class Holder:
            def __init__(self):
                self.w = torch.ones(1)
        holder = Holder()
        cache = {"x": torch.ones(1), "list": [torch.ones(1)]}
        model = torch.nn.Linear(1, 1)
        layers = [model]
        deep = [[[[torch.ones(1)]]]]
        """
    )
    assert names(recording, 9) == [
        "holder.w",
        "cache['x']",
        "cache['list'][0]",
        "model.weight",
        "model.bias",
        "layers[0].weight",
        "layers[0].bias",
    ]


def test_every_parameter_of_a_large_model_has_its_name_and_the_table_stays_small() -> None:
    recording = recorded(
        """
        w = torch.ones(1, requires_grad=True)
        layers = [torch.nn.Linear(1, 1) for _ in range(100)]
        model = torch.nn.Sequential(*layers, torch.nn.BatchNorm1d(1))
        states = [w * 1 for _ in range(70)]
        loss = (model(torch.ones(2, 1)) * w).sum()
        loss.backward()
        """
    )
    leaves = recording.backwards[0].graph.leaves
    assert {leaf.name for leaf in leaves} == {
        "w",
        *(f"layers[{i}].{name}" for i in range(64) for name in ("weight", "bias")),
        *(f"model.{i}.{name}" for i in range(64, 101) for name in ("weight", "bias")),
    }
    moment = recording.moments[-1]
    shown = [tensor.name.partition("[")[0].partition(".")[0] for tensor in moment.tensors]
    assert [shown.count(name) for name in ("w", "layers", "model", "states", "loss")] == [
        1,
        64,
        64,
        64,
        1,
    ]
    assert moment.more == 64 + (205 - 64) + 6


def test_shared_memory_has_one_number() -> None:
    recording = recorded(
        """
        a = torch.ones(3)
        b = a.data
        c = a[1:]
        d = a.clone()
        """
    )
    a, b, c, d = recording.moments[-1].tensors
    assert a.storage == b.storage == c.storage != d.storage


def test_nodes_know_their_source() -> None:
    recording = recorded(
        """
        x = torch.ones(2, requires_grad=True)
        z = torch.sum(3 *
                      x)
        """
    )
    index = recording.moments[-1].graph
    assert index is not None
    total, product, leaf = recording.graphs[index].nodes
    assert (total.name, total.expression, total.line) == ("z", "torch.sum(3 * x)", 3)
    assert (product.expression, product.line) == ("3 * x", 3)
    assert numbers(product.value) == [3, 3]
    assert leaf.name == "x"


def test_a_large_graph_is_captured_at_the_end_only() -> None:
    recording = recorded(
        """
        import functools
        x = torch.ones(1, requires_grad=True)
        y = functools.reduce(torch.add, [1.0] * 495, x)
        for _ in range(105):
            y = y + 1
        z = x * 2
        y = y + 1
        i = 1
        """
    )
    graphs = [recording.graphs[m.graph] for m in recording.moments if m.graph is not None]
    assert len(graphs[-1].nodes) == 602
    assert [len(graph.nodes) for graph in graphs[-3:-1]] == [2, 2]
    assert {len(graph.nodes) for graph in graphs} == {1, 496, 497, 2, 602}


def test_nodes_of_a_large_recorded_graph_have_the_numbers_of_what_they_saved() -> None:
    recording = recorded(
        """
        import functools
        x = torch.full((2,), 2.0, requires_grad=True)
        big = torch.ones(300, 300)
        y = functools.reduce(torch.mul, [1.0] * 1_001, x)
        loss = (big * y.sin().sum()).sum()
        loss.backward()
        """
    )
    graph = recording.backwards[0].graph
    assert len(graph.nodes) > 1_000
    by_op = {node.op: node for node in graph.nodes}
    sine = by_op["SinBackward0"].content("self")
    assert isinstance(sine, Value)
    assert numbers(sine) == [2, 2]
    factor = graph.nodes[1].content("self")
    assert factor == Value((300, 300), "float32", (), (0, 0)), "too large to be read for good"


def test_an_assignment_to_a_part_is_a_node_with_its_line() -> None:
    recording = recorded(
        """
        x = torch.ones(2, requires_grad=True)
        y = x * 1
        y[0] = 5
        """
    )
    index = recording.moments[-1].graph
    assert index is not None
    root = recording.graphs[index].nodes[0]
    assert (root.title, root.name, root.line) == ("CopySlices", "y", 4)


def test_every_way_to_run_backward_is_seen() -> None:
    recording = recorded(
        """
        x = torch.ones(2, requires_grad=True)
        (x * 2).sum().backward()
        torch.autograd.backward((x * 3).sum())
        g = torch.autograd.grad((x * 4).sum(), x)
        """
    )
    assert [moment.backward for moment in recording.moments[2:]] == [0, 1, 2]
    assert numbers(view(recording.moments[-1], "x").grad) == [5, 5]


def test_a_second_backward_is_recorded_with_its_error() -> None:
    recording = recorded(
        """
        x = torch.ones(1, requires_grad=True)
        y = x * x
        y.backward()
        y.backward()
        """
    )
    assert recording.error is not None
    assert "second time" in recording.error.message
    assert recording.moments[-1].backward == 1
    assert "second time" in (recording.backwards[1].error or "")


def test_a_warning_is_printed_once_a_line_with_the_line_of_the_script() -> None:
    recording = recorded(
        """
        x = torch.ones(1, requires_grad=True)
        y = x * 2
        for _ in range(3):
            y.grad
        """
    )
    (text,) = [moment.output for moment in recording.moments if moment.output]
    assert text.startswith("script:5: UserWarning: The .grad attribute of a Tensor that is not")


def test_variables_given_and_found_afterwards() -> None:
    namespace: dict[str, object] = {"x": torch.tensor(2.0)}
    recording = record_source("y = x * 3\n", "script", namespace)
    assert recording.moments[0].changed == ("y",)
    assert isinstance(namespace["y"], torch.Tensor)
    assert namespace["y"].item() == 6


def test_recordings_of_several_threads_do_not_mix() -> None:
    results: dict[int, Recording] = {}

    def run(number: int) -> None:
        results[number] = record_source(f"for i in range(20):\n    print({number})\n", "script")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: results[n].output for n in results} == {n: f"{n}\n" * 20 for n in range(4)}


def test_tensors_of_every_kind_and_places_without_a_graph() -> None:
    recording = recorded(
        """
        x = torch.rand(3, requires_grad=True)
        def total(t):
            s = t.sin()
            return s.sum()
        g = torch.func.grad(total)(x.detach())
        v = torch.func.vmap(total)(torch.rand(4, 3))
        j = torch.autograd.functional.jacobian(lambda t: t**2, x)
        c = torch.rand(3, dtype=torch.complex64, requires_grad=True)
        (c.conj() * c).abs().sum().backward()
        rows = torch.nn.Embedding(5, 3, sparse=True)
        rows(torch.tensor([1, 2])).sum().backward()
        with torch.inference_mode():
            i = torch.ones(3) + 1
        n = torch.nested.nested_tensor([torch.rand(2), torch.rand(3)], requires_grad=True)
        m = torch.rand(2, device="meta")
        s = torch.eye(3).to_sparse()
        b = torch.rand(100, dtype=torch.bfloat16, requires_grad=True)
        b.exp().sum().backward()
        e = torch.rand(0, requires_grad=True)
        e.sum().backward()
        """
    )
    assert (recording.ending, recording.error) == ("end", None)
    assert len(recording.backwards) >= 5
    for graph in recording.graphs:
        graph.check()
