from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.breakpoints import Breakpoint, BreakpointError, BreakpointWatch, parse
from engine.training.closed_form import theory
from engine.training.problem import Problem, Step
from engine.training.theory import Theory


def step(iteration: int = 0, loss: float = 1.0, w: float = 0.0, grad: float = 1.0) -> Step:
    return Step(iteration, loss, (w,), 0.8, (grad,), 0.0)


def known() -> Theory:
    return theory(Problem())


def unasked() -> Theory:
    raise AssertionError("theory is not needed here")


@pytest.mark.parametrize(
    ("code", "text", "holding", "other"),
    [
        ("i=200", "iteration 200", step(200), step(201)),
        ("loss<0.0001", "loss below 0.0001", step(loss=9e-5), step(loss=1e-4)),
        ("loss>10", "loss above 10", step(loss=10.5), step(loss=10)),
        ("grad<0.001", "|gradient| below 0.001", step(grad=-1e-4), step(grad=1)),
        ("grad>100", "|gradient| above 100", step(grad=-101), step(grad=100)),
    ],
)
def test_conditions(code: str, text: str, holding: Step, other: Step) -> None:
    point = parse(code)
    assert point.code == code
    assert point.text == text
    assert point.holds(holding, None, unasked)
    assert not point.holds(other, None, unasked)


def test_the_gradient_is_measured_over_all_parameters() -> None:
    both = Step(0, 1.0, (0.0, 0.0), 0.0, (2.0, 3.0), 6.0)
    assert parse("grad>6.9").holds(both, None, unasked)
    assert not parse("grad>7").holds(both, None, unasked)


def test_distance_to_the_optimum() -> None:
    assert parse("dist<0.01").holds(step(w=2.995), None, known)
    assert not parse("dist<0.01").holds(step(w=2.985), None, known)


def test_relative_improvement_needs_two_losses() -> None:
    gain = parse("gain<1e-2")
    assert not gain.holds(step(loss=1.0), None, unasked)
    assert not gain.holds(step(1, loss=0.98), step(loss=1.0), unasked)
    assert gain.holds(step(1, loss=0.995), step(loss=1.0), unasked)
    assert gain.holds(step(1, loss=2.0), step(loss=1.0), unasked), "growing is no improvement"
    assert gain.holds(step(1, loss=0.0), step(loss=0.0), unasked)


@given(
    st.builds(
        Breakpoint,
        st.sampled_from(["loss<", "loss>", "grad<", "grad>", "dist<", "gain<"]),
        st.floats(0, 1e300),
    )
    | st.builds(Breakpoint, st.just("i="), st.integers(0, 10**9).map(float))
)
def test_the_code_of_a_breakpoint_means_the_breakpoint(point: Breakpoint) -> None:
    assert parse(point.code) == point


def test_spaces_do_not_matter() -> None:
    assert parse(" loss < 1e-4 ") == Breakpoint("loss<", 1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "speed>3",
            "a breakpoint is one of i=…, loss<…, loss>…, grad<…, grad>…, dist<…, gain<…, "
            "not 'speed>3'",
        ),
        ("", "a breakpoint is one of"),
        ("dist>1", "a breakpoint is one of"),
        ("loss<", "a number must follow loss< in 'loss<'"),
        ("loss<=3", "a number must follow loss< in 'loss<=3'"),
        ("i=1.5", "i= needs a whole number from 0, not 'i=1.5'"),
        ("i=-1", "i= needs a whole number from 0, not 'i=-1'"),
        ("grad>nan", "a finite number from 0 must follow grad> in 'grad>nan'"),
        ("grad<-1", "a finite number from 0 must follow grad< in 'grad<-1'"),
    ],
)
def test_what_is_no_breakpoint_says_so_in_one_line(text: str, message: str) -> None:
    with pytest.raises(BreakpointError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


def test_a_watch_reports_a_condition_when_it_becomes_true() -> None:
    below = parse("loss<1")
    watch = BreakpointWatch([below], unasked)
    losses = [2.0, 0.5, 0.4, 2.0, 0.5]
    hits = [watch.hit(step(i, loss)) for i, loss in enumerate(losses)]
    assert hits == [None, below, None, None, below]


def test_a_watch_goes_on_from_where_a_breakpoint_stopped_it() -> None:
    below, gain = parse("loss<1"), parse("gain<0.1")
    watch = BreakpointWatch([below, gain], unasked, [step(0, loss=0.5)], stopped_by=gain)
    assert watch.hit(step(1, loss=0.49)) is None
    assert watch.hit(step(2, loss=0.3)) is None
    assert watch.hit(step(3, loss=0.29)) is gain


def test_a_watch_knows_from_a_thinned_history_what_holds() -> None:
    """10 % in 8 iterations is less than 2 % in each."""
    steps = [step(0, loss=1.0), step(8, loss=0.9)]
    assert BreakpointWatch([parse("gain<0.02")], unasked, steps).hit(step(9, loss=0.899)) is None
    assert (
        BreakpointWatch([parse("gain<0.01")], unasked, steps).hit(step(9, loss=0.899)) is not None
    )


def test_the_first_of_several_is_named_and_disabled_ones_are_not_watched() -> None:
    off = Breakpoint("loss<", 1.0, enabled=False)
    watch = BreakpointWatch([off, parse("i=1"), parse("loss<0.9")], unasked)
    assert watch.hit(step(0, loss=0.95)) is None
    assert watch.hit(step(1, loss=0.5)) == parse("i=1")
