from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engine.autograd.backward import record_backward
from engine.autograd.graph import LEAF_OP, Backward, Node, NodeGradient
from engine.autograd.values import Value, value_text
from engine.rules.local_rule import LocalRule
from engine.rules.named import named
from engine.rules.table import RULES, local_rules
from engine.rules.term import Term, lift

if TYPE_CHECKING:
    from collections.abc import Callable


def tracked(*rows: object, dtype: torch.dtype | None = None) -> Tensor:
    return torch.tensor(rows, dtype=dtype).requires_grad_()


def half(number: float) -> Tensor:
    return torch.tensor([number], dtype=torch.float16).requires_grad_()


def at(backward: Backward, op: str) -> tuple[Node, NodeGradient]:
    nodes = backward.graph.nodes
    return next((nodes[g.node], g) for g in backward.gradients if nodes[g.node].op == op)


def rules_at(backward: Backward, op: str) -> tuple[LocalRule, ...]:
    return local_rules(*at(backward, op), backward.graph)


def all_rules(backward: Backward) -> list[LocalRule]:
    nodes = backward.graph.nodes
    found = (local_rules(nodes[g.node], g, backward.graph) for g in backward.gradients)
    return [rule for rules in found for rule in rules]


def tutorial(x: Tensor) -> Backward:
    return record_backward((3 * (x + 2) ** 2).mean(), scope={"x": x})


def test_the_tutorials_power_has_its_rule_with_its_numbers() -> None:
    (rule,) = rules_at(tutorial(tracked([0.0, 1.0], [2.0, 3.0])), "PowBackward0")
    assert rule.symbols == "g · 2 · self"
    assert rule.numbers == "[[0.75, 0.75], [0.75, 0.75]] · 2 · [[2, 3], [4, 5]]"
    assert value_text(rule.result) == "[[3, 4.5], [6, 7.5]]"
    assert rule.predicted == rule.result
    assert rule.agrees


def test_every_element_of_a_mean_gets_its_share() -> None:
    (rule,) = rules_at(tutorial(tracked([0.0, 1.0], [2.0, 3.0])), "MeanBackward0")
    assert (rule.symbols, rule.numbers) == ("g / 4 · ones[2×2]", "1 / 4 · ones[2×2]")
    assert rule.note == "every element gets the same gradient"


def test_a_leaf_adds_what_arrives_to_what_it_has() -> None:
    x = tracked([0.0, 1.0], [2.0, 3.0])
    (first,) = rules_at(tutorial(x), "AccumulateGrad")
    assert (first.symbols, first.note) == ("g", "x.grad was empty: now it is g")
    (second,) = rules_at(tutorial(x), "AccumulateGrad")
    assert second.symbols == "x.grad + g"
    assert second.numbers == "[[3, 4.5], [6, 7.5]] + [[3, 4.5], [6, 7.5]]"
    assert value_text(second.result) == "[[6, 9], [12, 15]]"
    assert second.note == "added to x.grad: before + g = after"
    assert second.agrees


def test_linear_regression_sums_over_the_points_and_abbreviates_them() -> None:
    x, w, b = torch.rand(50, 1), tracked([0.5]), tracked(0.1)
    backward = record_backward((x @ w + b - 1).pow(2).mean())
    product = rules_at(backward, "MmBackward0")
    assert [(rule.input, rule.symbols, rule.numbers) for rule in product] == [
        (1, "selfᵀ @ g", "self[50×1]ᵀ @ g[50×1]")
    ]
    to_b = rules_at(backward, "AddBackward0")[1]
    assert (to_b.symbols, to_b.numbers) == ("sum of g over dim 0", "sum of g[50×1] over dim 0")
    assert to_b.note == "summed over the dimensions that were broadcast: 0"
    assert all(rule.agrees for rule in all_rules(backward))


@pytest.mark.parametrize(
    ("build", "op", "symbols"),
    [
        (lambda a, b: a - b, "SubBackward0", ["g", "−g"]),
        (lambda a, b: a * b, "MulBackward0", ["g · other", "g · self"]),
        (lambda a, b: a / b, "DivBackward0", ["g / other", "−g · self / other²"]),
        (lambda a, b: a @ b, "MmBackward0", ["g @ mat2ᵀ", "selfᵀ @ g"]),
        (lambda a, _: a.relu(), "ReluBackward0", ["0 where result ≤ 0, else g"]),
        (lambda a, _: a.tanh(), "TanhBackward0", ["g · (1 − result²)"]),
        (lambda a, _: a.sqrt(), "SqrtBackward0", ["g / (2 · result)"]),
        (lambda a, _: a**-0.5, "PowBackward0", ["g · (-0.5) · self^(-1.5)"]),
        (lambda a, _: a.sum(1), "SumBackward1", ["g repeated along dim 1"]),
        (lambda a, _: a.mT, "TransposeBackward0", ["gᵀ"]),
        (lambda a, _: a.reshape(4), "ViewBackward0", ["g reshaped to 2×2"]),
        (lambda a, _: a[:, 1:], "SliceBackward0", ["g at [:, 1:]"]),
        (lambda a, b: torch.cat([a, b], 1), "CatBackward0", ["g[:, 0:2]", "g[:, 2:4]"]),
        (lambda a, _: a.softmax(1), "SoftmaxBackward0", ["result · (g − Σ(g · result, dim 1))"]),
        (lambda a, b: F.mse_loss(a, b), "MseLossBackward0", ["g · 2 · (self − target) / 4"]),
    ],
)
def test_symbols_are_readable_mathematics(
    build: Callable[..., Tensor], op: str, symbols: list[str]
) -> None:
    a, b = tracked([1.0, 2.0], [3.0, 4.0]), tracked([5.0, 6.0], [7.0, 8.0])
    output = build(a, b)
    rules = rules_at(record_backward(output, torch.ones_like(output)), op)
    assert [rule.symbols for rule in rules][: len(symbols)] == symbols


def test_only_an_input_that_got_a_gradient_has_a_rule() -> None:
    x = tracked(1.0, 2.0)
    rules = rules_at(record_backward((torch.ones(2) * x).sum()), "MulBackward0")
    assert [(rule.input, rule.symbols) for rule in rules] == [(1, "g · self")]


def test_big_tensors_have_symbols_but_no_prediction() -> None:
    x = torch.rand(20, 20, requires_grad=True)
    (rule,) = rules_at(record_backward(x.cos().sum()), "CosBackward0")
    assert (rule.symbols, rule.numbers) == ("−g · sin(self)", "−g[20×20] · sin(self[20×20])")
    assert (rule.predicted, rule.agrees) == (None, None)


def test_what_was_not_saved_stays_a_name() -> None:
    backward = record_backward(tracked(1.0, 2.0).sin().sum())
    node, gradient = at(backward, "SinBackward0")
    (rule,) = local_rules(replace(node, saved=()), gradient, backward.graph)
    assert (rule.numbers, rule.predicted, rule.agrees) == ("[1, 1] · cos(self)", None, None)


def test_of_complex_numbers_autograd_takes_the_conjugate() -> None:
    z = torch.tensor([1 + 2j, 3j], requires_grad=True)
    backward = record_backward((z * z).abs().sum())
    product = rules_at(backward, "MulBackward0")
    assert [rule.symbols for rule in product] == ["g · conj(other)", "g · conj(self)"]
    (absolute,) = rules_at(backward, "AbsBackward0")
    assert absolute.symbols == "g · sign(self)"
    assert all(rule.agrees for rule in all_rules(backward))


def test_a_real_input_of_a_complex_product_keeps_the_real_part() -> None:
    x = tracked(1.0, 2.0)
    (rule,) = rules_at(record_backward((x * (1 + 2j)).abs().sum()), "MulBackward0")
    assert rule.symbols == "Re(g · conj(other))"
    assert rule.agrees


def test_without_a_formula_torch_computes_the_gradient_anew_and_says_of_what() -> None:
    backward = record_backward(torch.rand(2, 2, requires_grad=True).matrix_exp().sum())
    (rule,) = rules_at(backward, "LinalgMatrixExpBackward0")
    assert rule.symbols == "g · ∂linalg_matrix_exp(self) / ∂self"
    assert rule.note.startswith("computed anew by torch in double precision")
    assert rule.agrees


def test_what_is_silent_in_a_formula_is_said_in_its_text_or_note() -> None:
    index, value = torch.tensor([1, 1, 2]), torch.tensor(0.5, requires_grad=True)
    x = tracked(1.0, 2.0, 3.0)
    filled = record_backward(x.index_fill(0, index, value).sum())
    (_, to_value) = rules_at(filled, "IndexFillBackward1")
    assert to_value.symbols == "sum of g[unique(index)] along dim 0"
    y = x * 1
    y[torch.tensor([True, False, True])] = value
    assert rules_at(record_backward(y.sum()), "IndexPutBackward0")[1].symbols == (
        "sum of g[indices[0]] over dim 0"
    )
    looked_up = F.embedding(torch.tensor([1, 2]), torch.rand(3, 2).requires_grad_(), padding_idx=1)
    (rows,) = rules_at(record_backward(looked_up.sum()), "EmbeddingBackward0")
    assert "row 1 is padding: it gets 0" in rows.note
    loss = F.nll_loss(torch.rand(2, 3).requires_grad_(), torch.tensor([0, -100]))
    (likelihood,) = rules_at(record_backward(loss), "NllLossBackward0")
    assert "targets of -100 are left out" in likelihood.note


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return gradients[0] * 2


def test_a_function_of_ones_own_has_no_rule() -> None:
    backward = record_backward(Doubled.apply(tracked(1.0)).sum())  # type: ignore[no-untyped-call]
    assert rules_at(backward, "DoubledBackward") == ()


def test_a_rule_that_fails_says_so_and_no_more() -> None:
    backward = record_backward(tracked([1.0, 2.0], [3.0, 4.0]).sum(0).sum())
    node, gradient = at(backward, "SumBackward1")
    ten = Value((10,), "float32", (1.0,) * 10, (10,))
    (rule,) = local_rules(node, replace(gradient, incoming=(ten,)), backward.graph)
    assert (rule.symbols, rule.agrees) == ("rule failed", None)


@pytest.mark.parametrize(
    "build",
    [
        lambda: F.gelu(torch.tensor([-4.0, -5.0, 0.5], requires_grad=True)),
        lambda: torch.tensor([0.1, 0.2]) * torch.tensor(0.7, dtype=torch.float64).requires_grad_(),
        lambda: torch.rand(5).bfloat16() * torch.tensor(0.7).requires_grad_(),
        lambda: F.layer_norm(torch.rand(2, 4).bfloat16(), (4,), torch.rand(4).requires_grad_()),
        lambda: torch.atan2(tracked(0.0, 1.0), tracked(0.0, 1.0)),
        lambda: F.relu6(tracked(1.0, float("nan"))),
        lambda: F.elu(tracked(1.0, float("nan"))),
        lambda: tracked([1.0], [2.0]).masked_fill(torch.tensor([True, False, True]), 0.0),
        lambda: F.embedding(
            torch.tensor([1, 1]), torch.ones(3, 2).requires_grad_(), None, None, 2.0, True
        ),
        lambda: F.conv_transpose1d(torch.ones(1, 1, 2).requires_grad_(), torch.rand(1, 1, 2)),
        lambda: torch.native_dropout(tracked(1.0, 2.0), 0.5, False)[0],
        lambda: tracked(1.0, 2.0).flip(()),
        lambda: tracked(float("inf"), 2.0).norm(),
        lambda: tracked(float("inf"), 2.0, 0.0).prod(),
        lambda: torch.linalg.solve(
            tracked([1.0, 0.0, 0.0], [1.0, 2.0, 0.0], [-3.0, 1.0, -3.0]),
            tracked([0.0], [1.0], [2.0]),
        ),
        lambda: torch.linalg.solve_triangular(
            tracked([1.0, 1.0, 9.0], [0.0, 1.0, -2.0], [0.0, 0.0, 1.0]),
            torch.ones(3, 1),
            upper=True,
            unitriangular=True,
        ),
        lambda: F.embedding_bag(
            torch.tensor([0, 1, 1, 2]),
            torch.rand(3, 2).requires_grad_(),
            torch.tensor([0, 0, 2]),
            mode="max",
        ),
        lambda: torch.addcdiv(
            tracked(1.0), tracked(1.0), torch.tensor([3.0]).half().requires_grad_()
        ),
        lambda: torch.atan2(tracked(1.0), half(3.3)),
        lambda: F.binary_cross_entropy(tracked(0.0, 1.0), torch.ones(2)),
    ],
)
def test_at_the_edges_the_rule_is_what_autograd_does(build: Callable[[], Tensor]) -> None:
    output = build()
    rules = all_rules(record_backward(output, torch.ones_like(output)))
    assert [rule.agrees for rule in rules] == [True] * len(rules)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_gradient_that_is_off_by_more_than_rounding_does_not_agree(dtype: torch.dtype) -> None:
    x = tracked(1.0, 2.0, 3.0, dtype=dtype)
    backward = record_backward((x * x).exp().log().sum())
    assert all(rule.agrees for rule in all_rules(backward))
    node, gradient = at(backward, "MulBackward0")
    right = gradient.outgoing[0]
    assert right is not None

    def agrees(factor: float) -> bool | None:
        numbers = tuple(float(number) * factor for number in right.numbers)  # type: ignore[arg-type]
        wrong = replace(gradient, outgoing=(replace(right, numbers=numbers), None))
        return local_rules(node, wrong, backward.graph)[0].agrees

    precision = torch.finfo(dtype).eps
    assert agrees(1 + 2 * precision)
    assert not agrees(1 + 200 * precision)


@pytest.mark.parametrize(
    "build",
    [torch.log, torch.sqrt, torch.reciprocal, torch.relu, torch.abs, lambda x: x / x, torch.amax],
)
def test_infinities_and_nans_agree_where_autograd_has_them(build: Callable[..., Tensor]) -> None:
    output = build(tracked(0.0, -1.0, float("inf"), float("nan"), 2.0) * 1)
    rules = all_rules(record_backward(output, torch.ones_like(output)))
    assert [rule.agrees for rule in rules] == [True] * len(rules)


@pytest.mark.parametrize(
    "indices",
    [
        (torch.tensor([0, 1, 1]),),
        (None, torch.tensor([[2, 0]])),
        (torch.tensor([[True, False, True], [False, True, True]]),),
        (torch.tensor([0, 1]), torch.tensor([-1, 2])),
    ],
)
def test_indexing_by_tensors(indices: tuple[Tensor | None, ...]) -> None:
    key = tuple(slice(None) if index is None else index for index in indices)
    x = torch.randn(2, 3, requires_grad=True)
    put = x * 1
    picked = put[key]
    put[key] = 2 * picked
    output = put.sum() + picked.exp().sum()
    backward = record_backward(output)
    for op in ("IndexBackward0", "IndexPutBackward0"):
        node, gradient = at(backward, op)
        rules = local_rules(node, gradient, backward.graph)
        assert [rule.agrees for rule in rules] == [True] * len(rules)
        assert rules


def encoder() -> Tensor:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1, batch_first=True)
    output: Tensor = nn.TransformerEncoder(layer, 1)(torch.randn(1, 3, 4))
    return output.pow(2).mean()


def classifier() -> Tensor:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 2),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2, 3),
    )
    return F.cross_entropy(model(torch.randn(2, 1, 3, 3)), torch.tensor([0, 2]))


def recurrent() -> Tensor:
    output: Tensor = nn.GRU(2, 3)(torch.randn(2, 1, 2))[0]
    return output.sum()


@pytest.mark.parametrize("network", [encoder, classifier, recurrent])
def test_all_nodes_of_a_small_network_have_rules_that_agree(network: Callable[[], Tensor]) -> None:
    torch.manual_seed(0)
    backward = record_backward(network())
    assert {node.op for node in backward.graph.nodes} <= {LEAF_OP, *RULES}
    assert all(rule.agrees is not False for rule in all_rules(backward))


def names(*letters: str) -> list[Term]:
    return [named(letter, Value((), "float64", (-2.0,), ())) for letter in letters]


def test_parentheses_stand_where_they_are_needed_and_only_there() -> None:
    a, b, c = names("a", "b", "c")
    cases = {
        (a + b) * c: "(a + b) · c",
        a * b + c: "a · b + c",
        a - (b - c): "a − (b − c)",
        a / (b * c): "a / (b · c)",
        a * b / c: "a · b / c",
        -(a + b): "−(a + b)",
        -a * b: "−a · b",
        a * -b: "a · (−b)",
        (a * b) ** 2: "(a · b)²",
        a ** (b - 1): "a^(b − 1)",
        (a**2) ** 3: "(a²)³",
        1 * a * lift(1): "a",
    }
    assert [term.symbols.text for term in cases] == list(cases.values())
    assert (a**2 * b).numbers.text == "(-2)² · (-2)"
