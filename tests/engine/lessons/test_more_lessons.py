"""The lessons beyond the tutorial: what they show, against what the mathematics says."""

from __future__ import annotations

import math

import pytest

from engine.autograd.graph import Backward, Graph
from engine.recording.explanations.mistakes import advice
from engine.recording.records import Recording
from tests.engine.lessons.recorded import run
from tests.engine.script.scripts import last, numbers, view


def grads(recording: Recording, name: str) -> list[list[float] | None]:
    """The `.grad` of a leaf after each pass that came to it."""
    return [
        numbers(gradient.grad_after)
        for backward in recording.backwards
        for gradient in backward.gradients
        if backward.graph.nodes[gradient.node].name == name
    ]


def grad_at(recording: Recording, line: int, name: str) -> list[float] | None:
    """The `.grad` of a name after the last time that a line ran."""
    return numbers(view(last(recording, line), name).grad)


def titles(backward: Backward) -> list[str]:
    return [node.title for node in backward.graph.nodes]


def paths(graph: Graph, node: int = 0) -> int:
    """In how many ways one comes from a node to a leaf."""
    sources = [edge.source for edge in graph.into[node]]
    return sum(paths(graph, source) for source in sources) or 1


def test_where_paths_meet_gradients_add() -> None:
    recording = run("paths_meet")
    x = 3.0
    assert grads(recording, "x") == [[2 * x], [2 + 5], [1 - 1]]
    assert [paths(backward.graph) for backward in recording.backwards] == [2, 2, 2]


def test_only_what_was_zeroed_starts_anew_and_no_value_changes() -> None:
    recording = run("zeroing")
    w, b = 2.0, 1.0
    w_grad, b_grad = 2 * (3 * w + b) * 3, 2 * (3 * w + b)
    assert grads(recording, "w") == [[w_grad]] * 3
    assert grads(recording, "b") == [[b_grad], [2 * b_grad], [b_grad]]
    end = recording.moments[-1]
    assert [numbers(view(end, name).value) for name in "wb"] == [[w], [b]]


def test_a_grad_is_there_for_leaves_that_require_it_and_for_what_was_kept() -> None:
    recording = run("leaf_kinds")
    end = recording.moments[-1]
    kinds = {
        name: (tensor.is_leaf, tensor.requires_grad, numbers(tensor.grad))
        for name in "awcyz"
        if (tensor := view(end, name))
    }
    a, c = 2.0, 2.0 * 2.0
    assert kinds == {
        "a": (True, False, None),
        "w": (True, True, [c * 5 * a]),
        "c": (True, False, None),
        "y": (False, True, None),
        "z": (False, True, [a]),
    }


def test_loss_keeps_the_one_that_backward_begins_with_only_where_it_is_told_to() -> None:
    recording = run("loss_grad")
    assert grad_at(recording, 6, "loss") is None
    assert grad_at(recording, 14, "loss") == [1]
    w = 3.0
    assert grads(recording, "w") == [[2 * w], [2 * w], [10 * 2 * w]]


def test_a_flat_place_gives_zero_and_what_was_not_reached_has_none() -> None:
    recording = run("none_or_zero")
    assert [grad_at(recording, 10, name) for name in "xwv"] == [[0], [0], None]
    end = recording.moments[-1]
    assert numbers(view(end, "x").value) == pytest.approx([-2 - 0.1 * (0 + 0.5 * -2)])
    assert numbers(view(end, "v").value) == [5]


def test_what_was_detached_counts_as_a_constant() -> None:
    recording = run("detach_cuts")
    x = 3.0
    assert grads(recording, "x") == [[x**2], [3 * x**2]]
    assert [paths(backward.graph) for backward in recording.backwards] == [1, 3]
    assert grad_at(recording, 10, "u") is None


def test_what_was_saved_may_not_change_and_the_rest_may() -> None:
    recording = run("saved_values")
    w = 3.0
    assert grads(recording, "w") == [[1], [2 * w], [pytest.approx(math.exp(w))]]
    refused = last(recording, 24)
    assert refused.error is not None
    assert refused.error.type == "RuntimeError"
    assert grad_at(recording, 24, "w") is None
    said = [one.what for at in range(len(recording.moments)) for one in advice(recording, at)]
    assert any("`y += 10`, line 22" in what for what in said)


def test_one_pass_with_v_is_v_times_the_jacobian() -> None:
    recording = run("jacobian")
    a, x, v = [[1, 2], [3, 4], [5, 6]], [1, 2], [1, 0, 2]
    jacobian = [[row[j] * 2 * x[j] for j in range(2)] for row in a]
    assert numbers(view(recording.moments[-1], "J").value) == [
        one for row in jacobian for one in row
    ]
    assert grad_at(recording, 12, "x") is None
    assert grad_at(recording, 18, "x") == [
        sum(v[i] * jacobian[i][j] for i in range(3)) for j in range(2)
    ]


def test_the_slopes_of_all_layers_multiply() -> None:
    recording = run("vanishing")
    layers = [[0.25**layer] for layer in range(1, 11)]
    assert grads(recording, "x") == [[0.25**2], *layers, [1.0**2]]
    sigmoids, *_, tanhs = map(titles, recording.backwards)
    assert (sigmoids.count("Sigmoid"), tanhs.count("Tanh")) == (2, 2)


def test_finite_differences_agree_with_autograd_in_float64_alone() -> None:
    recording = run("gradcheck")
    x, eps = 2.0, 1e-3
    assert grads(recording, "x") == [[3 * x**2]]
    slope = numbers(view(last(recording, 15), "slope").value)
    assert slope == pytest.approx([3 * x**2 + eps**2], rel=1e-11)
    rough = numbers(view(last(recording, 22), "slope").value)
    assert rough != pytest.approx([3 * x**2], rel=0.01)


def test_an_op_of_ones_own_does_as_torchs_own() -> None:
    recording = run("custom_function")
    x = 2.0
    assert grads(recording, "x") == [[5 * 3 * x**2]] * 2
    assert [titles(one) for one in recording.backwards] == [
        ["Mul", "Cube", "x"],
        ["Mul", "Pow", "x"],
    ]


def test_ranks_weighed_by_their_points_have_the_gradient_of_one_process() -> None:
    recording = run("two_ranks")
    one, other, all_points = (found[0] for found in grads(recording, "w") if found)
    end = recording.moments[-1]
    ddp, weighted = (numbers(view(end, name).value) for name in ("ddp", "weighted"))
    assert ddp == pytest.approx([(one + other) / 2])
    assert weighted == pytest.approx([(40 * one + 11 * other) / 51])
    assert weighted == pytest.approx([all_points], rel=1e-6)
    assert ddp != pytest.approx([all_points], rel=1e-2)


def test_a_sum_of_losses_grows_by_a_graph_an_iteration() -> None:
    recording = run("total_loss")
    graphs = [recording.graphs[m.graph] for m in recording.moments if m.line == 12 and m.graph]
    sizes = [sum(node.title == "Pow" for node in graph.nodes) for graph in graphs]
    assert sizes == [1, 2, 3]
    assert numbers(view(last(recording, 12), "total").value) == [3 * 2.0**2]


def test_the_loss_of_all_pairs_has_a_slope_where_the_fit_is_perfect() -> None:
    recording = run("broadcast_loss")
    w, x, y = 2.0, [1.0, 3.0], [2.0, 6.0]
    pairs = [(w * a - b, a) for a in x for b in y]
    loss = sum(error**2 for error, _ in pairs) / len(pairs)
    slope = sum(2 * error * a for error, a in pairs) / len(pairs)
    assert numbers(view(last(recording, 12), "loss").value) == [loss] == [8]
    assert grads(recording, "w") == [[slope], [0]]
    assert slope == 4
