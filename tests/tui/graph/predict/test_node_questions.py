"""Questions that are made from the record of a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.backward import record_backward
from engine.autograd.graph import Backward
from engine.lessons import find
from engine.rules.table import local_rules
from engine.script.recorder import record
from tests.examples import examples
from tui.graph.predict.answers import same, text_of
from tui.graph.predict.node_questions import node_question
from tui.graph.predict.question import Question, judge

Function = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
FUNCTIONS: dict[str, Function] = {
    "mean of squares": lambda a, b: (3 * (a + 2) ** 2).mean(),
    "sum of products": lambda a, b: (a * b).sum(),
    "difference": lambda a, b: (a - b).mean(),
    "quotient": lambda a, b: (a / b).sum(),
    "exponential": lambda a, b: a.exp().mean(),
    "logarithm": lambda a, b: a.abs().log().sum(),
    "root": lambda a, b: (a * a + 1).sqrt().sum(),
    "waves": lambda a, b: (a.sin() * b.cos()).sum(),
    "squashed": lambda a, b: (a.tanh() + b.sigmoid()).mean(),
    "rectified": lambda a, b: (2 * a).relu().sum(),
    "error": lambda a, b: torch.nn.functional.mse_loss(a, b),
    "minus": lambda a, b: (-a).sum(),
    "product of matrices": lambda a, b: (a.reshape(2, 2) @ b.reshape(2, 2)).sum(),
    "broadcast": lambda a, b: (a + b[0] * a[1]).mean(),
}


def backward_of(function: Function, numbers: list[float]) -> Backward:
    a = torch.tensor(numbers[:4], requires_grad=True)
    b = torch.tensor(numbers[4:], requires_grad=True)
    return record_backward(function(a, b), scope={"a": a, "b": b})


def questions(backward: Backward, *, ruled: bool = True) -> list[Question]:
    graph = backward.graph
    asked = []
    for place, gradient in enumerate(backward.gradients):
        rules = local_rules(graph.nodes[gradient.node], gradient, graph) if ruled else ()
        asked.append(node_question(f"pass 0.{place}", graph, gradient, rules))
    return [one for one in asked if one is not None]


NUMBERS = st.lists(
    st.floats(-8, 8, width=16).filter(lambda n: abs(n) > 0.1), min_size=8, max_size=8
)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("ruled", [True, False], ids=["with rules", "before torch is loaded"])
@examples(10)
@given(numbers=NUMBERS)
def test_the_right_answer_is_among_different_ones(
    name: str, ruled: bool, numbers: list[float]
) -> None:
    for asked in questions(backward_of(FUNCTIONS[name], numbers), ruled=ruled):
        answers = [choice.answer for choice in asked.choices]
        assert 3 <= len(answers) <= 4
        assert sum(choice is asked.right for choice in asked.choices) == 1
        assert not any(same(a, b) for i, a in enumerate(answers) for b in answers[:i])
        assert all(choice.why.strip() for choice in asked.choices)
        assert len({choice.why for choice in asked.choices}) == len(answers)
        assert judge(asked, text_of(asked.right.answer)) is asked.right
        for choice in asked.choices:
            assert judge(asked, text_of(choice.answer)) is choice


@cache
def worked_example() -> list[Question]:
    """The questions of the first pass of the lesson: mean(3 · (x + 2)²)."""
    lesson = find("backward")
    assert lesson is not None
    return questions(record(lesson.path).backwards[0])


def why(asked: Question, typed: str) -> str:
    return judge(asked, typed).why


def test_every_mistake_gets_its_own_explanation() -> None:
    mean, times, power, plus, leaf = worked_example()
    assert why(mean, "each 0.25") == mean.right.why
    assert "forgets the mean" in why(mean, "1 1; 1 1")
    assert "own gradient" in why(mean, "0.25")
    assert "chain rule" in why(times, "3")
    assert "other factor" in why(times, "1 2.25; 4 6.25")
    assert "bring the exponent 2 down" in why(power, "1.5 2.25; 3 3.75")
    assert "go down by one" in why(power, "6 13.5; 24 37.5")
    assert "does not share" in why(plus, "1.5 2.25; 3 3.75")
    assert "fills its .grad" in why(leaf, "None")
    assert "itself" in why(leaf, "0 1; 2 3")
    with pytest.raises(ValueError, match="right up to the sign"):
        judge(power, "-3 -4.5; -6 -7.5")


def test_a_question_says_what_is_needed_for_the_answer() -> None:
    power = worked_example()[2]
    assert power.asks == "What does Pow send to y?"
    assert power.facts[:2] == ("g = [[0.75, 0.75], [0.75, 0.75]]", "y = [[2, 3], [4, 5]]")


def test_grad_adds_up() -> None:
    a = torch.tensor(2.0, requires_grad=True)
    a.grad = torch.tensor(5.0)
    asked = questions(record_backward(3 * a, scope={"a": a}))[-1]
    assert asked.asks == "What is a.grad after this pass?"
    assert asked.facts == ("g = 3", "a.grad is 5")
    assert why(asked, "8") == asked.right.why
    assert "not replaced" in why(asked, "3")
    assert "there before" in why(asked, "5")


def test_a_tensor_that_is_used_twice_gets_two_gradients() -> None:
    a = torch.tensor(3.0, requires_grad=True)
    square, leaf = questions(record_backward(a * a, scope={"a": a}))
    assert square.asks == "What does Mul send to a along one of its 2 edges?"
    assert square.right.text == "3"
    assert leaf.right.text == "6"


def test_the_same_question_is_asked_the_same_way() -> None:
    a, b = (backward_of(FUNCTIONS["sum of products"], [float(n) for n in range(1, 9)])
            for _ in range(2))  # fmt: skip
    assert [[c.text for c in q.choices] for q in questions(a)] == [
        [c.text for c in q.choices] for q in questions(b)
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda a: (a.repeat(3) ** 2).sum(),
        lambda a: (a / 0).sum(),
        lambda a: torch.complex(a, a).abs().sum(),
    ],
    ids=["too many numbers", "not finite", "complex"],
)
def test_what_cannot_be_answered_is_not_asked(make: Callable[[torch.Tensor], torch.Tensor]) -> None:
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    backward = record_backward(make(a), scope={"a": a})
    asked = {one.node for one in questions(backward)}
    whole = {gradient.node for gradient in backward.gradients}
    assert asked < whole


def test_where_something_else_than_the_rule_went_out_nothing_is_asked() -> None:
    times = backward_of(FUNCTIONS["sum of products"], [1.0] * 8)
    gradient, graph = times.gradients[1], times.graph
    rules = local_rules(graph.nodes[gradient.node], gradient, graph)
    assert node_question("pass 0.1", graph, gradient, rules) is not None
    hooked = [replace(rule, agrees=False) for rule in rules]
    assert node_question("pass 0.1", graph, gradient, hooked) is None
