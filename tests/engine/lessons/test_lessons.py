from __future__ import annotations

import pytest

from engine.autograd.graph import Edge
from engine.lessons import GROUPS, LESSONS, Lesson, find
from engine.recording.explanations.known_errors import explain
from engine.recording.explanations.mistakes import advice
from tests.engine.lessons.recorded import run
from tests.engine.script.scripts import last, numbers, view


def test_unknown() -> None:
    assert find("nothing") is None


def test_the_tutorial_comes_first_and_mistakes_last() -> None:
    groups = [lesson.group for lesson in LESSONS]
    assert list(dict.fromkeys(groups)) == list(GROUPS) == ["lesson", "more", "mistake"]
    assert groups == sorted(groups, key=list(GROUPS).index)
    assert len({lesson.key for lesson in LESSONS}) == len(LESSONS)
    tutorial = [lesson.key for lesson in LESSONS if lesson.group == "lesson"]
    assert tutorial == ["requires_grad", "backward", "data_and_numpy", "linear_regression"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_title_and_summary_fit_a_row_of_the_list_side_by_side(lesson: Lesson) -> None:
    assert len(lesson.title) <= 19
    assert 0 < len(lesson.summary) <= 46


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_lesson_runs_to_its_end_and_fits_the_screen(lesson: Lesson) -> None:
    recording = run(lesson.key)
    assert (recording.ending, recording.error) == ("end", None)
    source = recording.source.splitlines()
    assert max(map(len, source)) <= 60
    assert len(source) <= 35
    assert recording.backwards or lesson.key in ("requires_grad", "data_and_numpy", "numpy_grad")


def test_requires_grad() -> None:
    assert run("requires_grad").output.splitlines() == [
        "a.requires_grad = False",
        "a.grad_fn = None",
        "a.grad_fn = DivBackward0",
        "b.grad_fn = SumBackward0",
        "c.requires_grad = True",
        "d.requires_grad = False",
        "d.grad_fn = None",
    ]


def test_requires_grad_shows_a_tensor_used_twice() -> None:
    recording = run("requires_grad")
    place = last(recording, 19).graph
    assert place is not None
    graph = recording.graphs[place]
    assert [node.title for node in graph.nodes[:2]] == ["Sum", "Mul"]
    assert graph.into[1] == (Edge(1, 0, 2), Edge(1, 1, 2))


def test_backward_forward_values() -> None:
    recording = run("backward")
    moment = last(recording, 10)
    values = {tensor.name: numbers(tensor.value) for tensor in moment.tensors}
    grad_fns = {tensor.name: tensor.grad_fn for tensor in moment.tensors}
    assert values["y"] == [2, 3, 4, 5]
    assert values["z"] == [12, 27, 48, 75]
    assert values["out"] == [40.5]
    assert grad_fns == {
        "x": None,
        "y": "AddBackward0",
        "z": "MulBackward0",
        "out": "MeanBackward0",
    }


def test_backward_gradients() -> None:
    recording = run("backward")
    assert recording.output.splitlines() == [
        "out = 40.5",
        "x.grad = [[3.0, 4.5], [6.0, 7.5]]",
        "twice: [[6.0, 9.0], [12.0, 15.0]]",
        "again: [[3.0, 4.5], [6.0, 7.5]]",
    ]
    titles = [node.title for node in recording.backwards[0].graph.nodes]
    assert titles == ["Mean", "Mul", "Pow", "Add", "x"]
    assert numbers(view(last(recording, 14), "x").value) == [0, 1, 2, 3]


def test_data_and_numpy() -> None:
    recording = run("data_and_numpy")
    assert recording.output.splitlines() == [
        "b.grad_fn = AddBackward0",
        "c.grad_fn = None",
        "shared: True",
        "shared: True",
        "a.requires_grad = True",
        "a._version = 0",
        "a._version = 1",
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        "[5. 5. 5.]",
    ]
    (silent,) = [write for moment in recording.moments for write in moment.silent]
    assert (silent.name, silent.harmful) == ("a", False)


def test_linear_regression_starts_like_the_reference_run() -> None:
    recording = run("linear_regression")
    first = recording.backwards[0]
    grads = {
        node.name: numbers(gradient.grad_after)
        for gradient in first.gradients
        if (node := first.graph.nodes[gradient.node]).is_leaf
    }
    assert grads["w"] == pytest.approx([-1.955099], abs=1e-6)
    assert grads["b"] == pytest.approx([-3.570062], abs=1e-6)
    _, autograd, _, formula = recording.output.splitlines()[-1].split()
    assert autograd == formula


MISTAKES = {
    "forgot_zero": ["pass 1 w.grad = 6.0", "pass 1 w.grad = 3.0"],
    "not_scalar": ["x.grad = [0.0, 0.5, 1.0, 1.5]"],
    "backward_twice": ["x.grad = 6.0", "x.grad = 18.0"],
    "numpy_grad": ["values = [1. 2.]", "w = [1.0, 2.0]"],
    "leaf_in_place": ["w = [0.800000011920929, 1.600000023841858] leaf: True"],
    "saved_in_place": ["a.grad = 0.25"],
    "lost_leaf": ["leaf: False", "w.grad = None", "leaf: True w.grad = 2.0"],
    "total_loss": ["total = 12.0 AddBackward0", "total = 12.0"],
    "broadcast_loss": [
        *("shape [2, 2] loss 8.0", "w.grad = 4.0"),
        *("shape [2, 1] loss 0.0", "w.grad = 0.0"),
    ],
    "non_leaf_grad": ["y.grad = None", "x.grad = [18.0, 36.0]", "y.grad = [6.0, 12.0]"],
    "silent_write": ["wrong: a.grad = -0.75", "right: a.grad = 0.25"],
}


@pytest.mark.parametrize("key", [lesson.key for lesson in LESSONS if lesson.group == "mistake"])
def test_mistakes_show_their_figures_and_explain_themselves(key: str) -> None:
    recording = run(key)
    printed = recording.output.splitlines()
    for line in MISTAKES[key]:
        assert line in printed
    explained = [e for i in range(len(recording.moments)) for e in advice(recording, i)]
    assert explained or key == "forgot_zero"
    for moment in recording.moments:
        if moment.error is not None:
            assert explain(moment.error.type, moment.error.message) is not None


def test_the_silent_write_marks_the_guilty_lines() -> None:
    recording = run("silent_write")
    guilty = [write.line for moment in recording.moments for write in moment.silent]
    assert [recording.source.splitlines()[line - 1] for line in guilty] == [
        "b.data += 1",
        "b.detach().numpy()[...] += 1",
    ]
    assert all(write.harmful for moment in recording.moments for write in moment.silent)
