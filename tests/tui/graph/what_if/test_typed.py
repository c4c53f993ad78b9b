from __future__ import annotations

import pytest

from tui.graph.what_if.typed import aim, gradient_change


@pytest.mark.parametrize(
    ("text", "shape", "kind", "numbers"),
    [
        ("*2", (2, 2), "scale", (2.0,)),
        (" × -.5 ", (2, 2), "scale", (-0.5,)),
        ("x1e3", (), "scale", (1000.0,)),
        ("0", (2, 2), "zero", ()),
        ("0.0", (), "zero", ()),
        ("[[1, 0], [0, 1]]", (2, 2), "replace", (1.0, 0.0, 0.0, 1.0)),
        ("[[1 0] [0 1]]", (2, 2), "replace", (1.0, 0.0, 0.0, 1.0)),
        ("(3., -4.)", (2,), "replace", (3.0, -4.0)),
        ("[0]", (1,), "replace", (0.0,)),
        ("7", (), "replace", (7.0,)),
        ("1 0; 0 1", (2, 2), "replace", (1.0, 0.0, 0.0, 1.0)),
        ("each .5", (2, 2), "replace", (0.5, 0.5, 0.5, 0.5)),
        ("1/4", (), "replace", (0.25,)),
    ],
)
def test_a_factor_zero_or_numbers(
    text: str, shape: tuple[int, ...], kind: str, numbers: tuple[float, ...]
) -> None:
    assert gradient_change(text, shape) == (kind, numbers)


@pytest.mark.parametrize(
    ("text", "shape", "reason"),
    [
        ("", (2,), "scales, 0 zeroes"),
        ("2", (2, 2), r"\*2 scales; all 2×2 numbers replace"),
        ("[1, 2]", (2, 2), "this is 2, the gradient is 2×2"),
        ("[1]", (), "this is 1, the gradient is scalar"),
        ("[[1, 2], [3]]", (2, 2), "all rows must be of one length"),
        ("[1, [2]]", (2,), "all rows must be of one length"),
        ("[1, 2", (2,), "brackets do not fit"),
        ("1, 2]", (2,), "is no number"),
        ("[1, 2] [3]", (2,), "brackets do not fit"),
        ("[1, __import__('os')]", (2,), "is no number"),
        ("*1e999", (), "too large"),
        ("[" * 100_000, (2,), "too long"),
        ("[" * 20 + "1" + "]" * 20, (1,), "too many brackets"),
        ("[nan, inf]", (2,), "finite"),
        ("\x1b[2J", (2,), "is no number"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    text: str, shape: tuple[int, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as error:
        gradient_change(text, shape)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "element", "step"),
    [
        ("[1, 0] 0.5", (1, 0), 0.5),
        ("[1 1]", (1, 1), 0.25),
        ("1e-3", (0, 0), 1e-3),
        ("-0.1", (0, 0), 0.1),
    ],
)
def test_an_element_or_a_step_or_both(text: str, element: tuple[int, ...], step: float) -> None:
    assert aim(text, (2, 2), (0, 0), 0.25) == (element, step)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an element"),
        ("x", "an element"),
        ("[0]", "2 indices: the leaf is 2×2"),
        ("[0, 2]", "no such element"),
        ("[0, 99999999999999999999]", "no such element"),
        ("0", "ε must not be 0"),
        ("1e999", "too large"),
    ],
)
def test_an_element_that_is_not_there_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        aim(text, (2, 2), (0, 0), 0.25)


def test_of_a_scalar_the_element_has_no_index() -> None:
    assert aim("[] 2", (), (), 0.25) == ((), 2.0)
