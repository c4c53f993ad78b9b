"""Answers in all their spellings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.values import Value
from tui.graph.predict.answers import Answer, hint, numbers_of, parse, rounded, same
from tui.graph.typed_numbers import Numbers

FINITE = st.floats(-1e6, 1e6, allow_nan=False, width=32)
SHAPES = st.sampled_from([(), (1,), (3,), (1, 1), (2, 2), (1, 3), (3, 1), (2, 1, 2)])
TENSORS = SHAPES.flatmap(
    lambda shape: st.builds(Numbers, st.just(shape), st.tuples(*[FINITE] * math.prod(shape)))
)


def nested(numbers: list[float], shape: tuple[int, ...]) -> object:
    """A tensor as nested lists, as `tolist` gives it."""
    if not shape:
        return numbers[0]
    size = len(numbers) // shape[0]
    return [nested(numbers[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


@given(TENSORS)
def test_the_record_is_accepted_in_every_spelling(exact: Numbers) -> None:
    assert exact.shape is not None
    python = str(nested(list(exact.numbers), exact.shape))
    spellings = [
        exact.text,
        python,
        f"tensor({python})",
        python.replace(", ", ","),
        python.replace(",", ""),
        python.replace("-", "−"),
    ]
    if len(exact.shape) == 2 and exact.shape[0] > 1:
        rows = [exact.numbers[i : i + exact.shape[1]] for i in
                range(0, len(exact.numbers), exact.shape[1])]  # fmt: skip
        spellings.append("; ".join(" ".join(map(str, row)) for row in rows))
    for spelling in spellings:
        assert same(parse(spelling), exact), spelling


@given(st.text(max_size=500))
def test_whatever_is_typed_is_an_answer_or_refused_in_a_line(typed: str) -> None:
    try:
        parse(typed)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("3", Numbers((), (3.0,))),
        ("1/4", Numbers((), (0.25,))),
        ("3 4.5; 6 7.5", Numbers((2, 2), (3, 4.5, 6, 7.5))),
        ("3, 4.5", Numbers((2,), (3, 4.5))),
        ("[[3], [6]]", Numbers((2, 1), (3, 6))),
        ("each 0.25", Numbers((2, 2), (0.25,) * 4)),
        ("-.5e-1", Numbers((), (-0.05,))),
        ("nan", Numbers((), (math.nan,))),
        ("true", "True"),
        ("NONE", "None"),
        ("MulBackward0", "MulBackward0"),
    ],
)
def test_what_is_typed_is_understood(typed: str, answer: Answer) -> None:
    assert same(parse(typed), answer)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("3 x", "x is no number"),
        ("[3, 4", "brackets"),
        ("[]", "brackets"),
        ("[1] [2]", "brackets"),
        ("1 2; 3", "one length"),
        ("[[1, 2], [3]]", "one length"),
        ("1/0", "divided by 0"),
        ("[" * 50, "too many"),
        ("1 " * 300, "too long"),
    ],
)
def test_what_is_no_answer_is_refused(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(typed)


@pytest.mark.parametrize(
    ("typed", "accepted"), [("0.33", True), ("0.333", True), ("0.34", False), ("0.3", False)]
)
def test_two_digits_are_enough(typed: str, accepted: bool) -> None:
    assert rounded(parse(typed), Numbers((), (1 / 3,))) is accepted


SQUARE = Numbers((2, 2), (3, 4.5, 6, 7.5))


@pytest.mark.parametrize(
    ("typed", "right", "says"),
    [
        ("-3 -4.5; -6 -7.5", SQUARE, "right up to the sign"),
        ("12 18; 24 30", SQUARE, "4 times too large"),
        ("1.5 2.25; 3 3.75", SQUARE, "2 times too small"),
        ("-6 -9; -12 -15", SQUARE, "factor and the sign: 2 times too large"),
        ("3 6; 4.5 7.5", SQUARE, "the right numbers, in other places"),
        ("3 4.5; 6 8", SQUARE, "3 of 4 numbers are right"),
        ("3 4.5 6 7.5", SQUARE, "the right numbers, but the shape is 2×2"),
        ("1 2 3", SQUARE, "the shape is 2×2"),
        ("0.25", Numbers((2, 2), (0.25,) * 4), "the right number, but the shape is 2×2"),
        ("1 2", Numbers((), (3.0,)), "it is one number"),
        ("None", SQUARE, "several numbers"),
        ("None", Numbers((), (3.0,)), "it is a number"),
        ("3", "None", "not a number"),
        ("True", "False", "another word"),
        ("7", Numbers((), (0.0,)), "once more"),
    ],
)
def test_other_answers_get_a_hint_of_their_kind(typed: str, right: Answer, says: str) -> None:
    assert says in hint(parse(typed), right)


def test_only_whole_real_tensors_that_are_small_can_be_answered() -> None:
    assert numbers_of(Value((2,), "int64", (1, 2), (2,)), 4) == Numbers((2,), (1.0, 2.0))
    assert numbers_of(Value((2,), "float32", (1.0,), (1,)), 4) is None
    assert numbers_of(Value((), "complex64", (1j,), ()), 4) is None
    assert numbers_of(Value((3,), "float32", (1.0, 2.0, 3.0), (3,)), 2) is None
    assert numbers_of(None, 4) is None
