"""The graphs that lines make, and the passes that run backward through them."""

from __future__ import annotations

import pytest

from engine.autograd.values import Value
from engine.rules.table import local_rules
from tests.engine.script.scripts import numbers, recorded, view


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


def test_the_parameters_of_an_update_do_not_take_the_place_of_the_loss_graph() -> None:
    recording = recorded(
        """
        w = torch.ones(1, requires_grad=True)
        b = torch.ones(1, requires_grad=True)
        for i in range(2):
            loss = (2 * w + b).sum()
            loss.backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= 0.1 * p.grad
                    p.grad.zero_()
        new = torch.ones(1, requires_grad=True)
        """
    )
    roots = {
        (moment.line, recording.graphs[moment.graph].nodes[0].name)
        for moment in recording.moments
        if moment.graph is not None and moment.line > 5
    }
    updates = {(line, "loss") for line in range(6, 11)}
    assert roots == {(11, "new"), *updates}, "a leaf that the line makes is news"


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


def test_a_pass_inside_a_node_has_a_record_of_its_own() -> None:
    recording = recorded(
        """
        w = torch.tensor(2.0, requires_grad=True)
        class Inner(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * x
            @staticmethod
            def backward(ctx, g):
                with torch.enable_grad():
                    t = torch.tensor(3.0, requires_grad=True)
                    (t * w).backward()
                return g * t.grad
        x = torch.tensor(3.0, requires_grad=True)
        loss = Inner.apply(x)
        loss.backward()
        """
    )
    inner, outer = recording.backwards
    assert [inner.graph.nodes[g.node].title for g in inner.gradients] == ["Mul", "t", "w"]
    assert [outer.graph.nodes[g.node].op for g in outer.gradients] == [
        "InnerBackward",
        "AccumulateGrad",
    ]
    assert numbers(outer.gradients[1].grad_after) == [2]


def test_a_pass_in_a_thread_has_a_record_of_its_own() -> None:
    recording = recorded(
        """
        import threading
        w = torch.tensor(2.0, requires_grad=True)
        def train():
            (w * w).backward()
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
        (w * 3).backward()
        """
    )
    assert recording.notes == ()
    first, second = recording.backwards
    assert [g.grad_after and g.grad_after.numbers for g in first.gradients] == [None, (4.0,)]
    assert numbers(second.gradients[1].grad_before) == [4]


def test_an_assignment_to_a_part_says_which_part_it_wrote() -> None:
    recording = recorded(
        """
        x = torch.ones(4, requires_grad=True)
        y = x * 2
        y[1:3] = y[1:3] * 3
        y.sum().backward()
        """
    )
    (backward,) = recording.backwards
    (gradient,) = (g for g in backward.gradients if backward.graph.nodes[g.node].op == "CopySlices")
    node = backward.graph.nodes[gradient.node]
    assert node.content("by") == "__setitem__"
    kept, part = local_rules(node, gradient, backward.graph)
    assert (kept.symbols, kept.numbers) == ("g, 0 at written", "[1, 1, 1, 1], 0 at [1, 2]")
    assert (part.symbols, part.numbers) == ("g[written]", "[1, 1, 1, 1][[1, 2]]")
    assert kept.agrees
    assert part.agrees


def test_a_part_of_other_numbers_than_the_whole_is_not_placed_in_it() -> None:
    recording = recorded(
        """
        x = torch.rand(4, requires_grad=True)
        c = torch.complex(x, x)
        c.imag[0] = 1.0
        d = torch.complex(x, x)
        d.conj()[0] = 1j
        (c + d).abs().sum().backward()
        """
    )
    (backward,) = recording.backwards
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        for rule in local_rules(node, gradient, backward.graph):
            assert rule.agrees is not False, (node.op, rule)
        if node.op == "CopySlices":
            assert node.content("written") is None


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("y[1:3] += z", ["g", "g[written]"]),
        ("y[1:3].sub_(z)", ["g", "−g[written]"]),
        ("y[:, 1].mul_(2)", ["g, · 2 at written"]),
        ("y[1:3].div_(torch.full((2, 1), 4.0))", ["g, / operand at written"]),
        ("y[2] = z[0]", ["g, 0 at written", "g[written]"]),
        ("y[1:3] = z[0, 0]", ["g, 0 at written", "sum of g[written] over dims 0, 1"]),
        ("y[0].zero_()", ["g, 0 at written"]),
        ("y.t()[1] = z[0, 0]", ["g, 0 at written", "sum of g[written] over dim 0"]),
        ("y[1:].relu_()", ["g, in the part that relu_ wrote by its rule"]),
    ],
)
def test_what_is_written_into_a_part_has_a_rule(line: str, texts: list[str]) -> None:
    recording = recorded(
        f"""
        x = torch.rand(3, 2, requires_grad=True)
        z = torch.rand(2, 2, requires_grad=True)
        y = x * 2
        {line}
        (y * torch.rand(3, 2)).sum().backward()
        """
    )
    (backward,) = recording.backwards
    passed = [g for g in backward.gradients if backward.graph.nodes[g.node].op == "CopySlices"]
    node = backward.graph.nodes[passed[-1].node]
    rules = local_rules(node, passed[-1], backward.graph)
    assert [rule.symbols for rule in rules] == texts
    assert all(rule.agrees for rule in rules) == ("relu_" not in line)
